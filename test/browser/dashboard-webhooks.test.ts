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
  page.locator('table.deliveries tbody tr').filter({ hasText: text })

async function create(page: Page, url: string): Promise<string> {
  await page.getByLabel('URL').fill(url)
  await page.getByRole('button', { name: 'Create' }).click()
  const secret = page.getByLabel('Signing secret')
  await secret.waitFor()
  return secret.inputValue()
}

async function openWebhook(page: Page, url: string): Promise<void> {
  await page.getByRole('link', { name: url }).click()
  await page.getByRole('heading', { name: url }).waitFor()
}

function isSignedBy(secret: string, { headers, body }: ReceivedWebhook): boolean {
  const [, time, signature] = /^t=(\d+),v1=(\w+)/.exec(headers['x-rex-signature'] ?? '') ?? []
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex') === signature
}

it('a webhook is created; its secret is shown once, and signs what the receiver gets', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const dashboard = await openSignedIn(context, tenant, '/#webhooks')
  const { page } = dashboard
  const secret = await create(page, receiver.url)
  expect(secret).toMatch(/^whsec_/)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied.').waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret)
  await captureAs(tenant, { email: 'jane@example.com' })
  const [webhook] = await receiver.received(1)
  expect(isSignedBy(secret, webhook!)).toBe(true)
  await page.getByText('100 % accepted').waitFor()
  await openWebhook(page, receiver.url)
  await delivery(page, 'contact.created').getByText('succeeded').waitFor()
  expect(await page.content()).not.toContain(secret)
  await page.getByRole('link', { name: 'All webhooks' }).click()
  await page.getByRole('link', { name: receiver.url }).waitFor()
  expect(await page.content()).not.toContain(secret)
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('a test is sent, its failure shown as it happens, and tried again by hand', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver(inTurn([503], [200]))
  context.onTestFinished(() => receiver.stop())
  const { page } = await openSignedIn(context, tenant, '/#webhooks')
  await create(page, receiver.url)
  await openWebhook(page, receiver.url)
  await page.getByText('No deliveries yet.').waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  const row = delivery(page, 'webhook.test')
  await row.getByText('failed').waitFor()
  expect(await row.textContent()).toContain('1, last: 503')
  await row.getByRole('button', { name: 'Retry' }).click()
  await row.getByText('succeeded').waitFor()
  expect(await row.textContent()).toContain('2, last: 200')
  expect(await row.getByRole('button').count()).toBe(0)
  expect(receiver.webhooks).toHaveLength(2)
}, 60_000)

it('deliveries that changed while the connection was cut are shown once it is back', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const proxy = await startDatabaseProxy(app.url)
  context.onTestFinished(() => proxy.stop())
  const { page } = await openSignedIn(context, { ...tenant, url: proxy.url.replace(/\/$/, '') }, '/#webhooks')
  await create(page, receiver.url)
  await openWebhook(page, receiver.url)
  proxy.cut()
  await page.getByText('Reconnecting …').waitFor()
  await captureAs(tenant, { email: 'jane@example.com' })
  await receiver.received(1)
  proxy.restore()
  await isLive(page)
  await delivery(page, 'contact.created').getByText('succeeded').waitFor()
}, 60_000)

it('it is disabled and enabled, its secret rotated, and deleted when asked twice', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const dashboard = await openSignedIn(context, tenant, '/#webhooks')
  const { page } = dashboard
  const first = await create(page, receiver.url)
  await openWebhook(page, receiver.url)
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.locator('.badge[data-status=DISABLED]').waitFor()
  await captureAs(tenant, { email: 'jane@example.com' })
  await delivery(page, 'contact.created').getByText('held').waitFor()
  await page.getByRole('button', { name: 'Enable' }).click()
  await delivery(page, 'contact.created').getByText('succeeded').waitFor()
  await page.getByRole('button', { name: 'Rotate the secret' }).click()
  const second = await page.getByLabel('Signing secret').inputValue()
  expect(second).not.toBe(first)
  await captureAs(tenant, { email: 'john@example.com' })
  const [, webhook] = await receiver.received(2)
  expect(isSignedBy(second, webhook!)).toBe(true)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete permanently' }).click()
  await page.getByText('No webhooks yet.').waitFor()
  expect((await tenant.client.rest('GET', '/webhooks')).json.data).toEqual([])
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('what somebody else does with a webhook is shown by itself, in the list and where it is open', async (context) => {
  const tenant = await newTenant(app)
  const { id } = await tenant.client.createEndpoint({ url: 'https://example.com/hook' })
  const { page } = await openSignedIn(context, tenant, '/#webhooks')
  await page.locator('.badge[data-status=ENABLED]').waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: false })
  await page.locator('.badge[data-status=DISABLED]').waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: true })
  await page.getByRole('link', { name: 'https://example.com/hook' }).click()
  await page.getByRole('button', { name: 'Disable' }).waitFor()
  await tenant.client.rest('PATCH', `/webhooks/${id}`, { enabled: false })
  await page.getByRole('button', { name: 'Enable' }).waitFor()
}, 60_000)

it('what is wrong with a new webhook is said at the field that it is about', async (context) => {
  const tenant = await newTenant(app)
  const { page } = await openSignedIn(context, tenant, '/#webhooks')
  await page.getByLabel('URL').fill('http://169.254.169.254/')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.locator('[data-problem=url]').filter({ hasText: /\w/ }).waitFor()
  await page.getByLabel('URL').fill('https://example.com/')
  await page.getByLabel('New leads').uncheck()
  await page.getByLabel('Description').fill('x'.repeat(501))
  await page.getByRole('button', { name: 'Create' }).click()
  await page.locator('[data-problem=events]').getByText('at least one type is expected').waitFor()
  await page.locator('[data-problem=description]').getByText('at most 500 characters are allowed').waitFor()
  expect(await page.locator('[data-problem=url]').textContent()).toBe('')
  expect((await tenant.client.rest('GET', '/webhooks')).json.data).toEqual([])
}, 60_000)

it('a key that only reads webhooks sees them, and what it would need to change them', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const admin = createGraphqlClient(tenant)
  const reader = await openDashboardPage(context, app.url, '/#webhooks')
  const { page } = reader
  await enterKey(page, await createKey(admin, ['WEBHOOKS_READ']))
  await page.getByText('Creating a webhook needs a key with the scope WEBHOOKS_WRITE.').waitFor()
  await openWebhook(page, receiver.url)
  await page.getByText('Changing this webhook needs a key with the scope WEBHOOKS_WRITE.').waitFor()
  await page.getByText('No deliveries yet.').waitFor()
  // Of which event a delivery is it may not know; how it went it may, live and read.
  await tenant.client.rest('POST', `/webhooks/${id}/test`)
  await delivery(page, 'an event').getByText('succeeded').waitFor()
  await page.reload()
  await delivery(page, 'an event').getByText('succeeded').waitFor()
  expectNoWrongs(reader, app.url)
}, 60_000)

it('11.4: a key without PII_READ may switch and delete a webhook, and sees nothing more to press', async (context) => {
  const tenant = await newTenant(app)
  await tenant.client.createEndpoint({ url: 'https://example.com/' })
  const key = await createKey(createGraphqlClient(tenant), ['WEBHOOKS_READ', 'WEBHOOKS_WRITE'])
  const dashboard = await openDashboardPage(context, app.url, '/#webhooks')
  const { page } = dashboard
  await enterKey(page, key)
  await page.getByText('Creating a webhook needs a key with the scope PII_READ.').waitFor()
  await openWebhook(page, 'https://example.com/')
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('button', { name: 'Enable' }).waitFor()
  expect(await page.getByRole('button', { name: /test|Rotate/ }).count()).toBe(0)
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('a key that may not read webhooks is told what it would need', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openDashboardPage(context, app.url, '/#webhooks/wh_1')
  await enterKey(dashboard.page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await dashboard.page.getByText('Webhooks needs a key with the scope WEBHOOKS_READ.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)
