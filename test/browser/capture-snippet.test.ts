import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { servePage, servePages } from '../support/page-server.ts'
import { type SnippetFront, startSnippetFront } from '../support/snippet-front.ts'
import { capturesOf, formIs, noteEvents, pageWith, sendForm } from '../support/snippet-page.ts'

let front: SnippetFront
let counted = 0
const newEmail = () => `page-${++counted}@example.com`

beforeAll(async () => {
  front = await startSnippetFront()
})
afterAll(() => front?.stop())
beforeEach(() => {
  front.mode = 'open'
  front.tokenAgeMs = 60_000
  front.arrived.length = 0
})

it('a form is sent where the script came from, told of by events, and empty again', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(front, '<input name="first_name" value="Jane">') } })
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await events()).toMatchObject([
    { type: 'rex:submit', detail: { email, first_name: 'Jane', _gotcha: '' } },
    { type: 'rex:success', detail: { id: expect.stringMatching(/^cont_/), email, first_name: 'Jane' } },
  ])
  expect(await page.getByLabel('E-mail').inputValue()).toBe('')
  expect(page.url()).toBe(`${origin}/`)
  expect(front.arrived).toMatchObject([{ type: 'text/plain;charset=UTF-8', status: 201 }])
  expect(await capturesOf(front, email)).toMatchObject([
    { status: 'ACCEPTED', fields: { email, first_name: 'Jane', metadata: { landing_page: `${origin}/` } } },
  ])
  expect(await page.evaluate('JSON.stringify([document.cookie, localStorage])')).toBe('["",{}]')
})

it('fields of one name are one, files are their names, and the button that was pressed is in', async (context) => {
  const fields = `<input type="checkbox" name="topics" value="a" checked><input type="checkbox" name="topics" value="b">
    <input type="checkbox" name="topics" value="c" checked><input name="metadata[plan]" value="pro">
    <input type="file" name="cv"><input type="file" name="photo"><input name="first_name" value="Jane">
    <input name="first_name" value="Jane"><input name="interests[]" value="seo"><input name="off" value="x" disabled><input name="" value="nameless">
    <button name="choice" value="later">Later</button>`
  const origin = await servePages({ '/': { html: pageWith(front, fields) } })
  const page = await openPage(context)
  await page.goto(origin)
  const email = newEmail()
  await page.getByLabel('E-mail').fill(email)
  await page.locator('[name=photo]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('x') })
  await page.getByRole('button', { name: 'Later' }).click()
  await formIs(page, 'sent')
  const [capture] = await capturesOf(front, email)
  const metadata = { plan: 'pro', landing_page: `${origin}/` }
  const others = { 'interests[]': 'seo', topics: 'a, c', photo: 'me.png', choice: 'later' }
  expect(capture?.fields).toEqual({ email, first_name: 'Jane', ...others, metadata })
  expect(capture?.contact?.metadata).toMatchObject({ interests: 'seo', topics: 'a, c', photo: 'me.png' })
})

it('a form without an e-mail is stopped by the browser, and nothing is sent', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(front, '') } })
  const page = await openPage(context)
  const events = await noteEvents(page)
  await page.goto(origin)
  await page.getByRole('button').click()
  await sendForm(page, newEmail())
  await formIs(page, 'sent')
  expect((await events()).map(({ type }) => type)).toEqual(['rex:submit', 'rex:success'])
})

it('without JavaScript the form is posted as any other, to a page of thanks', async (context) => {
  const attributes = `data-rex-form action="${front.url}/capture"`
  const origin = await servePages({ '/': { html: pageWith(front, '', attributes) } })
  const page = await openPage(context, { javaScriptEnabled: false })
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  expect(page.url()).toBe(`${front.url}/capture`)
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED', fields: { email } }])
})

it('with JavaScript it is not: its action is where the script sends to', async (context) => {
  const attributes = `data-rex-form action="${front.url}/capture"`
  const origin = await servePages({ '/': { html: pageWith({ url: front.app.url }, '', attributes) } })
  const page = await openPage(context)
  await page.goto(origin)
  await sendForm(page, newEmail())
  await formIs(page, 'sent')
  expect(page.url()).toBe(`${origin}/`)
  expect(front.arrived).toHaveLength(1)
})

it('the first and the last touch of a visit are told apart, and going on within the site is none', async (context) => {
  const origin = await servePages({ '/second': { html: pageWith(front, '') }, '/': { html: pageWith(front, '') } })
  const elsewhere = await servePages({ '/post': { html: `<a href="${origin}/?fbclid=f1#top">A link</a>` } })
  const page = await openPage(context)
  await page.goto(`${elsewhere}/post?secret=1`)
  await page.getByRole('link').click()
  await page.waitForURL(`${origin}/?fbclid=f1#top`)
  await page.goto(
    `${origin}/?utm_source=news&utm_medium=email&utm_campaign=spring&utm_term=t&utm_content=c&gclid=g1&x=1`,
  )
  await page.getByRole('link').click()
  await page.waitForURL(`${origin}/second`)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  const nothing = { source: null, medium: null, campaign: null, term: null, content: null, referrer: null }
  const [capture] = await capturesOf(front, email)
  expect(capture?.contact).toMatchObject({
    firstTouch: { ...nothing, clickIds: { fbclid: 'f1' }, referrer: `${elsewhere}/`, landingPage: `${origin}/` },
    lastTouch: {
      source: 'news',
      medium: 'email',
      campaign: 'spring',
      term: 't',
      content: 'c',
      clickIds: { gclid: 'g1' },
      referrer: null,
      landingPage: `${origin}/`,
    },
  })
})

it('every click id and UTM parameter that Rex knows is told, bounded, and no link can cost a lead', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(front, '') } })
  const page = await openPage(context)
  const ids = ['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid', 'dclid']
  const long = `${'x'.repeat(499)}😀`
  const utm = new URLSearchParams({ utm_source: 'a\0b', utm_term: long, utm_other: 'x' })
  await page.goto(`${origin}/?${utm}&${ids.map((id) => `${id}=${id}`).join('&')}`)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  const [capture] = await capturesOf(front, email)
  expect(capture?.contact?.lastTouch).toMatchObject({
    source: 'ab',
    term: 'x'.repeat(499),
    clickIds: Object.fromEntries(ids.map((id) => [id, id])),
  })
  expect(capture?.contact?.metadata).not.toHaveProperty('utm_other')
})

it('what the form says of its source wins, and what it leaves blank is filled in', async (context) => {
  const fields = `<input name="utm_source" value="partner"><input name="metadata[utm_medium]" value="print">
    <input name="utm_campaign" value="">`
  const origin = await servePages({ '/': { html: pageWith(front, fields) } })
  const page = await openPage(context)
  await page.goto(`${origin}/?utm_source=url&utm_medium=url&utm_campaign=url`)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  const [capture] = await capturesOf(front, email)
  expect(capture?.contact?.lastTouch).toMatchObject({ source: 'partner', medium: 'print', campaign: 'url' })
})

it('a double click is one submission and one event, also where the page keeps its form', async (context) => {
  const keeping = '<script>addEventListener("rex:success", (event) => event.preventDefault())</script>'
  const origin = await servePages({
    '/': { html: pageWith(front, '') },
    '/keeping': { html: pageWith(front, '') + keeping },
  })
  const page = await openPage(context)
  const events = await noteEvents(page)
  for (const path of ['/', '/keeping']) {
    await page.goto(origin + path)
    const email = newEmail()
    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('button').dblclick()
    await formIs(page, 'sent')
    if (path === '/keeping') await page.getByRole('button').click()
    expect(await capturesOf(front, email)).toHaveLength(1)
  }
  expect(front.arrived).toHaveLength(2)
  expect((await events()).map(({ type }) => type)).toEqual(['rex:submit', 'rex:success', 'rex:submit', 'rex:success'])
})

it('a strict policy of the page is kept', async (context) => {
  const policy = `default-src 'none'; script-src ${front.url}; connect-src ${front.url}; form-action ${front.url}`
  const origin = await servePages({
    '/': { html: pageWith(front, ''), headers: { 'content-security-policy': policy } },
  })
  const page = await openPage(context)
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED' }])
  expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
})

it('11.24: what is filled in that no person sees is held, since password managers do it, too', async (context) => {
  const origin = await servePages({ '/': { html: pageWith(front, '') } })
  const page = await openPage(context)
  await page.goto(origin)
  const trap = page.locator('[name=_gotcha]')
  expect(await trap.boundingBox()).toMatchObject({ x: expect.toSatisfy((x) => x < -5000) })
  expect(await page.getByRole('textbox').count()).toBe(1)
  for (const name of ['data-1p-ignore', 'data-lpignore', 'data-bwignore', 'data-protonpass-ignore'])
    expect(await trap.getAttribute(name)).toBe('true')
  expect([await trap.getAttribute('data-form-type'), await trap.getAttribute('autocomplete')]).toEqual(['other', 'off'])
  await page.getByLabel('E-mail').focus()
  const focused: string[] = []
  for (let presses = 0; presses < 4; presses++) {
    focused.push(String(await page.evaluate('document.activeElement.name')))
    await page.keyboard.press('Tab')
  }
  expect(focused).not.toContain('_gotcha')
  await trap.fill('Acme')
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'HELD', spamReasons: ['honeypot'], contact: null }])
})

it('a form that is sent at once is held, and one that took two seconds is not', async (context) => {
  front.tokenAgeMs = 0
  const origin = await servePages({ '/': { html: pageWith(front, '') } })
  const page = await openPage(context)
  await page.goto(origin)
  const [fast, slow] = [newEmail(), newEmail()]
  const openedAt = Date.now()
  await sendForm(page, fast)
  await formIs(page, 'sent')
  expect(await capturesOf(front, fast)).toMatchObject([{ status: 'HELD', spamReasons: ['form_too_fast'] }])
  await eventually(
    () => Date.now() - openedAt > 2000,
    () => 'too early',
  )
  await page.getByLabel('E-mail').fill(slow)
  await page.getByRole('button').click()
  await eventually(
    async () => (await capturesOf(front, slow)).length === 1,
    () => 'nothing',
  )
  expect(await capturesOf(front, slow)).toMatchObject([{ status: 'ACCEPTED' }])
})

it('a form that was open for days sends no token, since an old one would be held', async (context) => {
  front.tokenAgeMs = 8 * 86_400_000
  const origin = await servePages({ '/': { html: pageWith(front, '') } })
  const page = await openPage(context)
  await page.goto(origin)
  const email = newEmail()
  await sendForm(page, email)
  await formIs(page, 'sent')
  expect(await capturesOf(front, email)).toMatchObject([{ status: 'ACCEPTED' }])
})

it('an empty page of someone else is left alone', async (context) => {
  const page = await openPage(context)
  await page.goto(await servePage())
  await page.addScriptTag({ url: `${front.url}/capture.js` })
  expect(await page.locator('[name=_gotcha]').count()).toBe(0)
})
