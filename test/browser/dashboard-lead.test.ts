import type { ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  newTenant,
  openDashboardPage,
  openSignedIn,
  showsLeads,
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

async function openLead(page: Page, name: string) {
  await page.getByRole('button', { name }).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.waitFor()
  return dialog
}

const changeStage = `mutation ($id: ID!, $stage: String!) {
  updateContact(input: { id: $id, fields: { stage: $stage } }) { __typename }
}`

it('a lead opens with what is known of it, and what happened, as it happens', async (context) => {
  const tenant = await newTenant(app)
  const waiting: ServerResponse[] = []
  const receiver = await startReceiver((_webhook, response) => void waiting.push(response))
  context.onTestFinished(() => receiver.stop())
  await tenant.client.createEndpoint({ url: receiver.url, events: ['*'] })
  await captureAs(tenant, jane)
  const dashboard = await openSignedIn(context, tenant)
  const { page } = dashboard
  const dialog = await openLead(page, 'Jane Doe')
  for (const text of ['jane@example.com', 'utm_source', '/pricing', '<i>pro</i>', 'First touch', 'Last touch'])
    await dialog.getByText(text).first().waitFor()
  const created = dialog.getByRole('row').filter({ hasText: 'contact.created' })
  await created.getByText('pending').waitFor()
  await receiver.received(1)
  waiting[0]!.end()
  await created.getByText('succeeded').waitFor()
  expect(await created.textContent()).toContain(receiver.url)
  const submission = page.locator('dialog details')
  await submission.locator('summary').click()
  await captureAs(tenant, { ...jane, first_name: 'Janet' })
  await page.getByRole('dialog', { name: 'Janet Doe' }).waitFor()
  const updated = page.getByRole('row').filter({ hasText: 'contact.updated' })
  await updated.getByText('pending').waitFor()
  expect(await submission.count()).toBe(2)
  expect(await submission.last().getAttribute('open')).toBe('')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Janet Doe')
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('its stage is changed, to one of the workspace', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, jane)
  const { page } = await openSignedIn(context, tenant)
  const dialog = await openLead(page, 'Jane Doe')
  const input = dialog.getByLabel('Stage')
  await expect.poll(() => input.inputValue()).toBe('lead')
  const { data } = await createGraphqlClient(tenant)('{ workspace { stages } }')
  const { stages } = data['workspace'] as { stages: string[] }
  await expect
    .poll(() => dialog.locator('option').evaluateAll((options) => options.map((each) => each.getAttribute('value'))))
    .toEqual(stages)
  await input.fill('no such stage')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.locator('form .problem').filter({ hasText: /\w/ }).waitFor()
  await input.fill(stages[1]!)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('Saved.').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('table.leads').getByText(stages[1]!).waitFor()
}, 60_000)

it('a stage that somebody else has changed meanwhile is told of and shown, and nothing is overwritten', async (context) => {
  const tenant = await newTenant(app)
  const captured = await captureAs(tenant, jane)
  const admin = createGraphqlClient(tenant)
  const { data } = await admin('{ workspace { stages } }')
  const [, second = '', third = ''] = (data['workspace'] as { stages: string[] }).stages
  // Without events it is not told of the change.
  const key = await createKey(admin, ['CONTACTS_READ', 'CONTACTS_WRITE'])
  const { page } = await openDashboardPage(context, app.url)
  await enterKey(page, key)
  await showsLeads(page, ['Jane Doe'])
  const dialog = await openLead(page, 'Jane Doe')
  const input = dialog.getByLabel('Stage')
  await expect.poll(() => input.inputValue()).toBe('lead')
  await admin(changeStage, { id: captured.json.data?.['id'], stage: second })
  await input.fill(third)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('Someone else has changed this lead').waitFor()
  await dialog.locator('dd').getByText(second, { exact: true }).waitFor()
  const { data: after } = await admin('{ contacts { nodes { stage } } }')
  expect(after).toEqual({ contacts: { nodes: [{ stage: second }] } })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('Saved.').waitFor()
}, 60_000)

it('a key that may read contacts alone sees what it would need for the rest of a lead', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, jane)
  const dashboard = await openDashboardPage(context, app.url)
  const { page } = dashboard
  await enterKey(page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await showsLeads(page, ['Jane Doe'])
  const dialog = await openLead(page, 'Jane Doe')
  await dialog.getByText('Changing the stage needs a key with the scope CONTACTS_WRITE.').waitFor()
  await dialog.getByText('Viewing events needs a key with the scope EVENTS_READ.').waitFor()
  await dialog.getByText('Viewing deliveries needs a key with the scope WEBHOOKS_READ.').waitFor()
  await dialog.getByText('j***@example.com').first().waitFor()
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('a lead that is erased while it is open is gone', async (context) => {
  const tenant = await newTenant(app)
  const captured = await captureAs(tenant, jane)
  const { page } = await openSignedIn(context, tenant)
  const dialog = await openLead(page, 'Jane Doe')
  await dialog.getByText('jane@example.com').first().waitFor()
  await tenant.client.graphql('mutation ($id: ID!) { eraseContact(id: $id) { __typename } }', {
    id: captured.json.data?.['id'],
  })
  await page.getByText('This lead was erased.').waitFor()
  await page.getByText('No leads yet.').waitFor()
  expect(await page.locator('#dashboard').textContent()).not.toContain('jane@example.com')
}, 60_000)
