import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { newTenant, signIn } from '../support/dashboard-page.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const budgetBytes = 180 * 1024

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.stop())

it('the first view loads at most 180 KB gzipped, sign-in and Home together', async (context) => {
  const tenant = await newTenant(app)
  const page = await openPage(context)
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (/\/dashboard\/|\/$/.test(new URL(response.url()).pathname)) sizes.push(bytesOf(response))
  })
  await page.goto(app.url)
  await signIn(page, tenant.key)
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  await page.waitForLoadState('networkidle')
  const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each, 0)
  expect(sizes.length).toBeGreaterThan(4)
  expect(bytes).toBeLessThan(budgetBytes)
  context.annotate(`${Math.round(bytes / 1024)} KB`)
})

async function bytesOf(response: { request(): { sizes(): Promise<{ responseBodySize: number }> } }): Promise<number> {
  return (await response.request().sizes()).responseBodySize
}
