import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, noteEvents, pageWith, sendForm } from '../support/snippet-page.ts'

let front: SnippetFront
let origin: string
let counted = 0
const newEmail = () => `queued-${++counted}@example.com`
const hourMs = 3_600_000

beforeAll(async () => {
  front = await startSnippetFront()
})
afterAll(() => front?.stop())
beforeEach(async () => {
  front.mode = 'open'
  front.arrived.length = 0
  origin = await servePages({ '/': { html: pageWith(front, '') }, '/second': { html: pageWith(front, '') } })
})

it('what is sent offline goes out when the browser is online again, once', async (context) => {
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(origin)
  await page.context().setOffline(true)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'queued')
  expect(await kept(page)).toHaveLength(1)
  // Pressed again, it is still the same fill-in.
  await page.getByRole('button').click()
  await page.context().setOffline(false)
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED' }])
  expect(await kept(page)).toEqual([])
  expect(await page.getByLabel('E-mail').inputValue()).toBe('')
  const types = (await events()).map(({ type }) => type)
  expect(types.filter((type) => type !== 'rex:queued')).toEqual(['rex:submit', 'rex:success'])
  expect((await events()).find(({ type }) => type === 'rex:queued')).toMatchObject({ detail: { email } })
})

it('what a page could not send goes out with the next page, under the same key', async (context) => {
  const page = await openPage(context)
  await page.goto(origin)
  front.mode = 'answers lost'
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'queued')
  front.mode = 'open'
  await page.goto(`${origin}/second`)
  await nothingKept(page)
  const [lost, again] = front.arrived
  expect(again).toMatchObject({ body: lost?.body, status: 201 })
  expect(await capturesOf(front, email)).toHaveLength(1)
})

it('what a page left behind in flight goes out with the next one, under the same key', async (context) => {
  const page = await openPage(context)
  await page.goto(origin)
  front.mode = 'silent'
  const email = newEmail()
  await sendForm(page, email)
  await eventually(
    () => front.arrived.length === 1,
    () => 'nothing has come',
  )
  await page.goto(`${origin}/second`)
  front.mode = 'open'
  await page.reload()
  await nothingKept(page)
  expect(await capturesOf(front, email)).toHaveLength(1)
  expect(new Set(front.arrived.map(({ body }) => body)).size).toBe(1)
})

it.for(['away', 408, 429, 500, 503] as const)(
  'a Rex that is %s is tried again while the page lives',
  async (mode, context) => {
    const page = await openPage(context)
    await page.clock.install()
    await page.goto(origin)
    front.mode = mode
    const email = newEmail()
    await sendForm(page, email)
    await formIs(page, 'queued')
    front.mode = 'open'
    await page.clock.runFor(4900)
    expect(await capturesOf(front, email)).toEqual([])
    await page.clock.runFor(100)
    await formIs(page, 'sent')
    expect(await capturesOf(front, email)).toHaveLength(1)
  },
)

it('two tabs that send the same are one submission', async (context) => {
  const page = await openPage(context)
  await page.goto(origin)
  const other = await page.context().newPage()
  await other.goto(origin)
  await page.context().setOffline(true)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'queued')
  await page.context().setOffline(false)
  await nothingKept(page)
  await nothingKept(other)
  await eventually(
    async () => (await capturesOf(front, email)).length > 0,
    () => JSON.stringify(front.arrived),
  )
  expect(new Set(front.arrived.map(({ body }) => body)).size).toBe(1)
  expect(await capturesOf(front, email)).toHaveLength(1)
})

it('11.21: what fails for a reason that may pass is kept for its seven days, and tried again', async (context) => {
  const slug = `picky-${++counted}`
  const made = await createApiClient(front.app).graphql(
    `mutation { createWorkspace(input: { slug: "${slug}", name: "Picky" }) { ... on CreateWorkspaceSuccess { token } } }`,
  )
  const { token: key } = (made as { data: { createWorkspace: { token: string } } }).data.createWorkspace
  const client = createApiClient({ url: front.app.url, key })
  await client.graphql(
    'mutation { updateWorkspace(input: { allowedOrigins: ["https://www.example.com"] }) { __typename } }',
  )
  const url = front.url.replace('127.0.0.1', `${slug}.localhost`)
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.clock.install()
  await page.goto(await servePages({ '/': { html: pageWith({ url }, '') } }))
  await sendForm(page, newEmail())
  await formIs(page, 'queued')
  await eventually(
    async () => {
      await page.clock.runFor(hourMs)
      return front.arrived.length > 20
    },
    () => `${front.arrived.length} tries`,
    30_000,
  )
  // The latest may be on its way.
  const statuses = front.arrived.flatMap(({ status }) => (status === undefined ? [] : [status]))
  expect(new Set(statuses)).toEqual(new Set([403]))
  expect(await kept(page)).toHaveLength(1)
  expect(await page.locator('form').getAttribute('data-rex-state')).toBe('queued')
  expect((await events()).map(({ type }) => type)).not.toContain('rex:error')
  expect(await client.graphql('{ submissions { nodes { id } } }')).toEqual({
    data: { submissions: { nodes: [] } },
    extensions: expect.anything(),
  })
  await page.clock.fastForward(7 * 24 * hourMs)
  await page.reload()
  await nothingKept(page)
})

it('at most twenty are kept, the newest', async (context) => {
  const page = await openPage(context)
  await page.goto(origin)
  front.mode = 'away'
  for (let nth = 1; nth <= 22; nth++) {
    await sendForm(page, `nth-${nth}@example.com`)
    await eventually(
      async () => (await kept(page)).some((text) => text.includes(`nth-${nth}@`)),
      async () => JSON.stringify(await kept(page)),
    )
  }
  const emails = (await kept(page)).map((text) => JSON.parse(text).lead.email).sort()
  expect(emails).toHaveLength(20)
  expect(emails).not.toContain('nth-2@example.com')
})

it('what is older than a week is given up, and what is not ours is left alone', async (context) => {
  const page = await openPage(context)
  await page.goto(origin)
  const entry = JSON.stringify({ url: `${front.url}/capture`, lead: { email: newEmail(), metadata: {} }, tries: 1 })
  const old = Date.now() - 7 * 24 * hourMs - 1000
  await page.evaluate(`Object.assign(localStorage, { 'rex:${old}:k': ${JSON.stringify(entry)}, other: 'x' })`)
  await page.evaluate(`Object.assign(localStorage, { 'rex:${Date.now()}:k': 'not JSON' })`)
  await page.reload()
  await nothingKept(page)
  expect(front.arrived).toEqual([])
  expect(await page.evaluate('localStorage.other')).toBe('x')
})

it('without fetch it is a beacon with the same body', async (context) => {
  const page = await openPage(context)
  await page.addInitScript('delete window.fetch')
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  await eventually(
    async () => (await capturesOf(front, email)).length === 1,
    () => JSON.stringify(front.arrived),
  )
  expect(front.arrived).toMatchObject([{ type: 'text/plain;charset=UTF-8', status: 201 }])
  expect(JSON.parse(front.arrived[0]!.body)).toMatchObject({ email, _idempotency_key: expect.any(String) })
})

it('where the browser denies storage the form is sent all the same', async (context) => {
  const inner = await servePages({ '/': { html: pageWith(front, '') } })
  const outer = `<!doctype html><iframe sandbox="allow-scripts allow-forms" src="${inner}"></iframe>`
  const page = await openPage(context)
  await page.goto(await servePages({ '/': { html: outer } }))
  const frame = page.frameLocator('iframe')
  front.mode = 'away'
  const email = newEmail()
  await frame.getByLabel('E-mail').fill(email)
  await frame.getByRole('button').click()
  await frame.locator('form[data-rex-state=queued]').waitFor()
  front.mode = 'open'
  await frame.getByRole('button').click()
  await frame.locator('form[data-rex-state=sent]').waitFor()
  expect(await capturesOf(front, email)).toHaveLength(1)
})

it.for(['null', '{}', 'x'])(
  'where another script keeps %s in the place of the touches it is sent all the same',
  async (text, context) => {
    const page = await openPage(context)
    await page.goto(origin)
    await page.evaluate(`sessionStorage['rex:touches'] = '${text}'`)
    await page.reload()
    const email = newEmail()
    await sendForm(page, email)
    await formIs(page, 'sent')
    expect(await capturesOf(front, email)).toMatchObject([{ fields: { metadata: { landing_page: `${origin}/` } } }])
  },
)

function kept(page: Page): Promise<string[]> {
  return page.evaluate(
    `Object.keys(localStorage).filter((name) => name.startsWith('rex:')).map((name) => localStorage[name])`,
  )
}

async function nothingKept(page: Page): Promise<void> {
  await eventually(
    async () => (await kept(page)).length === 0,
    async () => JSON.stringify(await kept(page)),
  )
}
