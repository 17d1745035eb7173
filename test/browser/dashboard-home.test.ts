import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { captureAnonymously, captureAs, newTenant, openSignedIn } from '../support/dashboard-page.ts'
import { startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it.for([1440, 700])('nothing jumps while the numbers and the chart arrive, %s px wide', async (width, context) => {
  const tenant = await newTenant(app)
  const receiver = await startReceiver()
  context.onTestFinished(() => receiver.stop())
  await tenant.client.createEndpoint({ url: receiver.url })
  for (const source of ['google', 'newsletter', 'webinar'])
    await captureAs(tenant, { email: `${source}@example.com`, source })
  await receiver.received(3)
  const { page } = await openSignedIn(context, tenant, '/#/capture')
  await page.setViewportSize({ width, height: 900 })
  const numbers = await hold(page, '**/graphql', 'query Home')
  const chart = await hold(page, '**/chart-canvas*')
  await page.evaluate(() => location.replace('#/'))
  await page.getByRole('status', { name: 'Loading' }).first().waitFor()
  const place = await topOf(page, 'New leads by source')
  numbers.release()
  await page.locator('.chart-legend').getByText('newsletter').waitFor()
  expect(await topOf(page, 'New leads by source')).toBe(place)
  const lists = await topOf(page, 'Top sources')
  chart.release()
  await page.locator('canvas').waitFor()
  expect(await topOf(page, 'Top sources')).toBe(lists)
})

it('what needs a person is shown together with the numbers, which it would move otherwise', async (context) => {
  const tenant = await newTenant(app)
  await captureAs(tenant, { email: 'jane@example.com', source: 'google' })
  await captureAnonymously(tenant, { email: 'held@mailinator.com' })
  const { page } = await openSignedIn(context, tenant, '/#/capture')
  const attention = await hold(page, '**/graphql', 'query Attention')
  const read = page.waitForResponse((response) => response.request().postData()?.includes('query Home') === true)
  await page.evaluate(() => location.replace('#/'))
  await (await read).finished()
  expect(await page.getByText('Top sources').count()).toBe(0)
  attention.release()
  await page.getByText('1 submission is held').waitFor()
  await page.getByText('Top sources').waitFor()
})

/** Holds the requests to an address, with this text in their body, until they are released. */
async function hold(page: Page, address: string, text = ''): Promise<{ release(): void }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await page.route(address, async (route) => {
    if ((route.request().postData() ?? '').includes(text)) await promise
    await route.fallback()
  })
  return { release: resolve }
}

function topOf(page: Page, heading: string): Promise<number> {
  return page.getByRole('heading', { name: heading }).evaluate((node) => node.getBoundingClientRect().top)
}
