import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { openPage } from '../support/browser.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, noteEvents, sendForm } from '../support/snippet-page.ts'

let front: SnippetFront
let counted = 0
const newEmail = () => `prover-${++counted}@example.com`

beforeAll(async () => {
  front = await startSnippetFront()
  await createApiClient(front.app).graphql('mutation { updateWorkspace(input: { proofOfWork: true }) { __typename } }')
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.mode = 'open'
  front.tokenAgeMs = 60_000
  front.arrived.length = 0
})

const widget = (attributes = 'name="_altcha"') =>
  `<altcha-widget challenge="${front.url}/capture/challenge" auto="onsubmit" ${attributes}></altcha-widget>`
const pageWith = (inForm: string, snippet = `<script src="${front.url}/capture.js" defer></script>`) =>
  `<!doctype html><title>A landing page</title>${snippet}
<script src="${front.url}/altcha.js" type="module"></script>
<form action="${front.url}/capture" method="post" data-rex-form>
  <label>E-mail <input name="email" type="email" required></label>${inForm}
  <button>Send</button>
</form>`

async function open(context: TestContext, html: string, headers = {}): Promise<{ page: Page; origin: string }> {
  const origin = await servePages({ '/': { html, headers } })
  const page = await openPage(context)
  return { page, origin }
}

async function verdictsOn(email: string): Promise<unknown[]> {
  return (await capturesOf(front, email)).map(({ status, spamReasons, fields }) => [status, spamReasons, fields])
}

it('the form of docs/operating.md is proven when it is sent, one after the other', async (context) => {
  const operating = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8')
  const [, form = ''] = /```html\n([\s\S]*?)```/.exec(operating) ?? []
  const { page, origin } = await open(context, form.replaceAll('http://127.0.0.1:4000', front.url))
  const events = await noteEvents(page)
  await page.goto(origin)
  for (const email of [newEmail(), newEmail()]) {
    await sendForm(page, email)
    await formIs(page, 'sent')
    const metadata = { landing_page: `${origin}/` }
    await expect.poll(() => verdictsOn(email)).toEqual([['ACCEPTED', [], { email, metadata }]])
    await page.evaluate(`document.querySelector('form').removeAttribute('data-rex-state')`)
  }
  expect((await events()).map(({ type }) => type)).toEqual([...sentOnce, ...sentOnce])
})

const sentOnce = ['rex:submit', 'rex:success']

it('a double click is one submission', async (context) => {
  const { page, origin } = await open(context, pageWith(widget()))
  await page.goto(origin)
  const email = newEmail()
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Send' }).dblclick()
  await formIs(page, 'sent')
  expect(await verdictsOn(email)).toMatchObject([['ACCEPTED', [], { email }]])
  expect(front.arrived).toHaveLength(1)
})

it('a plain form is posted with its proof, though the widget has no name', async (context) => {
  const { page, origin } = await open(context, pageWith(widget(''), ''))
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await verdictsOn(email)).toEqual([['ACCEPTED', [], { email }]])
})

it('a strict CSP has to let it have its worker and its style', async (context) => {
  const policy = `default-src 'none'; script-src ${front.url}; connect-src ${front.url}; worker-src blob:; style-src 'nonce-n1'`
  const html = `<meta name="csp-nonce" content="n1">${pageWith(widget())}`
  const { page, origin } = await open(context, html, { 'content-security-policy': policy })
  const refused: string[] = []
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()))
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await verdictsOn(email)).toMatchObject([['ACCEPTED', [], { email }]])
  expect(refused.filter((text) => !text.includes('favicon.ico'))).toEqual([])
})

it('without JavaScript it is posted all the same, and held', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(widget()) } })
  const page = await openPage(context, { javaScriptEnabled: false })
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await verdictsOn(email)).toEqual([['HELD', ['proof_missing'], { email }]])
})

it('when no challenge can be had, pressing again sends it without a proof', async (context) => {
  const { page, origin } = await open(context, pageWith(widget()))
  await page.route('**/capture/challenge', (route) => route.abort())
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await page.locator('altcha-widget [data-state="error"]').first().waitFor()
  await page.getByRole('button', { name: 'Send' }).click()
  await formIs(page, 'sent')
  const metadata = { landing_page: `${origin}/` }
  expect(await verdictsOn(email)).toEqual([['HELD', ['proof_missing'], { email, metadata }]])
})
