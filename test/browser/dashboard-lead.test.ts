import type { ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { savedText } from '../support/browser.ts'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  newTenant,
  openDashboardPage,
  openSignedIn,
} from '../support/dashboard-page.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

const jane = {
  email: 'jane@example.com',
  first_name: 'Jane',
  last_name: 'Doe',
  metadata: { utm_source: 'google', landing_page: '/pricing', plan: '<i>pro</i>' },
}

const changeStage = `mutation ($id: ID!, $stage: String!) {
  updateContact(input: { id: $id, fields: { stage: $stage } }) { __typename }
}`

function named(page: Page, name: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
}

it('a lead opens with what is known of it, and who has been told, as it happens', async (context) => {
  // Only the default workspace has captures without a key by the address of the test.
  const tenant = { ...(await newTenant(app)), key: app.key, client: createApiClient(app) }
  const waiting: ServerResponse[] = []
  const receiver = await startReceiver((_webhook, response) => void waiting.push(response))
  context.onTestFinished(() => receiver.stop())
  await tenant.client.createEndpoint({ url: receiver.url, events: ['*'] })
  await captureAs(tenant, jane)
  const dashboard = await openSignedIn(context, tenant, '/#/leads')
  const { page } = dashboard
  await page.getByRole('link', { name: 'Jane Doe' }).click()
  await named(page, 'Jane Doe')
  const person = page.getByRole('region', { name: 'Person' })
  for (const text of ['jane@example.com', '<i>pro</i>', 'landing_page']) await person.getByText(text).first().waitFor()
  const attribution = page.getByRole('region', { name: 'Attribution' })
  for (const text of ['First touch', 'Last touch', 'google', '/pricing'])
    await attribution.getByText(text).first().waitFor()
  const told = page.getByRole('region', { name: 'Who has been told' })
  await told.getByText('pending').waitFor()
  await told.getByText(receiver.url).waitFor()
  await receiver.received(1)
  waiting[0]!.end()
  await told.getByText('succeeded').waitFor()
  await told.getByText(/^Attempt 1:/).waitFor()
  const submissions = page.getByRole('region', { name: 'Submissions (1)' })
  await submissions.locator('summary').click()
  await tenant.client.capture({ ...jane, first_name: 'Janet', phone: '5000' })
  const both = page.getByRole('region', { name: 'Submissions (2)' })
  await both.locator('summary').first().click()
  await both.getByText('proposed, not stored').waitFor()
  expect(await both.locator('details[open]').count()).toBe(2)
  await page.getByRole('region', { name: 'Events' }).getByText('contact.updated').first().waitFor()
  expectNoWrongs(dashboard, app.url)
})

it('a lead is edited, what is wrong is said at its field, and metadata keys are added and removed', async (context) => {
  const tenant = await newTenant(app)
  const { json } = await captureAs(tenant, jane)
  const { page } = await openSignedIn(context, tenant, `/#/leads/${json.data?.['id']}`)
  await named(page, 'Jane Doe')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Stage').fill('no such stage')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.locator('.field-problem', { hasText: /stage/ }).waitFor()
  await form.getByLabel('Stage').fill('qualified')
  await form.getByLabel('Metadata').fill('[1]')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('a JSON object is expected').waitFor()
  await form.getByLabel('Metadata').fill('{"plan": "pro", "seats": "12"}')
  await form.getByLabel('Last name').fill('')
  await form.getByRole('button', { name: 'Save' }).click()
  await named(page, 'Jane')
  const { data } = await createGraphqlClient(tenant)('{ contacts { nodes { stage firstName lastName metadata } } }')
  expect(data['contacts']).toEqual({
    nodes: [{ stage: 'qualified', firstName: 'Jane', lastName: null, metadata: { plan: 'pro', seats: '12' } }],
  })
})

it('a lead that somebody else has changed meanwhile is told of, and nothing is overwritten', async (context) => {
  const tenant = await newTenant(app)
  const { json } = await captureAs(tenant, jane)
  const id = json.data?.['id']
  const admin = createGraphqlClient(tenant)
  // Without events it is not told of the change.
  const key = await createKey(admin, ['CONTACTS_READ', 'CONTACTS_WRITE'])
  const { page } = await openDashboardPage(context, app.url, `/#/leads/${id}`)
  await enterKey(page, key)
  await named(page, 'Jane Doe')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Stage').fill('customer')
  await admin(changeStage, { id, stage: 'qualified' })
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Someone else has changed this lead meanwhile.').waitFor()
  await page.locator('.value-list .badge').getByText('qualified').waitFor()
  expect((await admin('{ contacts { nodes { stage } } }')).data).toEqual({
    contacts: { nodes: [{ stage: 'qualified' }] },
  })
  await form.getByRole('button', { name: 'Save' }).click()
  await page.locator('.value-list .badge').getByText('customer').waitFor()
})

it('a lead is erased once its e-mail is typed again, and its data can be saved before', async (context) => {
  const tenant = await newTenant(app)
  const { json } = await captureAs(tenant, jane)
  const dashboard = await openSignedIn(context, tenant, `/#/leads/${json.data?.['id']}`)
  const { page } = dashboard
  await named(page, 'Jane Doe')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export everything held' }).click()
  const held = JSON.parse(await savedText(await saved)) as { contact: { email: string } }
  expect(held.contact.email).toBe('jane@example.com')
  await page.getByRole('button', { name: 'Erase' }).click()
  const erase = page.getByRole('button', { name: 'Erase for good' })
  await page.getByLabel('Type the e-mail to confirm').fill('jane@example.co')
  expect(await erase.isDisabled()).toBe(true)
  await page.getByLabel('Type the e-mail to confirm').fill('Jane@example.com')
  await erase.click()
  await page.getByText('No leads yet.').waitFor()
  const { data } = await createGraphqlClient(tenant)('{ contacts { nodes { id } } }')
  expect(data['contacts']).toEqual({ nodes: [] })
  expectNoWrongs(dashboard, app.url)
})

it('a lead that is erased while it is open is gone', async (context) => {
  const tenant = await newTenant(app)
  const { json } = await captureAs(tenant, jane)
  const id = json.data?.['id']
  const { page } = await openSignedIn(context, tenant, `/#/leads/${id}`)
  await named(page, 'Jane Doe')
  await tenant.client.graphql('mutation ($id: ID!) { eraseContact(id: $id) { __typename } }', { id })
  await page.getByText('This lead was erased, or never existed.').waitFor()
  expect(await page.locator('#dashboard').textContent()).not.toContain('jane@example.com')
})

it('a key that may read contacts alone sees a masked lead, and nothing that it may not use', async (context) => {
  const tenant = await newTenant(app)
  const { json } = await captureAs(tenant, jane)
  const dashboard = await openDashboardPage(context, app.url, `/#/leads/${json.data?.['id']}`)
  const { page } = dashboard
  await enterKey(page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await named(page, 'Jane Doe')
  await page.getByText('j***@example.com').first().waitFor()
  expect(await page.locator('.page-actions button').count()).toBe(0)
  for (const name of ['Events', 'Who has been told']) expect(await page.getByRole('region', { name }).count()).toBe(0)
  expectNoWrongs(dashboard, app.url)
})
