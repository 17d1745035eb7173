import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, noteEvents, pageWith, sendForm } from '../support/snippet-page.ts'

let front: SnippetFront
let counted = 0
const newEmail = () => `form-${++counted}@example.com`

beforeAll(async () => {
  front = await startSnippetFront()
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.arrived.length = 0
})

it('what Rex refuses is shown at its fields until something is changed, and then sent', async (context) => {
  const fields = `<input name="first_name" value="${'x'.repeat(201)}"><input name="company" value="${'x'.repeat(5001)}">
    <input name="metadata[plan]" value="${'x'.repeat(5001)}">`
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(await servePages({ '/': { html: pageWith(front, fields) } }))
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'failed')
  const messages = () =>
    page.evaluate(`[...document.querySelectorAll('input')].map((input) => input.validationMessage)`)
  const [first, company, plan] = [200, 5000, 5000].map((length) => `at most ${length} characters are allowed`)
  expect(await messages()).toEqual(['', first, company, plan, ''])
  expect(await page.evaluate('document.activeElement.name')).toBe('first_name')
  expect((await events()).at(-1)).toMatchObject({
    type: 'rex:error',
    detail: { code: 'invalid_request', fields: expect.arrayContaining([{ path: 'first_name', message: first }]) },
  })
  for (const name of ['first_name', 'company', 'metadata[plan]']) await page.locator(`[name="${name}"]`).fill('short')
  expect(await messages()).toEqual(['', '', '', '', ''])
  await page.getByRole('button').click()
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toHaveLength(1)
})

it('a form that is added later is sent, and has its trap', async (context) => {
  const origin = await servePages({
    '/': { html: `<!doctype html><script src="${front.url}/capture.js" defer></script>` },
  })
  const page = await openPage(context)
  await page.goto(origin)
  await page.evaluate(`document.body.innerHTML =
    '<form data-rex-form><label>E-mail <input name="email"></label><button>Send</button></form>'`)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(JSON.parse(front.arrived[0]!.body)).toHaveProperty('_gotcha', '')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED' }])
})

it('a form that is not marked is left to the page, and so is one that the page sends itself', async (context) => {
  const origin = await servePages({
    '/': { html: pageWith(front, '', 'action="/own"') },
    '/own': { html: '<!doctype html><h1>Posted</h1>' },
    '/handled': {
      html: `${pageWith(front, '')}<script>document.forms[0].onsubmit = (event) => event.preventDefault()</script>`,
    },
  })
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(origin)
  await sendForm(page, newEmail())
  await page.getByRole('heading', { name: 'Posted' }).waitFor()
  await page.goto(`${origin}/handled`)
  await sendForm(page, newEmail())
  expect(await page.locator('form').getAttribute('data-rex-state')).toBeNull()
  expect([await events(), front.arrived]).toEqual([[], []])
})

it('two tags bind a form once', async (context) => {
  const html = `${pageWith(front, '')}<script src="${front.url}/capture.js?again" defer></script>`
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(await servePages({ '/': { html } }))
  await sendForm(page, newEmail())
  await formIs(page, 'sent')
  expect((await events()).map(({ type }) => type)).toEqual(['rex:submit', 'rex:success'])
  expect(await page.locator('[name=_gotcha]').count()).toBe(1)
  // What was kept is tried once when a page opens, too, and not by each tag.
  const lead = { email: newEmail(), metadata: {} }
  const entry = JSON.stringify({ url: `${front.url}/capture`, lead, tries: 1 })
  await page.evaluate(`localStorage['rex:${Date.now()}:k'] = ${JSON.stringify(entry)}`)
  await page.reload()
  await sendForm(page, newEmail())
  await formIs(page, 'sent')
  await page.waitForFunction('localStorage.length === 0')
  expect(front.arrived.filter(({ body }) => body.includes(lead.email))).toHaveLength(1)
})

it('a listener may change what is sent, or stop it', async (context) => {
  const script = `<script>addEventListener('rex:submit', (event) => {
    if (event.detail.email.startsWith('stop')) event.preventDefault()
    event.detail.metadata.plan = 'pro'
  })</script>`
  const page = await openPage(context)
  await page.goto(await servePages({ '/': { html: pageWith(front, '') + script } }))
  await sendForm(page, 'stop@example.com')
  expect(await page.locator('form').getAttribute('data-rex-state')).toBeNull()
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(front.arrived).toHaveLength(1)
  expect(await capturesOf(front, email)).toMatchObject([{ fields: { metadata: { plan: 'pro' } } }])
})

it('the visitor goes on to where the form says, unless a listener keeps the page or it is no address', async (context) => {
  const target = await servePages({})
  const keep = '<script>addEventListener("rex:success", (event) => event.preventDefault())</script>'
  const redirect = (url: string) => `<input type="hidden" name="_redirect" value="${url}">`
  const origin = await servePages({
    '/': { html: pageWith(front, redirect(`${target}/thanks`)) },
    '/kept': { html: pageWith(front, redirect(`${target}/thanks`)) + keep },
    '/script': { html: pageWith(front, redirect('javascript:document.title=1')) },
  })
  const page = await openPage(context)
  for (const path of ['/kept', '/script']) {
    await page.goto(origin + path)
    await sendForm(page, newEmail())
    await formIs(page, 'sent')
    expect(page.url()).toBe(origin + path)
    expect(await page.title()).toBe('A landing page')
  }
  await page.goto(origin)
  await sendForm(page, newEmail())
  await page.waitForURL(`${target}/thanks`)
})

it('what is typed while it is being sent is not taken away', async (context) => {
  const page = await openPage(context)
  await page.goto(await servePages({ '/': { html: pageWith(front, '') } }))
  const [first, second] = [newEmail(), newEmail()]
  await page.context().setOffline(true)
  await sendForm(page, first)
  await formIs(page, 'queued')
  await page.getByLabel('E-mail').fill(second)
  await page.context().setOffline(false)
  await formIs(page, 'sent')
  expect(await page.getByLabel('E-mail').inputValue()).toBe(second)
  await page.getByRole('button').click()
  await page.locator('form[data-rex-state=sent]').waitFor()
  await page.waitForFunction('document.querySelector("[name=email]").value === ""')
  expect([await capturesOf(front, first), await capturesOf(front, second)]).toMatchObject([[{}], [{}]])
})

it('the form of docs/capture.md works as it stands, but for the address', async (context) => {
  const capturePage = readFileSync(new URL('../../docs/capture.md', import.meta.url), 'utf8')
  const blocks = [...capturePage.matchAll(/^```html\n(.*?)^```$/gms)].map(([, text = '']) => text)
  expect(blocks.map((block) => block.split('http://127.0.0.1:4000').length)).toEqual([3])
  const page = await openPage(context)
  const html = `<!doctype html>${blocks[0]!.replaceAll('http://127.0.0.1:4000', front.url)}`
  await page.goto(await servePages({ '/': { html } }))
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED' }])
})

it('examples/landing-page works as it stands, but for the address', async (context) => {
  const file = readFileSync(new URL('../../examples/landing-page/index.html', import.meta.url), 'utf8')
  expect(file.split('http://127.0.0.1:4000')).toHaveLength(3)
  const page = await openPage(context)
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  const html = file.replaceAll('http://127.0.0.1:4000', front.url)
  await page.goto(`${await servePages({ '/': { html } })}/?utm_source=newsletter`)
  const email = newEmail()
  await page.getByLabel('First name').fill('Jane')
  await page.getByLabel('Company').fill('Acme')
  await sendForm(page, email)
  await page.getByText('Thank you.').waitFor()
  expect(said.filter((text) => text.startsWith('sent cont_'))).toHaveLength(1)
  const fields = { email, first_name: 'Jane', company: 'Acme', source: 'landing-page' }
  expect(await capturesOf(front, email)).toMatchObject([{ fields, contact: { lastTouch: { source: 'newsletter' } } }])
})
