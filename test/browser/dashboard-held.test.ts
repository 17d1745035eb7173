import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  captureAnonymously,
  enterKey,
  expectNoWrongs,
  newTenant,
  openDashboardPage,
  openSignedIn,
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

/** Returns the e-mails of the leads. */
async function leadsOf(tenant: Tenant): Promise<string[]> {
  const { data } = await createGraphqlClient(tenant)('{ contacts { nodes { email } } }')
  const { nodes } = data['contacts'] as { nodes: { email: string }[] }
  return nodes.map(({ email }) => email).toSorted()
}

/** Returns the statuses of the submissions, newest first. */
async function submissionsOf(tenant: Tenant): Promise<{ id: string; status: string }[]> {
  const { data } = await createGraphqlClient(tenant)('{ submissions { nodes { id status } } }')
  return (data['submissions'] as { nodes: { id: string; status: string }[] }).nodes
}

it('a held submission is shown with its reasons and fields, released, and becomes a lead', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  await holdLead(tenant, 'john')
  const dashboard = await openSignedIn(context, tenant)
  const { page } = dashboard
  await page.getByRole('link', { name: 'Held', exact: true }).click()
  const jane = card(page, 'jane@mailinator.com')
  await jane.waitFor()
  expect(await page.getByRole('article').count()).toBe(2)
  const text = (await jane.textContent()) ?? ''
  for (const part of ['held', 'Reasons: disposable domain', 'first_name', 'metadata.utm_source', '<b>news</b>'])
    expect(text).toContain(part)
  await jane.getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released. It is a lead now.').waitFor()
  await jane.waitFor({ state: 'detached' })
  expect(await page.getByRole('article').allTextContents()).toEqual([expect.stringContaining('john@mailinator.com')])
  expect(await leadsOf(tenant)).toEqual(['jane@mailinator.com'])
  expectNoWrongs(dashboard, app.url)
})

it('11.16: an admin sees how much is stored, and whose capture is held without its fields', async (context) => {
  const bounded = await startTestApp({ REX_WORKSPACE_MB: '1' })
  try {
    const tenant = await newTenant(bounded)
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`key_${nth}`, 'x'.repeat(490)]))
    for (let nth = 0; nth < 15; nth++) await captureAnonymously(tenant, { email: `lead-${nth}@example.com`, metadata })
    const { page } = await openSignedIn(context, tenant, '/#/held')
    await page.getByText(/Anonymous captures store 1\.\d MB of 1\.0 MB. New ones are held/).waitFor()
    const text = await card(page, 'lead-14@example.com').textContent()
    expect(text).toContain('Reasons: over storage')
    expect(text).toContain('None.')
  } finally {
    await bounded.stop()
  }
})

it('a submission is marked as spam, and spam is shown when it is asked for, and released too', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'held')
  await captureAnonymously(tenant, { email: 'bot@example.com', _gotcha: 'filled in' })
  const { page } = await openSignedIn(context, tenant, '/#/held')
  await card(page, 'held@mailinator.com').getByRole('button', { name: 'Mark as spam' }).click()
  await page.getByText('Nothing is held.').waitFor()
  await page.getByLabel('Also show spam').check()
  await card(page, 'held@mailinator.com').waitFor()
  expect(await card(page, 'bot@example.com').textContent()).toContain('Reasons: honeypot')
  expect(await page.getByRole('button', { name: 'Mark as spam' }).count()).toBe(0)
  await card(page, 'bot@example.com').getByRole('button', { name: 'Release' }).click()
  await page.getByText('Released. It is a lead now.').waitFor()
  expect(await leadsOf(tenant)).toEqual(['bot@example.com'])
})

it('submissions that arrive, and those that somebody else has decided about, are shown by themselves', async (context) => {
  const tenant = await newTenant(app)
  const { page } = await openSignedIn(context, tenant, '/#/held')
  await page.getByText('Nothing is held.').waitFor()
  await holdLead(tenant, 'jane')
  await card(page, 'jane@mailinator.com').waitFor()
  const [{ id } = { id: '' }] = await submissionsOf(tenant)
  await tenant.client.graphql('mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }', { id })
  await page.getByText('Nothing is held.').waitFor()
})

it('what somebody else has decided meanwhile is told where it was tried', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'twice')
  const { page } = await openSignedIn(context, tenant, '/#/held')
  await card(page, 'twice@mailinator.com').waitFor()
  // From now on the page reads nothing new.
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('query Held') ? undefined : route.continue(),
  )
  const [{ id } = { id: '' }] = await submissionsOf(tenant)
  await tenant.client.graphql('mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }', { id })
  await card(page, 'twice@mailinator.com').getByRole('button', { name: 'Mark as spam' }).click()
  await card(page, 'twice@mailinator.com').getByRole('alert').filter({ hasText: /\w/ }).waitFor()
})

it('many are selected and released or marked as spam at once', async (context) => {
  const tenant = await newTenant(app)
  for (const name of ['ann', 'bob', 'cid', 'dan']) await holdLead(tenant, name)
  const dashboard = await openSignedIn(context, tenant, '/#/held')
  const { page } = dashboard
  await page.getByLabel('Select ann@mailinator.com').check()
  await page.getByLabel('Select bob@mailinator.com').check()
  await page.getByText('2 selected').waitFor()
  await page.getByRole('button', { name: 'Release selected' }).click()
  await page.getByText('2 released. They are leads now.').waitFor()
  expect(await leadsOf(tenant)).toEqual(['ann@mailinator.com', 'bob@mailinator.com'])
  await page.getByLabel('Select all').check()
  await page.getByRole('button', { name: 'Mark selected as spam' }).click()
  await page.getByText('2 marked as spam.').waitFor()
  await page.getByText('Nothing is held.').waitFor()
  expect((await submissionsOf(tenant)).map(({ status }) => status)).toEqual(['SPAM', 'SPAM', 'ACCEPTED', 'ACCEPTED'])
  expectNoWrongs(dashboard, app.url)
})

it('a key that only reads sees what is held, and what it would need to decide', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  const key = await createKey(createGraphqlClient(tenant), ['CONTACTS_READ', 'PII_READ'])
  const dashboard = await openDashboardPage(context, app.url, '/#/held')
  const { page } = dashboard
  await enterKey(page, key)
  await card(page, 'jane@mailinator.com').waitFor()
  await page.getByText('Releasing needs a key with the scope CONTACTS_WRITE.').waitFor()
  expect(await page.getByRole('button', { name: /Release|spam/ }).count()).toBe(0)
  expect(await page.getByRole('checkbox', { name: /Select/ }).count()).toBe(0)
  await page.keyboard.press('j')
  await page.keyboard.press('r')
  expect(await leadsOf(tenant)).toEqual([])
  expectNoWrongs(dashboard, app.url)
})

it('j and k move, x selects, r releases and s marks as spam; the focus stays in the list', async (context) => {
  const tenant = await newTenant(app)
  for (const name of ['ann', 'bob', 'cid', 'dan', 'eve']) await holdLead(tenant, name)
  const { page } = await openSignedIn(context, tenant, '/#/held')
  await card(page, 'ann@mailinator.com').waitFor()
  const focused = () => page.locator('.held-card:focus').getAttribute('aria-label')
  const focuses = (name: string) => card(page, `${name}@mailinator.com`).and(page.locator(':focus')).waitFor()
  await page.keyboard.press('j')
  expect(await focused()).toBe('eve@mailinator.com')
  await page.keyboard.press('j')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('k')
  expect(await focused()).toBe('dan@mailinator.com')
  await page.keyboard.press('r')
  await focuses('cid')
  await page.keyboard.press('s')
  await focuses('bob')
  for (const key of ['x', 'j', 'x', 'r']) await page.keyboard.press(key)
  await page.getByText('2 released. They are leads now.').waitFor()
  await focuses('eve')
  expect(await leadsOf(tenant)).toEqual(['ann@mailinator.com', 'bob@mailinator.com', 'dan@mailinator.com'])
  // The key of a page after `g` decides nothing.
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor()
  expect((await submissionsOf(tenant)).at(0)?.status).toBe('HELD')
})

it('signing in, and releasing, by keyboard alone', async (context) => {
  const tenant = await newTenant(app)
  await holdLead(tenant, 'jane')
  const { page } = await openDashboardPage(context, app.url, '/#/held')
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 50; presses++) {
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
  expect(await page.locator(':focus').textContent()).toBe('Nothing is held.')
})
