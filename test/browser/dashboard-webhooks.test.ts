import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  isLive,
  newTenant,
  openDashboardPage,
  openSignedIn,
} from '../support/dashboard-page.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { inTurn, type ReceivedWebhook, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({ REX_RETRY_SCHEDULE: '0' })
})
afterAll(() => app?.stop())

/** The row of a delivery, by what stands in it. */
const delivery = (page: Page, text: string | RegExp) =>
  page.getByRole('region', { name: 'Deliveries' }).locator('tbody tr').filter({ hasText: text })

async function create(page: Page, url: string): Promise<string> {
  await page.getByRole('button', { name: 'Create a webhook' }).first().click()
  await page.getByRole('dialog').getByLabel('URL').fill(url)
  await page.getByRole('button', { name: 'Create the webhook' }).click()
  return page.getByLabel('Signing secret').inputValue()
}

async function createAndClose(page: Page, url: string): Promise<string> {
  const secret = await create(page, url)
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  return secret
}

async function openWebhook(page: Page, url: string): Promise<void> {
  await page.getByRole('link', { name: url }).click()
  await page.getByRole('heading', { name: url }).waitFor()
}

function isSignedBy(secret: string, { headers, body }: ReceivedWebhook): boolean {
  const [, time, signature] = /^t=(\d+),v1=(\w+)/.exec(headers['x-rex-signature'] ?? '') ?? []
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === signature
}

it('a webhook is created and tested at once; its secret is shown once, and signs what the receiver gets', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const dashboard = await openSignedIn(context, tenant, '/#/webhooks')
  const { page } = dashboard
  const secret = await create(page, receiver.url)
  expect(secret).toMatch(/^whsec_/)
  const dialog = page.getByRole('dialog')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await dialog.getByRole('button', { name: 'Copy' }).click()
  await dialog.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret)
  await dialog.getByRole('button', { name: 'Send a test' }).click()
  await dialog.getByText('succeeded').waitFor()
  const [webhook] = await receiver.received(1)
  expect(isSignedBy(secret, webhook!)).toBe(true)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('cell', { name: '100%' }).waitFor()
  await openWebhook(page, receiver.url)
  await delivery(page, 'webhook.test').getByText('succeeded').waitFor()
  expect(await page.content()).not.toContain(secret)
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('a test is sent, its failure shown as it happens, and tried again by hand', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver(inTurn([503], [200]))
  context.onTestFinished(() => receiver.stop())
  const { page } = await openSignedIn(context, tenant, '/#/webhooks')
  await createAndClose(page, receiver.url)
  await openWebhook(page, receiver.url)
  await page.getByText('No deliveries yet.').waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  const row = delivery(page, 'webhook.test')
  await row.getByText('failed').waitFor()
  await row.getByRole('cell', { name: /^503/ }).waitFor()
  await page.getByRole('definition').filter({ hasText: '503' }).waitFor()
  await row.getByRole('button', { name: 'Retry' }).click()
  await row.getByText('succeeded').waitFor()
  await row.getByRole('cell', { name: /^200/ }).waitFor()
  expect(await row.getByRole('button', { name: 'Retry' }).count()).toBe(0)
  expect(receiver.webhooks).toHaveLength(2)
}, 60_000)

it('each attempt shows its request and response, and deliveries are filtered by status in the address', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver(inTurn([503], [200]))
  context.onTestFinished(() => receiver.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const dashboard = await openSignedIn(context, tenant, `/#/webhooks/${id}`)
  const { page } = dashboard
  await captureAs(tenant, { email: 'jane@example.com' })
  const row = delivery(page, 'contact.created')
  await row.getByRole('button', { name: 'Retry' }).click()
  await row.getByText('succeeded').waitFor()
  await row.getByRole('button', { name: 'contact.created' }).click()
  const response = page.getByRole('region', { name: 'Response' })
  await page.getByRole('region', { name: 'Request' }).getByText('"jane@example.com"').waitFor()
  await response.getByText('answer 2').waitFor()
  await page.getByRole('dialog').getByText('1', { exact: true }).click()
  await response.getByText('answer 1').waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Status').selectOption('failed')
  await page.getByText('No deliveries are failed.').waitFor()
  expect(page.url()).toMatch(/\?status=failed$/)
  await page.reload()
  await page.getByText('No deliveries are failed.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('deliveries that changed while the connection was cut are shown once it is back', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const proxy = await startDatabaseProxy(app.url)
  context.onTestFinished(() => proxy.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const url = proxy.url.replace(/\/$/, '')
  const { page } = await openSignedIn(context, { ...tenant, url }, `/#/webhooks/${id}`)
  await page.getByText('No deliveries yet.').waitFor()
  proxy.cut()
  await page.getByText('Reconnecting …').waitFor()
  await captureAs(tenant, { email: 'jane@example.com' })
  await receiver.received(1)
  proxy.restore()
  await isLive(page)
  await delivery(page, 'contact.created').getByText('succeeded').waitFor()
}, 60_000)

it('it is paused and enabled, its secret rotated, and deleted when asked twice', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const dashboard = await openSignedIn(context, tenant, '/#/webhooks')
  const { page } = dashboard
  const first = await createAndClose(page, receiver.url)
  await openWebhook(page, receiver.url)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Enable' }).waitFor()
  await captureAs(tenant, { email: 'jane@example.com' })
  await delivery(page, 'contact.created').getByText('held').waitFor()
  await page.getByRole('button', { name: 'Enable' }).click()
  await delivery(page, 'contact.created').getByText('succeeded').waitFor()
  await page.getByRole('button', { name: 'Rotate the secret' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
  const second = await page.getByLabel('Signing secret').inputValue()
  expect(second).not.toBe(first)
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await page
    .getByRole('timer')
    .getByText(/23:59:\d\d/)
    .waitFor()
  expect(await page.content()).not.toContain(second)
  await captureAs(tenant, { email: 'john@example.com' })
  const [, webhook] = await receiver.received(2)
  expect(webhook!.headers['x-rex-signature']).toMatch(/,v1=\w+,v1n=\w+$/)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await page.getByText('No webhooks yet.').waitFor()
  expect((await tenant.client.rest('GET', '/webhooks')).json.data).toEqual([])
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('it is edited, and a refused URL is explained at its field', async (context) => {
  const tenant = await newTenant(app)
  const { id } = await tenant.client.createEndpoint({ url: 'https://example.com/hook' })
  const { page } = await openSignedIn(context, tenant, `/#/webhooks/${id}`)
  await page.getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('URL').fill('http://169.254.169.254/')
  await dialog.getByLabel('Changed leads').check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.locator('.field', { hasText: 'URL' }).locator('.field-problem').filter({ hasText: /\w/ }).waitFor()
  await dialog.getByLabel('URL').fill('https://example.com/other')
  await dialog.getByLabel('Description').fill('<i>CRM</i>')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'https://example.com/other' }).waitFor()
  await page.getByText('<i>CRM</i>').waitFor()
  const { json } = await tenant.client.rest('GET', `/webhooks/${id}`)
  expect(json.data).toMatchObject({ events: ['contact.created', 'contact.updated'], description: '<i>CRM</i>' })
}, 60_000)

it('a range is replayed after its events were counted', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver(inTurn([503], [503], [200]))
  context.onTestFinished(() => receiver.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const dashboard = await openSignedIn(context, tenant, `/#/webhooks/${id}?status=failed`)
  const { page } = dashboard
  await captureAs(tenant, { email: 'jane@example.com' })
  await captureAs(tenant, { email: 'john@example.com' })
  await delivery(page, 'failed').nth(1).waitFor()
  await page.getByRole('button', { name: 'Replay' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Count' }).click()
  await dialog.getByText('2 events would be sent again.').waitFor()
  expect(receiver.webhooks).toHaveLength(2)
  await dialog.getByLabel('Succeeded').check()
  expect(await dialog.getByText('would be sent again').count()).toBe(0)
  await dialog.getByRole('button', { name: 'Count' }).click()
  await dialog.getByRole('button', { name: 'Replay 2 events' }).click()
  await receiver.received(4)
  await dialog.getByText('All events are on their way: 2 of 2.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('what somebody else does with a webhook is shown by itself, in the list and where it is open', async (context) => {
  const tenant = await newTenant(app)
  const { id } = await tenant.client.createEndpoint({ url: 'https://example.com/hook' })
  const { page } = await openSignedIn(context, tenant, '/#/webhooks')
  await page.getByText('enabled', { exact: true }).waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: false })
  await page.getByText('paused', { exact: true }).waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: true })
  await page.getByRole('link', { name: 'https://example.com/hook' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: false })
  await page.getByRole('button', { name: 'Enable' }).waitFor()
}, 60_000)

it('what is wrong with a new webhook is said at the field that it is about', async (context) => {
  const tenant = await newTenant(app)
  const { page } = await openSignedIn(context, tenant, '/#/webhooks')
  await page.getByRole('button', { name: 'Create a webhook' }).first().click()
  const dialog = page.getByRole('dialog')
  const problemOf = (name: string) => dialog.locator('.field', { hasText: name }).locator('.field-problem')
  await dialog.getByLabel('URL').fill('http://169.254.169.254/')
  await dialog.getByRole('button', { name: 'Create the webhook' }).click()
  await problemOf('URL').filter({ hasText: /\w/ }).waitFor()
  await dialog.getByLabel('URL').fill('https://example.com/')
  await dialog.getByLabel('New leads').uncheck()
  await dialog.getByLabel('Description').fill('x'.repeat(501))
  await dialog.getByRole('button', { name: 'Create the webhook' }).click()
  await dialog.getByRole('group', { name: 'Events' }).getByText('at least one type is expected').waitFor()
  await problemOf('Description').getByText('at most 500 characters are allowed').waitFor()
  expect(await problemOf('URL').textContent()).toBe('')
  expect((await tenant.client.rest('GET', '/webhooks')).json.data).toEqual([])
}, 60_000)

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
}, 60_000)

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
  expect(await page.getByRole('button', { name: /test|Rotate|Replay/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByText('Changing the URL or the events needs a key with the scope PII_READ.').waitFor()
  await page.getByRole('dialog').getByLabel('Description').fill('CRM')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('a key that may not read webhooks is told what it would need', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openDashboardPage(context, app.url, '/#/webhooks/wh_1')
  await enterKey(dashboard.page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await dashboard.page.getByText('Webhooks needs a key with the scope WEBHOOKS_READ.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)
