import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { send } from '../support/http-client.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, pageWith, sendForm } from '../support/snippet-page.ts'

const tracing = `<script>
  const original = window.fetch
  window.fetch = (input, init = {}) => {
    const headers = new Headers(init.headers)
    for (const name of ['sentry-trace', 'baggage', 'traceparent', 'x-requested-with']) headers.set(name, 'a-1')
    return original(input, { ...init, headers })
  }
</script>`

let front: SnippetFront

beforeAll(async () => {
  front = await startSnippetFront()
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.mode = 'open'
  front.arrived.length = 0
})

it('11.21: the lead of a page whose tracing adds headers to each fetch arrives', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(front, '').replace('<script', `${tracing}<script`) } })
  const page = await openPage(context)
  await page.goto(origin)
  const email = 'traced@example.com'
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(front.arrived.map(({ status }) => status)).toContain(204)
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED', fields: { email } }])
})

it('11.23: a plain form in an iframe of another origin shows the pages of thanks and of errors', async (context) => {
  const form = `<!doctype html><title>A form</title><form method="post" action="${front.url}/capture">
    <label>E-mail <input name="email"></label><button>Send</button></form>`
  const framed = await servePages({ '/': { html: form } })
  const outside = await servePages({
    '/': { html: `<!doctype html><iframe src="${framed}/" width="600" height="400">` },
  })
  const page = await openPage(context)
  await page.goto(outside)
  const frame = page.frameLocator('iframe')
  for (const [email, heading] of [
    ['no e-mail', 'This was not sent'],
    ['framed@example.com', 'Thank you'],
  ] as const) {
    await page.goto(outside)
    await frame.getByLabel('E-mail').fill(email)
    await frame.getByRole('button').click()
    await frame.getByRole('heading', { name: heading }).waitFor()
  }
  await eventually(
    async () => (await capturesOf(front, 'framed@example.com')).length === 1,
    () => 'no capture',
  )
})

it('11.23: other pages stay out of frames', async () => {
  for (const path of ['/', '/docs'])
    expect((await send(front.app.url, { path })).headers['content-security-policy']).toContain("frame-ancestors 'none'")
  const accept = 'text/html'
  const graphiql = await send(front.app.url, { path: '/graphql', headers: { accept } })
  expect(graphiql.headers['x-frame-options']).toBe('DENY')
})
