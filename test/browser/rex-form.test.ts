import type { Page } from 'playwright-core'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterAll, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest'
import { openPage } from '../support/browser.ts'
import { bundleOf } from '../support/bundle.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, sendForm } from '../support/snippet-page.ts'

const { RexForm } = await import(new URL('../../dist/client/react/rex-form.js', import.meta.url).href)
let front: SnippetFront
let script: string

beforeAll(async () => {
  front = await startSnippetFront()
  script = bundleOf(`
    import { createElement } from 'react'
    import { hydrateRoot } from 'react-dom/client'
    import { RexForm } from './dist/client/react/rex-form.js'
    const { url, fields } = globalThis.form
    hydrateRoot(document.getElementById('root'), createElement(RexForm, { url }, ...fields.map((field, key) =>
      createElement(field.type ?? 'input', { key, ...field }, field.children))))`)
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.mode = 'open'
  front.arrived.length = 0
})

const fields = [
  { name: 'email', 'aria-label': 'E-mail' },
  { name: 'company', 'aria-label': 'Company' },
  { type: 'textarea', name: 'message', 'aria-label': 'Message' },
  { type: 'button', children: 'Send' },
]

it('sends a lead with the campaign of the page, once, and says so', async (context) => {
  const page = await openForm(context)
  await page.goto(`${new URL(page.url()).origin}/?utm_source=google&utm_campaign=spring`)
  await page.getByLabel('Company').fill('Acme')
  await sendForm(page, 'react@example.com')
  await page.getByRole('status').waitFor()
  await formIs(page, 'sent')
  const metadata = { utm_source: 'google', utm_campaign: 'spring', landing_page: '/', company: 'Acme' }
  expect(await capturesOf(front, 'react@example.com')).toMatchObject([{ status: 'ACCEPTED', contact: { metadata } }])
  expect(await page.getByLabel('E-mail').inputValue()).toBe('')
})

it('shows the message of a field as an alert, and sends the lead once it is right', async (context) => {
  const page = await openForm(context)
  await sendForm(page, 'no e-mail')
  expect(await page.getByRole('alert').textContent()).toContain('email: ')
  await formIs(page, 'failed')
  await sendForm(page, 'right@example.com')
  await formIs(page, 'sent')
  expect(await page.getByRole('alert').count()).toBe(0)
})

it('sends a lead whose answer was lost again with the same key: it is one submission', async (context) => {
  const page = await openForm(context)
  front.mode = 'answers lost'
  // The form stays one of scripts only while the browser knows that it is offline.
  await page.evaluate(`Object.defineProperty(navigator, 'onLine', { value: false })`)
  await sendForm(page, 'twice@example.com')
  await formIs(page, 'failed')
  front.mode = 'open'
  await sendForm(page, 'twice@example.com')
  await formIs(page, 'sent')
  expect(front.arrived.length).toBeGreaterThan(1)
  expect(await capturesOf(front, 'twice@example.com')).toHaveLength(1)
})

it('has the key of the lost answer when the browser posts it: it is one submission', async (context) => {
  const page = await openForm(context)
  await page.goto(`${new URL(page.url()).origin}/?utm_source=google`)
  await page.getByLabel('Message').fill('Two\nlines & more: Grüße')
  front.mode = 'answers lost'
  await sendForm(page, 'posted@example.com')
  await formIs(page, 'failed')
  front.mode = 'open'
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(front.arrived.at(-1)).toMatchObject({ type: 'application/x-www-form-urlencoded', status: 200 })
  expect(new Set(front.arrived.map(({ body }) => body)).size).toBe(1)
  const metadata = { utm_source: 'google', message: 'Two\r\nlines & more: Grüße' }
  expect(await capturesOf(front, 'posted@example.com')).toMatchObject([{ contact: { metadata } }])
})

it('has another key when it was changed after the lost answer', async (context) => {
  const page = await openForm(context)
  front.mode = 'answers lost'
  await sendForm(page, 'changed@example.com')
  await formIs(page, 'failed')
  front.mode = 'open'
  await page.getByLabel('Company').fill('Acme')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await capturesOf(front, 'changed@example.com')).toHaveLength(2)
})

it('is posted as any other form when scripts may not reach Rex', async (context) => {
  const policy = { 'content-security-policy': "connect-src 'none'" }
  const page = await openForm(context, policy)
  await sendForm(page, 'policy@example.com')
  await formIs(page, 'failed')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await capturesOf(front, 'policy@example.com')).toHaveLength(1)
})

it('is posted as any other form without JavaScript, from what the server renders', async (context) => {
  const page = await openForm(context, {}, { javaScriptEnabled: false })
  await sendForm(page, 'plain@example.com')
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(await capturesOf(front, 'plain@example.com')).toMatchObject([{ status: 'ACCEPTED' }])
})

it('has a field for programs that people cannot see, and what fills it in is spam', async (context) => {
  const page = await openForm(context)
  expect(await page.getByRole('textbox').count()).toBe(3)
  await page.evaluate(`document.querySelector('[name=_gotcha]').value = 'filled'`)
  await sendForm(page, 'robot@example.com')
  await formIs(page, 'sent')
  expect(await capturesOf(front, 'robot@example.com')).toMatchObject([{ status: 'SPAM' }])
})

async function openForm(
  context: TestContext,
  headers: Record<string, string> = {},
  options: { javaScriptEnabled?: boolean } = {},
): Promise<Page> {
  const url = `${front.url}/capture`
  const elements = fields.map(({ type = 'input', ...field }, key) => createElement(type, { key, ...field }))
  const form = renderToString(createElement(RexForm, { url }, ...elements))
  const html = `<!doctype html><title>React</title><div id="root">${form}</div>
    <script>form = ${JSON.stringify({ url, fields })}</script><script>${script.replaceAll('</script', '<\\/script')}</script>`
  const origin = await servePages({ '/': { html, headers } })
  const page = await openPage(context, options)
  await page.goto(origin)
  return page
}
