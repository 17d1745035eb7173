import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import typeform from '../fixtures/sources/typeform.json' with { type: 'json' }
import {
  enterKey,
  expectNoWrongs,
  newTenant,
  openDashboardPage,
  openSignedIn,
  type Tenant,
} from '../support/dashboard-page.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { creation } from '../support/source-graphql.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

/** Adds a source in the page, and returns its URL as the page shows it. */
async function addSource(page: Page, { tool = 'Typeform', name = 'Pricing page' } = {}): Promise<string> {
  await page.getByRole('button', { name: 'Add a source' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Tool').selectOption({ label: tool })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  const url = page.getByRole('textbox', { name: 'URL of the source' })
  await url.waitFor()
  return url.inputValue()
}

/** Creates a source as a caller of the API does. */
async function createSource(tenant: Tenant, input: object): Promise<{ id: string; url: string }> {
  const { data } = await createGraphqlClient(tenant)(creation, { input })
  return data['createSource'] as { id: string; url: string }
}

/** Returns the status of the submission; undefined when the request is refused. */
async function post(url: string, payload: object, more: Record<string, string> = {}): Promise<string | undefined> {
  const { pathname } = new URL(url)
  const body = JSON.stringify(payload)
  const headers = { 'content-type': 'application/json', ...more }
  const answer = await fetch(new URL(pathname, app.url), { method: 'POST', headers, body })
  const { data } = (await answer.json()) as { data?: { status: string } }
  return data?.status
}

/** A response of the form whose answers are texts, each to a question that names no field. */
function textResponse(token: string, texts: readonly string[]) {
  const answers = texts.map((text, nth) => ({ type: 'text', text, field: { id: `q${nth}`, type: 'short_text' } }))
  const fields = texts.map((_, nth) => ({ id: `q${nth}`, type: 'short_text', title: `Question ${nth}` }))
  const { form_response: response } = typeform
  return { ...typeform, form_response: { ...response, token, answers, definition: { ...response.definition, fields } } }
}

/** Returns the e-mails of the leads. */
async function leadsOf(tenant: Tenant): Promise<string[]> {
  const { data } = await createGraphqlClient(tenant)('{ contacts { nodes { email } } }')
  const { nodes } = data['contacts'] as { nodes: { email: string }[] }
  return nodes.map(({ email }) => email).toSorted()
}

const result = (page: Page) => page.getByRole('region', { name: 'Result' })
const card = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text })

it('a Typeform source is created, its payload arrives, a field is mapped and what was held released', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, '/#/sources')
  const { page } = dashboard
  await page.getByText('No sources yet.').waitFor()
  const url = await addSource(page)
  expect(url).toMatch(/\/capture\/in_\w{22,}$/)
  expect(await page.locator('.setup-steps li').count()).toBe(3)
  await page.getByText('In Typeform').waitFor()
  await page.getByText('Waiting for the first payload …').waitFor()

  expect(await post(url, typeform)).toBe('accepted')
  await result(page).getByText('jane.typeform@example.com').waitFor()
  const company = page.getByLabel('Field of form_response.answers[4].text')
  expect(await company.locator('option:checked').textContent()).toBe('As found: Company')

  // Which of the two addresses is the person's nobody can tell.
  const payload = textResponse('tok_2', ['ann@example.com', 'bob@example.com'])
  expect(await post(url, payload)).toBe('held')
  await result(page).getByText('several e-mails could be the person’s').waitFor()
  await card(page, 'several e-mails').waitFor()
  await page.getByLabel('Field of form_response.answers[1].text').selectOption({ label: 'E-mail' })
  await result(page).getByText('accepted').waitFor()
  await result(page).getByText('bob@example.com').waitFor()
  await page.getByRole('button', { name: 'Save the mapping' }).click()
  await page.getByText('Saved. What is held can be released with this mapping.').waitFor()
  await page.getByRole('button', { name: 'Release all' }).click()
  await page.getByText('1 released, 0 still held.').waitFor()
  await page.getByText('Nothing is held.').waitFor()
  expect(await leadsOf(tenant)).toEqual(['bob@example.com', 'jane.typeform@example.com'])
  expectNoWrongs(dashboard, app.url)
})

it('a payload without an e-mail is released with one by hand', async (context) => {
  const tenant = await newTenant(app)
  const { id, url } = await createSource(tenant, { name: 'Form', kind: 'TYPEFORM' })
  expect(await post(url, textResponse('tok_1', ['no address', '<img src=x onerror=alert(1)>']))).toBe('held')
  const dashboard = await openSignedIn(context, tenant, `/#/sources/${id}`)
  const { page } = dashboard
  await page.getByRole('cell', { name: '<img src=x onerror=alert(1)>' }).waitFor()
  const held = card(page, 'no e-mail was found')
  await held.getByRole('button', { name: 'Release' }).click()
  await held.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
  await held.getByLabel('E-mail by hand').fill('eve@example.com')
  await held.getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released. It is a lead now.').waitFor()
  expect(await leadsOf(tenant)).toEqual(['eve@example.com'])
  expectNoWrongs(dashboard, app.url)
})

it('a mapping that is not saved stays while newer payloads arrive, and is discarded when asked', async (context) => {
  const tenant = await newTenant(app)
  const { id, url } = await createSource(tenant, { name: 'Form', kind: 'TYPEFORM' })
  await post(url, typeform)
  const { page } = await openSignedIn(context, tenant, `/#/sources/${id}`)
  const plan = page.getByLabel('Field of form_response.answers[5].choice.label', { exact: true })
  await plan.selectOption({ label: 'Metadata …' })
  await page.getByLabel('Metadata key of form_response.answers[5].choice.label').fill('tier')
  await page.keyboard.press('Enter')
  await result(page).getByText('metadata.tier').waitFor()
  await post(url, textResponse('tok_2', ['ann@example.com']))
  await page.getByText('A newer payload has arrived').waitFor()
  await page.getByText('Metadata: tier').waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByText('No rules: every field is as Rex finds it.').waitFor()
  expect(await plan.inputValue()).toBe('')
  await page.getByRole('button', { name: 'Show it' }).click()
  await result(page).getByText('ann@example.com').waitFor()
})

it('a source is renamed, and its secret and the header of it are set and removed', async (context) => {
  const tenant = await newTenant(app)
  const { id, url } = await createSource(tenant, { name: 'Form' })
  const dashboard = await openSignedIn(context, tenant, `/#/sources/${id}`)
  const { page } = dashboard
  await page.getByLabel('Name', { exact: true }).fill('Other form')
  await page.getByLabel('New secret').fill('a secret of the tool')
  await page.getByLabel('Header of the secret').fill('X-Tool-Secret')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { name: 'Other form' }).waitFor()
  await page.getByText('verified with the secret').waitFor()
  const lead = { email: 'jane@example.com' }
  expect(await post(url, lead)).toBeUndefined()
  expect(await post(url, lead, { 'x-tool-secret': 'a secret of the tool' })).toBe('accepted')
  await page.getByRole('button', { name: 'Remove the secret' }).click()
  await page.getByText('unverified: no secret is set').waitFor()
  expect(await post(url, { email: 'john@example.com' })).toBe('accepted')
  expectNoWrongs(dashboard, app.url)
})

it('a source is disabled, given a new URL and deleted when asked twice', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, '/#/sources')
  const { page } = dashboard
  const first = await addSource(page, { tool: 'Another tool' })
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('disabled', { exact: true }).waitFor()
  await post(first, { email: 'jane@example.com' })
  await card(page, 'the source was disabled').waitFor()
  await page.getByRole('button', { name: 'New URL' }).click()
  await page.getByText('The source has a new URL.').waitFor()
  await expect.poll(() => page.getByRole('textbox', { name: 'URL of the source' }).inputValue()).not.toBe(first)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await page.getByText('No sources yet.').waitFor()
  expectNoWrongs(dashboard, app.url)
})

it('a key that only reads sources sees them, and what it would need for the rest', async (context) => {
  const tenant = await newTenant(app)
  const { id } = await createSource(tenant, { name: 'Form', mapping: [{ field: 'email', paths: ['mail'] }] })
  const reader = await openDashboardPage(context, app.url, '/#/sources')
  const { page } = reader
  await enterKey(page, await createKey(createGraphqlClient(tenant), ['SOURCES_READ']))
  await page.getByText('Adding a source needs a key with the scope SOURCES_WRITE.').waitFor()
  await page.getByRole('link', { name: 'Form', exact: true }).click()
  await page.getByText('Changing this source needs a key with the scope SOURCES_WRITE.').waitFor()
  await page.getByText('The latest payload needs a key with the scope CONTACTS_READ.').waitFor()
  await page.getByText('What is held needs a key with the scope CONTACTS_READ.').waitFor()
  expect(page.url()).toContain(id)
  expectNoWrongs(reader, app.url)
})

it('a key that reads everything sees the payload and the mapping, and nothing to press', async (context) => {
  const tenant = await newTenant(app)
  const mapping = [{ field: 'email', paths: ['form_response.answers[1].text'] }]
  const { id, url } = await createSource(tenant, { name: 'Form', kind: 'TYPEFORM', mapping })
  await post(url, textResponse('tok_1', ['no address', 'neither']))
  const reader = await openDashboardPage(context, app.url, `/#/sources/${id}`)
  const { page } = reader
  const scopes = ['SOURCES_READ', 'CONTACTS_READ', 'PII_READ']
  await enterKey(page, await createKey(createGraphqlClient(tenant), scopes))
  await page.getByRole('row').filter({ hasText: 'neither' }).getByText('E-mail').waitFor()
  await page.getByText('Releasing needs a key with the scope CONTACTS_WRITE.').waitFor()
  const pressed = page.getByRole('button', { name: /Release|Save|Remove|Disable|Delete|New URL/ })
  expect(await pressed.count()).toBe(0)
  expect(await page.getByRole('combobox').count()).toBe(0)
  expectNoWrongs(reader, app.url)
})

it('what is wrong with a new source is said at the field that it is about', async (context) => {
  const tenant = await newTenant(app)
  const { page } = await openSignedIn(context, tenant, '/#/sources')
  await page.getByRole('button', { name: 'Add a source' }).click()
  await page.getByLabel('Name').fill('x'.repeat(1000))
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.locator('.field').filter({ hasText: 'Name' }).getByRole('status').filter({ hasText: /\w/ }).waitFor()
})
