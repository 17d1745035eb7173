import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import typeform from '../fixtures/sources/typeform.json' with { type: 'json' }
import {
  captureAnonymously,
  captureAs,
  type DashboardPage,
  newTenant,
  openSignedIn,
  type Tenant,
} from '../support/dashboard-page.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { creation } from '../support/source-graphql.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { captureSome, fillWeeks } from '../support/week-of-leads.ts'

/** View of the dashboard: an address, and what is pressed there. */
interface View {
  readonly name: string
  /** Fragment of the address, with the ids of what was stored in place of their names. */
  readonly path: string
  /** Text that shows that the view is complete. */
  readonly shows?: string
  /** Button that opens a dialog. */
  readonly opens?: string
}

const views: readonly View[] = [
  { name: 'home', path: '/?range=7d' },
  { name: 'leads', path: '/leads', shows: 'just now' },
  { name: 'export', path: '/leads', opens: 'Export' },
  { name: 'lead', path: '/leads/:lead', shows: 'contact.created' },
  { name: 'edit-lead', path: '/leads/:lead', opens: 'Edit' },
  { name: 'erase-lead', path: '/leads/:lead', opens: 'Erase' },
  { name: 'sources', path: '/sources', shows: 'Pricing page' },
  { name: 'add-source', path: '/sources', opens: 'Add a source' },
  { name: 'source', path: '/sources/:source', shows: 'URL of the source' },
  { name: 'held', path: '/held' },
  { name: 'webhooks', path: '/webhooks' },
  { name: 'create-webhook', path: '/webhooks', opens: 'Create a webhook' },
  { name: 'webhook', path: '/webhooks/:endpoint', shows: 'contact.created' },
  { name: 'attempt', path: '/webhooks/:endpoint?delivery=:delivery', shows: 'Response' },
  { name: 'replay', path: '/webhooks/:endpoint', opens: 'Replay' },
  { name: 'rotate-secret', path: '/webhooks/:endpoint', opens: 'Rotate the secret' },
  { name: 'verify', path: '/webhooks/:endpoint/verify' },
  { name: 'capture', path: '/capture' },
  { name: 'keys', path: '/keys' },
  { name: 'create-key', path: '/keys', opens: 'Create a key' },
  { name: 'workspace', path: '/workspace' },
  { name: 'audit', path: '/audit' },
  { name: 'status', path: '/status' },
]
const widths = [1440, 360]
const schemes = ['light', 'dark'] as const
/**
 * Folder for pictures of all views; without it none are taken. The README's picture is `home-1440-light.png`:
 * `REX_PICTURES=/tmp/pictures npx vitest run test/browser/dashboard-pages.test.ts`, then it is copied to docs/pictures.
 */
const pictures = process.env['REX_PICTURES']

describe('each view of the dashboard', () => {
  let app: TestApp
  let tenant: Tenant
  let receiver: Receiver
  let ids: Record<string, string>
  let opened: Promise<DashboardPage> | undefined

  beforeAll(async () => {
    app = await startTestApp()
    receiver = await startReceiver()
    tenant = await newTenant(app)
    await fillWeeks(app, tenant)
    ids = await fill(tenant, receiver)
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  })
  afterAll(async () => {
    await app?.stop()
    await receiver?.stop()
  })

  /** Opens a page once, for all tests: it ends with the browser. */
  function sharedPage({ skip }: TestContext): Promise<DashboardPage> {
    opened ??= openSignedIn({ skip, onTestFinished: () => {} }, tenant).then(async (dashboard) => {
      // The policy of the page lets no script in: the browser's own protocol evaluates it.
      await dashboard.page.evaluate(axe.source)
      return dashboard
    })
    return opened
  }

  it.for(views)(
    '$name fits 360 and 1440 px in light and dark, and axe finds nothing serious',
    async (view, context) => {
      const { page, wrongs } = await sharedPage(context)
      await openView(page, view, ids)
      for (const width of widths)
        for (const colorScheme of schemes) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          await takePicture(page, `${view.name}-${width}-${colorScheme}`)
          expect(await overflowOf(page), `${width} px`).toBeLessThanOrEqual(0)
          expect(await seriousFindings(page), `${width} px, ${colorScheme}`).toEqual([])
        }
      expect(wrongs).toEqual([])
    },
  )
})

/** Opens a view without loading the page again. */
async function openView(page: Page, { path, shows, opens }: View, ids: Record<string, string>): Promise<void> {
  const fragment = path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? name)
  await page.setViewportSize({ width: widths[0] ?? 1440, height: 900 })
  // A dialog of the view before is closed by the change of the page.
  await page.evaluate((to) => location.replace(`#${to}`), '/capture')
  await page.locator('h1', { hasText: 'Capture' }).waitFor()
  await page.evaluate((to) => location.replace(`#${to}`), fragment)
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.locator('main h1').waitFor()
  if (path.startsWith('/?')) await page.locator('canvas').first().waitFor()
  if (shows !== undefined) await page.getByText(shows).or(page.getByLabel(shows)).first().waitFor()
  if (opens === undefined) return
  await page.getByRole('button', { name: opens, exact: true }).first().click()
  await page.getByRole('dialog').waitFor()
}

/** Stores what the views show, and returns the ids of some of it. */
async function fill(tenant: Tenant, receiver: Receiver): Promise<Record<string, string>> {
  const ask = createGraphqlClient(tenant)
  const endpoint = await tenant.client.createEndpoint({ url: receiver.url, description: 'CRM' })
  await captureSome(tenant, 6)
  const metadata = { utm_source: 'newsletter', utm_campaign: 'november-news', landing_page: '/pricing' }
  const lead = await captureAs(tenant, {
    ...{ email: 'amara.solberg@example.com', first_name: 'Amara', last_name: 'Solberg' },
    ...{ source: 'newsletter', metadata },
  })
  await captureAnonymously(tenant, { email: 'held@mailinator.com', message: 'Please call me.' })
  await captureAnonymously(tenant, { email: 'robot@example.com', _gotcha: 'filled' })
  const { data: created } = await ask(creation, { input: { name: 'Pricing page', kind: 'TYPEFORM' } })
  const source = created['createSource'] as { id: string; url: string }
  await fetch(new URL(new URL(source.url).pathname, tenant.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(typeform),
  })
  await receiver.received(7)
  const { data } = await ask('{ deliveries(first: 1) { nodes { id } } }')
  const { nodes } = data['deliveries'] as { nodes: { id: string }[] }
  return {
    endpoint: endpoint.id,
    lead: String(lead.json.data?.['id']),
    source: source.id,
    delivery: nodes[0]?.id ?? '',
  }
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Returns by how many pixels the page is wider than its window. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

async function seriousFindings(page: Page): Promise<string[]> {
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  expect(results.passes.length, 'rules that apply to the view').toBeGreaterThan(10)
  const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

interface AxeResults {
  readonly passes: readonly unknown[]
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
