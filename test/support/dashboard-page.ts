import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { type ApiClient, createApiClient } from './api-client.ts'
import { openPage, type PageOwner } from './browser.ts'
import { eventually } from './eventually.ts'
import { createGraphqlClient, createWorkspace } from './graphql-client.ts'
import { send } from './http-client.ts'

/** The dashboard in a browser, and what a page should never do. */
export interface DashboardPage {
  readonly page: Page
  readonly asked: string[]
  /** Errors in the console, what the policy refused, exceptions and dialogs. */
  readonly wrongs: string[]
}

export async function openDashboardPage(context: PageOwner, url: string, path = '/'): Promise<DashboardPage> {
  const page = await openPage(context)
  const asked: string[] = []
  const wrongs: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && wrongs.push(message.text()))
  page.on('pageerror', (error) => wrongs.push(String(error)))
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(new URL(path, url).href)
  return { page, asked, wrongs }
}

export async function enterKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signs in, and waits until what happens is shown by itself. */
export async function signIn(page: Page, key: string): Promise<void> {
  await enterKey(page, key)
  await isLive(page)
}

export function isLive(page: Page): Promise<void> {
  return page.locator('.live[data-state=live]').waitFor()
}

/** Waits until the feed of the page Home has exactly these names, newest first. */
export async function showsFeed(page: Page, names: readonly string[]): Promise<void> {
  const shown = () => page.locator('.feed li strong').allTextContents()
  await eventually(
    async () => JSON.stringify(await shown()) === JSON.stringify(names),
    async () => `${JSON.stringify(await shown())} instead of ${JSON.stringify(names)}`,
  )
}

/** Nothing has run that came with the data, and nothing was asked of anybody else. */
export function expectNoWrongs({ asked, wrongs }: DashboardPage, url: string): void {
  expect(wrongs).toEqual([])
  expect(asked.filter((each) => !each.startsWith(`${url}/`))).toEqual([])
}

/** A workspace of a test's own, without a lead. */
export interface Tenant {
  readonly url: string
  readonly key: string
  readonly slug: string
  readonly client: ApiClient
}

let counted = 0

export async function newTenant(app: { readonly url: string; readonly key: string }): Promise<Tenant> {
  const { url } = app
  const slug = `tenant-${++counted}`
  const key = await createWorkspace(createGraphqlClient(app), slug)
  return { url, key, slug, client: createApiClient({ url, key }) }
}

export async function openSignedIn(context: PageOwner, tenant: Tenant, path = '/'): Promise<DashboardPage> {
  const dashboard = await openDashboardPage(context, tenant.url, path)
  await signIn(dashboard.page, tenant.key)
  return dashboard
}

/** With a key, which nothing screens. */
export function captureAs({ client, key }: Tenant, lead: object) {
  return client.capture(lead, { 'x-api-key': key })
}

/** As anybody does, who is screened. */
export async function captureAnonymously({ url, slug }: Tenant, lead: object): Promise<void> {
  const headers = { host: `${slug}.localhost`, 'content-type': 'application/json' }
  const { status } = await send(url, { method: 'POST', path: '/capture', headers, body: JSON.stringify(lead) })
  expect(status).toBe(201)
}
