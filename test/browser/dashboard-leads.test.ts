import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fillLeads, shownLeads, showsLeads } from '../support/dashboard-leads.ts'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  isLive,
  newTenant,
  openDashboardPage,
  openSignedIn,
  signIn,
} from '../support/dashboard-page.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const leads = '/#/leads'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a captured lead appears by itself, once, and an update changes it in place', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, leads)
  const { page } = dashboard
  await page.getByText('No leads yet.').waitFor()
  await page.mouse.move(0, 0)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane', source: 'organic' })
  await captureAs(tenant, { email: 'john@example.com', first_name: 'John' })
  await showsLeads(page, ['John', 'Jane'])
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Janet', source: 'referral' })
  await showsLeads(page, ['John', 'Janet'])
  await page.getByRole('row', { name: /Janet/ }).getByText('referral').waitFor()
  expectNoWrongs(dashboard, app.url)
  await page.reload()
  await showsLeads(page, ['John', 'Janet'])
})

it('new leads wait at the top while somebody reads, and are shown when asked', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'read@example.com', first_name: 'Read' })
  const { page } = await openSignedIn(context, tenant, leads)
  await showsLeads(page, ['Read'])
  await page.getByRole('row', { name: /Read/ }).hover()
  for (const name of ['One', 'Two', 'Three'])
    await captureAs(tenant, { email: `${name}@example.com`, first_name: name })
  await page.getByRole('button', { name: '3 new leads – show' }).waitFor()
  expect(await shownLeads(page)).toEqual(['Read'])
  await page.getByRole('button', { name: '3 new leads – show' }).click()
  await showsLeads(page, ['Three', 'Two', 'One', 'Read'])
  expect(await page.getByRole('button', { name: /– show/ }).count()).toBe(0)
})

it('what was captured while the connection was cut is there once it is back, once each', async (context) => {
  const tenant = await newTenant(app)
  const proxy = await startDatabaseProxy(app.url)
  context.onTestFinished(() => proxy.stop())
  await captureAs(tenant, { email: 'before@example.com', first_name: 'Before' })
  const { page } = await openDashboardPage(context, proxy.url, leads)
  await signIn(page, tenant.key)
  await page.mouse.move(0, 0)
  await showsLeads(page, ['Before'])
  const asksForLeads = countQueries(page, 'query Leads')
  proxy.cut()
  await page.getByText('Reconnecting …').waitFor()
  const missed = Array.from({ length: 15 }, (_, nth) => `Missed ${nth}`)
  for (const name of missed)
    await captureAs(tenant, { email: `${name.replace(' ', '-')}@example.com`, first_name: name })
  await captureAs(tenant, { email: 'before@example.com', first_name: 'Changed' })
  proxy.restore()
  await isLive(page)
  await showsLeads(page, [...missed.toReversed(), 'Changed'])
  // It came by the cursor of the last event, not by reading the list once more.
  expect(asksForLeads()).toBe(0)
})

it('a search and filters are in the address, find what comes meanwhile, and survive a reload', async (context) => {
  const tenant = await newTenant(app)
  for (let nth = 1; nth <= 12; nth++) {
    const metadata = { plan: nth % 4 === 0 ? 'pro' : 'free', utm_campaign: nth > 6 ? 'spring' : 'brand' }
    await captureAs(tenant, { email: `lead-${nth}@example.com`, first_name: `Lead ${nth}`, metadata })
  }
  const { page } = await openSignedIn(context, tenant, leads)
  await page.mouse.move(0, 0)
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByLabel('Metadata').fill('plan=pro')
  await showsLeads(page, ['Lead 12', 'Lead 8', 'Lead 4'])
  await page.getByLabel('Campaign').fill('spring')
  await showsLeads(page, ['Lead 12', 'Lead 8'])
  await page.reload()
  await showsLeads(page, ['Lead 12', 'Lead 8'])
  expect(await page.getByLabel('Campaign').inputValue()).toBe('spring')
  await page.getByLabel('Campaign').fill('')
  await page.getByLabel('Metadata').fill('')
  await page.getByRole('searchbox').fill('lead-1@')
  await showsLeads(page, ['Lead 1'])
  await isLive(page)
  await page.getByRole('searchbox').fill('new')
  await page.getByText('Nothing found.').waitFor()
  await captureAs(tenant, { email: 'other@example.com', first_name: 'Other' })
  await captureAs(tenant, { email: 'found@example.com', first_name: 'New' })
  await showsLeads(page, ['New'])
  await page.getByRole('searchbox').fill('')
  await page.getByLabel('From', { exact: true }).fill('2020-01-01')
  await page.getByLabel('To', { exact: true }).fill('2020-01-31')
  await page.getByText('Nothing found.').waitFor()
  expect(page.url()).toContain('#/leads?from=2020-01-01&to=2020-01-31')
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect.poll(() => shownLeads(page)).toHaveLength(14)
})

it('10,000 leads are scrolled through with few rows in the page', async (context) => {
  const tenant = await newTenant(app)
  await fillLeads(app, tenant.slug, 10_000)
  const { page } = await openSignedIn(context, tenant, leads)
  await page.getByText('10K leads').waitFor()
  const rows = page.locator('.lead-list tbody tr[data-id]')
  let most = 0
  await eventually(
    async () => {
      most = Math.max(most, await rows.count())
      await page.evaluate("document.querySelector('.virtual-frame').scrollTo(0, 1e9)")
      return await page.getByRole('link', { name: 'Person 1', exact: true }).isVisible()
    },
    async () => `${await shownLeads(page)}`,
    150_000,
  )
  expect(await page.locator('.lead-list table').getAttribute('aria-rowcount')).toBe('10001')
  expect(most).toBeLessThan(60)
  await page.keyboard.press('Escape')
  await captureAs(tenant, { email: 'late@example.com', first_name: 'Late' })
  await page.getByRole('button', { name: '1 new lead – show' }).click()
  await page.getByRole('link', { name: 'Late' }).waitFor()
})

it('an erased lead goes', async (context) => {
  const tenant = await newTenant(app)
  const captured = await captureAs(tenant, { email: 'gone@example.com', first_name: 'Gone' })
  const { page } = await openSignedIn(context, tenant, leads)
  await showsLeads(page, ['Gone'])
  await tenant.client.graphql('mutation ($id: ID!) { eraseContact(id: $id) { __typename } }', {
    id: captured.json.data?.['id'],
  })
  await page.getByText('No leads yet.').waitFor()
})

it('a page that is open for long does not grow without end', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'first@example.com' })
  const { page } = await openSignedIn(context, tenant, leads)
  await page.getByRole('row', { name: /first/ }).hover()
  const emails = Array.from({ length: 520 }, (_, nth) => `many-${nth}@example.com`)
  await Promise.all(emails.map((email) => captureAs(tenant, { email })))
  await page.getByRole('button', { name: '520 new leads – show' }).click()
  await expect.poll(() => page.locator('.lead-list table').getAttribute('aria-rowcount')).toBe('101')
  const shown = await shownLeads(page)
  expect(shown.length).toBeLessThan(60)
  expect(new Set(shown).size).toBe(shown.length)
})

it('names that attack are text, and neither run nor break the list', async (context) => {
  const tenant = await newTenant(app)
  const dashboard = await openSignedIn(context, tenant, leads)
  const { page } = dashboard
  await page.setViewportSize({ width: 360, height: 740 })
  await page.mouse.move(0, 0)
  const names = [
    '<img src=x onerror=alert(1)>',
    '</strong><script>alert(1)</script>',
    `"'><svg onload=alert(1)>`,
    'x'.repeat(200),
    'שלום (abc) 123',
    '{{constructor.constructor("alert(1)")()}}',
  ]
  for (const [nth, name] of names.entries())
    await captureAs(tenant, {
      email: `hostile-${nth}@example.com`,
      first_name: name,
      source: `javascript:alert(${nth})//`,
    })
  await showsLeads(page, names.toReversed())
  expect(await page.locator('.lead-list td :is(img, script, svg)').count()).toBe(0)
  expect(await page.locator('.lead-list td [href^="javascript"]').count()).toBe(0)
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  expect(await page.evaluate(overflow)).toBe(0)
  await page.setViewportSize({ width: 1600, height: 900 })
  expect(await page.evaluate(overflow)).toBe(0)
  expectNoWrongs(dashboard, app.url)
})

it('a key that may read contacts alone sees them masked, and nothing to change', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane' })
  const dashboard = await openDashboardPage(context, app.url, leads)
  const { page } = dashboard
  await enterKey(page, await createKey(createGraphqlClient(tenant), ['CONTACTS_READ']))
  await showsLeads(page, ['Jane'])
  await page.getByText('j***@example.com').waitFor()
  await page.getByText('Not live: the key lacks EVENTS_READ.').waitFor()
  await page.getByPlaceholder('Search by name', { exact: true }).waitFor()
  expect(await page.locator('.lead-list :is(select, input)').count()).toBe(0)
  expectNoWrongs(dashboard, app.url)
  const blind = await openDashboardPage(context, app.url, leads)
  await enterKey(blind.page, await createKey(createGraphqlClient(tenant), ['EVENTS_READ']))
  await blind.page.getByText('Leads needs a key with the scope CONTACTS_READ.').waitFor()
  expectNoWrongs(blind, app.url)
})

/** How often the page has asked this since. */
function countQueries(page: Page, start: string): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.postData()?.includes(start)) count++
  })
  return () => count
}
