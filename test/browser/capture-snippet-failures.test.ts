import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, noteEvents, pageWith, sendForm } from '../support/snippet-page.ts'

let front: SnippetFront
let counted = 0
const newEmail = () => `failure-${++counted}@example.com`

beforeAll(async () => {
  front = await startSnippetFront()
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.mode = 'open'
  front.arrived.length = 0
})

const open = async (page: Page, html: string) => page.goto(await servePages({ '/': { html } }))
const alertOf = (page: Page) => page.getByRole('alert').textContent()

const unreachable = [
  ['a hidden field', '<input type="hidden" name="token" value="VALUE">'],
  ['a field that is not shown', '<div style="display:none"><input name="token" value="VALUE"></div>'],
  ['an invisible field', '<input name="token" value="VALUE" style="visibility:hidden">'],
] as const

for (const [what, field] of unreachable)
  it(`11.24: ${what} that Rex refuses does not block the form, and the message stands at the form`, async (context) => {
    const page = await openPage(context)
    await open(page, pageWith(front, field.replace('VALUE', 'x'.repeat(5001))))
    const email = newEmail()
    await sendForm(page, email)
    await formIs(page, 'failed')
    expect(await alertOf(page)).toMatch(/^This could not be sent\..*token: at most \d+ characters/)
    expect(await page.evaluate('document.forms[0].checkValidity()')).toBe(true)
    await page.evaluate(`document.querySelector('[name=token]').value = 'short'`)
    await page.getByRole('button').click()
    await formIs(page, 'sent')
    expect(await page.getByRole('alert').count()).toBe(1)
    expect(await alertOf(page)).toBe('')
    expect(await capturesOf(front, email)).toHaveLength(1)
  })

it('11.24: names that are no keys, and names of Object, end in a message or are taken', async (context) => {
  const page = await openPage(context)
  await open(page, pageWith(front, '<input name="constructor" value="x"><input name="__proto__" value="y">'))
  await sendForm(page, newEmail())
  await formIs(page, 'failed')
  expect(await alertOf(page)).toMatch(/metadata/)
  expect(JSON.parse(front.arrived[0]!.body)).toMatchObject({ constructor: 'x' })
})

const methods = ['getAttribute', 'setAttribute', 'dispatchEvent', 'querySelector', 'matches', 'append', 'closest']
const others = [
  'reset',
  'submit',
  'reportValidity',
  'elements',
  'action',
  'method',
  'addEventListener',
  'nodeName',
  'id',
]

it('11.24: fields named like the form’s own methods hide none of them', async (context) => {
  const page = await openPage(context)
  const events = await noteEvents(page)
  const fields = [...methods, ...others].map((name) => `<input name="${name}" value="v">`).join('')
  await open(page, pageWith(front, `${fields}<button name="reset" type="button">Clear</button>`))
  const email = newEmail()
  await page.evaluate(`(() => {
    const input = document.querySelector('[name=email]')
    input.focus()
    input.value = '${email}'
    HTMLFormElement.prototype.requestSubmit.call(document.forms[0])
  })()`)
  // The browser driver would call the hidden methods of the form, too.
  const state = () => page.evaluate(`Element.prototype.getAttribute.call(document.forms[0], 'data-rex-state')`)
  await expect.poll(state).toBe('sent')
  expect((await events()).map(({ type }) => type)).toEqual(['rex:submit', 'rex:success'])
  expect(await page.evaluate(`document.querySelector('[name=email]').value`)).toBe('')
  const [capture] = await capturesOf(front, email)
  expect(capture?.fields).toMatchObject(Object.fromEntries(methods.map((name) => [name, 'v'])))
})

it('11.24: named images hide nothing of the document', async (context) => {
  const page = await openPage(context)
  const images = ['createElement', 'referrer', 'baseURI', 'currentScript', 'querySelectorAll']
  const html = pageWith(front, '')
  await open(page, html.replace('<script', `${images.map((name) => `<img name="${name}">`).join('')}<script`))
  await page.evaluate(`(() => {
    const form = document.forms[0]
    form.elements.email.value = '${newEmail()}'
    form.requestSubmit()
  })()`)
  await formIs(page, 'sent')
  expect(JSON.parse(front.arrived[0]!.body)).toHaveProperty('_gotcha', '')
})

it('11.21: a lead that a wrong set-up refuses is kept, and the visitor reads so', async (context) => {
  const page = await openPage(context)
  front.mode = 403
  await open(page, pageWith(front, '', 'data-rex-form data-rex-queued="Wird später gesendet."'))
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'queued')
  expect(await page.getByRole('status').textContent()).toBe('Wird später gesendet.')
  front.mode = 'open'
  await page.reload()
  await expect.poll(() => capturesOf(front, email)).toHaveLength(1)
})

it('11.24: what cannot be sent by script is posted by the browser at the next try', async (context) => {
  const page = await openPage(context)
  front.mode = 413
  await open(page, pageWith(front, '', `data-rex-form action="${front.url}/capture"`))
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'failed')
  expect(await alertOf(page)).toBe('This could not be sent. Please check your entries and try again.')
  front.mode = 'open'
  await page.getByRole('button').click()
  await page.waitForURL(`${front.url}/capture`)
  expect(front.arrived.at(-1)?.type).toBe('application/x-www-form-urlencoded')
  expect(await capturesOf(front, email)).toHaveLength(1)
})

it('11.24: a form whose script fails is posted by the browser', async (context) => {
  const page = await openPage(context)
  await page.addInitScript(`crypto.getRandomValues = () => { throw new Error('broken') }`)
  await open(page, pageWith(front, '', `data-rex-form action="${front.url}/capture"`))
  const email = newEmail()
  await sendForm(page, email)
  await page.waitForURL(`${front.url}/capture`)
  expect(await capturesOf(front, email)).toHaveLength(1)
})
