import { afterAll, beforeAll, expect, it } from 'vitest'
import { enterKey, expectNoWrongs, newTenant, openDashboardPage } from '../support/dashboard-page.ts'
import { delivery, openWebhook } from '../support/dashboard-webhooks.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a key that only reads webhooks sees them, and what it would need to change them', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const admin = createGraphqlClient(tenant)
  const reader = await openDashboardPage(context, app.url, '/#/webhooks')
  const { page } = reader
  await enterKey(page, await createKey(admin, ['WEBHOOKS_READ']))
  await page.getByText('Creating a webhook needs a key with the scope WEBHOOKS_WRITE.').waitFor()
  await openWebhook(page, receiver.url)
  await page.getByText('Changing this webhook needs a key with the scope WEBHOOKS_WRITE.').waitFor()
  await page.getByText('No deliveries yet.').waitFor()
  // The key may not know the event of a delivery, but its result, live and read.
  await tenant.client.rest('POST', `/webhooks/${id}/test`)
  await delivery(page, 'an event').getByText('succeeded').waitFor()
  await page.reload()
  await delivery(page, 'an event').getByText('succeeded').waitFor()
  await delivery(page, 'an event').getByRole('button', { name: 'an event' }).click()
  await page.getByText('Its body needs a key with the scope EVENTS_READ.').waitFor()
  await page.getByText('Its body needs a key with the scope PII_READ.').waitFor()
  expectNoWrongs(reader, app.url)
})

it('11.4: a key without PII_READ may pause and delete a webhook, and sees nothing more to press', async (context) => {
  const tenant = await newTenant(app)
  await tenant.client.createEndpoint({ url: 'https://example.com/' })
  const key = await createKey(createGraphqlClient(tenant), ['WEBHOOKS_READ', 'WEBHOOKS_WRITE'])
  const dashboard = await openDashboardPage(context, app.url, '/#/webhooks')
  const { page } = dashboard
  await enterKey(page, key)
  await page.getByText('Creating a webhook needs a key with the scope PII_READ.').waitFor()
  await openWebhook(page, 'https://example.com/')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Enable' }).waitFor()
  expect(await page.getByRole('button', { name: /test event|Rotate|Replay/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByText('Changing the URL or the events needs a key with the scope PII_READ.').waitFor()
  await page.getByRole('dialog').getByLabel('Description').fill('CRM')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expectNoWrongs(dashboard, app.url)
})

it('a key that may not read webhooks is told what it would need', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openDashboardPage(context, app.url, '/#/webhooks/wh_1')
  await enterKey(dashboard.page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await dashboard.page.getByText('Webhooks needs a key with the scope WEBHOOKS_READ.').waitFor()
  expectNoWrongs(dashboard, app.url)
})
