import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import {
  captureAs,
  enterKey,
  expectNoWrongs,
  isLive,
  newTenant,
  openDashboardPage,
  openSignedIn,
  showsFeed,
  signIn,
} from '../support/dashboard-page.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('a wrong key is refused in words, and nothing of it stays', async (context) => {
  const { page } = await openDashboardPage(context, app.url)
  await enterKey(page, 'wrong-key-0123456789')
  await page.getByText('This API key is not valid, or no longer valid.').waitFor()
  expect(await page.getByLabel('API key').inputValue()).toBe('')
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}')
  await enterKey(page, 'ключ-0123456789-ключ')
  await page.getByText('This is not a valid API key.').waitFor()
})

it('the key is kept for the tab alone, stands nowhere in the page, and is forgotten on signing out', async (context) => {
  const tenant = await newTenant(app)
  const { page, asked } = await openSignedIn(context, tenant)
  expect(await page.content()).not.toContain(tenant.key)
  expect(asked.filter((url) => url.includes(tenant.key))).toEqual([])
  expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain(tenant.key)
  const other = await page.context().newPage()
  await other.goto(app.url)
  await other.getByLabel('API key').waitFor()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('API key').waitFor()
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}')
  expect(await page.locator('.feed').count()).toBe(0)
  await page.reload()
  await page.getByLabel('API key').waitFor()
})

it('a key that is revoked meanwhile signs out with a word', async (context) => {
  const tenant = await newTenant(app)
  const admin = createGraphqlClient(tenant)
  const key = await createKey(admin, ['CONTACTS_READ', 'EVENTS_READ'])
  const { page } = await openSignedIn(context, { ...tenant, key })
  const { data } = await admin('{ workspace { apiKeys { id scopes } } }')
  const { apiKeys } = data['workspace'] as { apiKeys: { id: string; scopes: string[] }[] }
  const id = apiKeys.find(({ scopes }) => !scopes.includes('ADMIN'))?.id
  await admin('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id })
  await page.getByText('This API key is not valid, or no longer valid.').waitFor()
  await page.getByLabel('API key').waitFor()
})

it('without JavaScript the curl and the links are there, and no box that does nothing', async (context) => {
  const page = await openPage(context, { javaScriptEnabled: false })
  await page.goto(app.url)
  await page.getByText(`curl -X POST ${app.url}/capture`).waitFor()
  await page.getByRole('link', { name: 'GraphiQL' }).waitFor()
  await page.getByText('The dashboard needs JavaScript.').waitFor()
  expect(await page.getByLabel('API key').count()).toBe(0)
})

it('who has no key sees the curl and the links below the box, and who signs in does not', async (context) => {
  const dashboard = await openDashboardPage(context, app.url)
  const { page } = dashboard
  const box = await page.getByLabel('API key').boundingBox()
  const curl = await page.getByText('curl -X POST').boundingBox()
  expect(box!.y).toBeLessThan(curl!.y)
  await signIn(page, app.key)
  expect(await page.getByText('curl -X POST').isVisible()).toBe(false)
  expectNoWrongs(dashboard, app.url)
})

it('while the server cannot be reached that is told, and it is tried again', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane' })
  const { page } = await openDashboardPage(context, app.url)
  await page.route('**/graphql', (route) => route.abort())
  await enterKey(page, tenant.key)
  await page.getByText('Rex cannot be reached. Trying again …').waitFor()
  await page.unroute('**/graphql')
  await isLive(page)
  await showsFeed(page, ['Jane'])
  expect(await page.locator('.notice').textContent()).toBe('')
})

it('a change that got no answer is not made again by itself, since it may have been done', async (context) => {
  const tenant = await newTenant(app)
  const { page } = await openSignedIn(context, tenant)
  const asked = await answerNothing(page, 'mutation SendTestLead')
  await page.getByRole('button', { name: 'Send a test lead' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Check whether the change was made before you try again.').waitFor()
  expect(asked()).toBe(1)
})

it('whoever asks too much is told so, and answered when the time has come', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', first_name: 'Jane' })
  const { page } = await openDashboardPage(context, app.url)
  let refused = 0
  await page.route('**/graphql', async (route) => {
    if (refused++ > 0) return route.continue()
    const error = { message: 'Too many requests.', extensions: { code: 'RATE_LIMITED' } }
    await route.fulfill({ status: 429, headers: { 'retry-after': '1' }, json: { errors: [error] } })
  })
  await enterKey(page, tenant.key)
  await page.getByText('Too many requests. Trying again …').waitFor()
  await showsFeed(page, ['Jane'])
})

/** Loses what the page asks by this operation; answers how often it has asked. */
async function answerNothing(page: Page, start: string): Promise<() => number> {
  let count = 0
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes(start)) return route.continue()
    count++
    return route.abort()
  })
  return () => count
}
