import { afterAll, beforeAll, expect, it } from 'vitest'
import { captureAs, expectNoWrongs, isLive, newTenant, openSignedIn } from '../support/dashboard-page.ts'
import { createAndClose, delivery, openWebhook } from '../support/dashboard-webhooks.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { inTurn, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({ REX_RETRY_SCHEDULE: '0' })
})
afterAll(() => app?.stop())

it('a test is sent, its failure shown as it happens, and tried again by hand', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver(inTurn([503], [200]))
  context.onTestFinished(() => receiver.stop())
  const { page } = await openSignedIn(context, tenant, '/#/webhooks')
  await createAndClose(page, receiver.url)
  await openWebhook(page, receiver.url)
  await page.getByText('No deliveries yet.').waitFor()
  await page.getByRole('button', { name: 'Send a test event' }).click()
  const row = delivery(page, 'webhook.test')
  await row.getByText('failed').waitFor()
  await row.getByRole('cell', { name: /^503/ }).waitFor()
  await page.getByRole('definition').filter({ hasText: '503' }).waitFor()
  await row.getByRole('button', { name: 'Retry' }).click()
  await row.getByText('succeeded').waitFor()
  await row.getByRole('cell', { name: /^200/ }).waitFor()
  expect(await row.getByRole('button', { name: 'Retry' }).count()).toBe(0)
  expect(receiver.webhooks).toHaveLength(2)
}, 120_000)

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
  await page.getByText('No deliveries with the status failed.').waitFor()
  expect(page.url()).toMatch(/\?status=failed$/)
  await page.reload()
  await page.getByText('No deliveries with the status failed.').waitFor()
  expectNoWrongs(dashboard, app.url)
}, 120_000)

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
}, 120_000)

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
}, 120_000)

it('a page that stays open shows what is newest, and does not grow without end', async (context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  const { id } = await tenant.client.createEndpoint({ url: receiver.url })
  const dashboard = await openSignedIn(context, tenant, `/#/webhooks/${id}`)
  const { page } = dashboard
  await page.getByText('No deliveries yet.').waitFor()
  const leads = Array.from({ length: 240 }, (_, nth) => ({ email: `lead${nth}@example.com` }))
  for (let nth = 0; nth < leads.length; nth += 20)
    await Promise.all(leads.slice(nth, nth + 20).map((lead) => captureAs(tenant, lead)))
  await receiver.received(leads.length)
  await tenant.client.rest('POST', `/webhooks/${id}/test`)
  await delivery(page, 'webhook.test').getByText('succeeded').waitFor()
  const rows = () => delivery(page, /./).count()
  await eventually(
    async () => (await rows()) < 150,
    async () => `${await rows()} rows`,
  )
  expectNoWrongs(dashboard, app.url)
}, 120_000)
