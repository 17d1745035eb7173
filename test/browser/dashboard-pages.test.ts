import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureAnonymously, captureAs, newTenant, openSignedIn, type Tenant } from '../support/dashboard-page.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const pages = ['', 'leads', 'sources', 'held', 'webhooks', 'capture', 'keys', 'workspace', 'audit', 'status']
const widths = [1440, 360]
const schemes = ['light', 'dark'] as const
/** Folder for pictures of all pages; without it none are taken. */
const pictures = process.env['REX_PICTURES']

describe('each page of the dashboard', () => {
  let app: TestApp
  let tenant: Tenant

  beforeAll(async () => {
    app = await startTestApp()
    tenant = await newTenant(app)
    await fill(tenant)
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  })
  afterAll(() => app?.stop())

  it.for(pages)(
    '/#/%s fits 360 and 1440 px in light and dark, and axe finds nothing serious',
    { timeout: 120_000 },
    async (path, context) => {
      const { page, wrongs } = await openSignedIn(context, tenant, `/#/${path}`)
      await page.locator('h1').waitFor()
      await page.locator('.skeleton').first().waitFor({ state: 'detached' })
      if (path === '') await page.locator('canvas').first().waitFor()
      for (const width of widths)
        for (const colorScheme of schemes) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          await takePicture(page, `${path || 'home'}-${width}-${colorScheme}`)
          expect(await overflowOf(page), `${width} px`).toBeLessThanOrEqual(0)
          expect(await seriousFindings(page), `${width} px, ${colorScheme}`).toEqual([])
        }
      expect(wrongs).toEqual([])
    },
  )
})

/** Stores what the pages show: leads, a held one, a webhook and a source. */
async function fill(tenant: Tenant): Promise<void> {
  const people = [
    ['Ada', 'Lovelace', 'newsletter', 'spring-launch'],
    ['Grace', 'Hopper', 'google', 'spring-launch'],
    ['Alan', 'Turing', 'google', 'brand'],
    ['Katherine', 'Johnson', 'linkedin', 'webinar'],
  ]
  for (const [first = '', last = '', source, utm_campaign] of people) {
    const email = `${first}.${last}@example.com`.toLowerCase()
    const metadata = { utm_source: source, utm_campaign, landing_page: '/pricing' }
    await captureAs(tenant, { email, first_name: first, last_name: last, source, metadata })
  }
  await captureAnonymously(tenant, { email: 'held@mailinator.com', message: 'Please call me.' })
  const ask = createGraphqlClient(tenant)
  await ask(`mutation {
    createWebhookEndpoint(input: { url: "https://example.com/hooks/rex", description: "CRM" }) { __typename }
    createSource(input: { name: "Pricing page", kind: TYPEFORM }) { __typename }
  }`)
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Returns by how many pixels the page is wider than its window. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

async function seriousFindings(page: Page): Promise<string[]> {
  // The policy of the page lets no script in: the browser's own protocol evaluates it.
  await page.evaluate(axe.source)
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
