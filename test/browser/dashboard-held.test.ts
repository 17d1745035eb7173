import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  captureAnonymously,
  enterKey,
  expectNoWrongs,
  newTenant,
  openDashboardPage,
  openSignedIn,
  showsLeads,
  type Tenant,
} from '../support/dashboard-page.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

const holdLead = (tenant: Tenant, name: string) =>
  captureAnonymously(tenant, {
    email: `${name}@mailinator.com`,
    first_name: name,
    metadata: { utm_source: '<b>news</b>' },
  })

const card = (page: Page, email: string) => page.getByRole('article').filter({ hasText: email })

it('a held submission is shown with its reasons and fields, released, and becomes a lead', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  await holdLead(tenant, 'john')
  const dashboard = await openSignedIn(context, tenant)
  const { page } = dashboard
  await page.getByText('No leads yet.').waitFor()
  await page.getByRole('link', { name: 'Held' }).click()
  const jane = card(page, 'jane@mailinator.com')
  await jane.waitFor()
  expect(await page.getByRole('article').count()).toBe(2)
  const text = (await jane.textContent()) ?? ''
  for (const part of ['held', 'Reasons: disposable domain', 'first_name', 'metadata.utm_source', '<b>news</b>'])
    expect(text).toContain(part)
  await jane.getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released. It is a lead now.').waitFor()
  expect(await page.getByRole('article').allTextContents()).toEqual([expect.stringContaining('john@mailinator.com')])
  await page.getByRole('link', { name: 'Leads' }).click()
  await showsLeads(page, ['jane'])
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('11.16: an admin sees how much is stored, and whose capture is held without its fields', async (context) => {
  const bounded = await startTestApp({ REX_WORKSPACE_MB: '1' })
  try {
    const tenant = await newTenant(bounded)
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`key_${nth}`, 'x'.repeat(490)]))
    for (let nth = 0; nth < 15; nth++) await captureAnonymously(tenant, { email: `lead-${nth}@example.com`, metadata })
    const { page } = await openSignedIn(context, tenant, '/#held')
    await page.getByText(/Anonymous captures store 1\.\d MB of 1\.0 MB. New ones are held/).waitFor()
    const text = await card(page, 'lead-14@example.com').textContent()
    expect(text).toContain('Reasons: over storage')
    expect(text).toContain('None.')
  } finally {
    await bounded.stop()
  }
}, 60_000)

it('a submission is marked as spam, and spam is shown when it is asked for, and released too', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'held')
  await captureAnonymously(tenant, { email: 'bot@example.com', _gotcha: 'filled in' })
  const { page } = await openSignedIn(context, tenant, '/#held')
  await card(page, 'held@mailinator.com').getByRole('button', { name: 'Mark as spam' }).click()
  await page.getByText('Nothing is held.').waitFor()
  await page.getByLabel('Also show spam').check()
  await card(page, 'held@mailinator.com').waitFor()
  expect(await card(page, 'bot@example.com').textContent()).toContain('Reasons: honeypot')
  expect(await page.getByRole('button', { name: 'Mark as spam' }).count()).toBe(0)
  await card(page, 'bot@example.com').getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released. It is a lead now.').waitFor()
  await page.getByRole('link', { name: 'Leads' }).click()
  await showsLeads(page, ['bot'])
}, 60_000)

it('what somebody else has decided meanwhile is told where it was tried', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'twice')
  const { page } = await openSignedIn(context, tenant, '/#held')
  await card(page, 'twice@mailinator.com').waitFor()
  const { data } = (await tenant.client.graphql('{ submissions { nodes { id } } }')) as {
    data: { submissions: { nodes: { id: string }[] } }
  }
  const [{ id } = { id: '' }] = data.submissions.nodes
  await tenant.client.graphql('mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }', { id })
  await card(page, 'twice@mailinator.com').getByRole('button', { name: 'Mark as spam' }).click()
  await card(page, 'twice@mailinator.com').locator('.problem').filter({ hasText: /\w/ }).waitFor()
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByText('Nothing is held.').waitFor()
}, 60_000)

it('a key that only reads sees what is held, and what it would need to decide', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  const key = await createKey(createGraphqlClient(tenant), ['CONTACTS_READ', 'PII_READ'])
  const dashboard = await openDashboardPage(context, app.url, '/#held')
  await enterKey(dashboard.page, key)
  await card(dashboard.page, 'jane@mailinator.com').waitFor()
  await dashboard.page.getByText('Releasing needs a key with the scope CONTACTS_WRITE.').waitFor()
  expect(await dashboard.page.getByRole('button', { name: 'Release' }).count()).toBe(0)
  expectNoWrongs(dashboard, app.url)
}, 60_000)

it('signing in, and releasing, by keyboard alone', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  const { page } = await openDashboardPage(context, app.url, '/#held')
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      const label = await focused.evaluate((node) => {
        const { labels, textContent } = node as HTMLInputElement
        return labels?.[0]?.textContent || textContent
      })
      if (label === name) {
        const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
        expect(outline).toBe('solid')
        return
      }
    }
    throw new Error(`Nothing called ${name} is reached by Tab.`)
  }
  await page.getByLabel('API key').waitFor()
  await tabTo('API key')
  await page.keyboard.type(tenant.key)
  await page.keyboard.press('Enter')
  await card(page, 'jane@mailinator.com').waitFor()
  await tabTo('Release')
  await page.keyboard.press('Enter')
  await page.getByText('Released. It is a lead now.').waitFor()
  expect(await page.evaluate('document.activeElement.className')).toBe('done')
}, 60_000)
