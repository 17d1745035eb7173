import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPage } from '../support/browser.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'

let rex: TestHttp

beforeAll(async () => {
  rex = await startTestHttp()
})
afterAll(() => rex?.stop())

it('the search of /docs finds a section by its words, and opens it', async (context) => {
  const page = await openPage(context)
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(`${rex.url}/docs`)
  const field = page.getByRole('searchbox', { name: 'Search the documentation' })
  await field.fill('test vectors')
  const found = page.getByRole('link', { name: 'Webhooks: Test vectors' })
  await found.click()
  await page.getByRole('heading', { name: 'Test vectors' }).waitFor()
  expect(page.url()).toBe(`${rex.url}/docs/webhooks#test-vectors`)
  await field.fill('zyzzogeton')
  await page.getByText('Nothing is found.').waitFor()
  expect(complaints).toEqual([])
})

it.for([360, 1440])('pages of /docs fit a window of %i px', async (width, context) => {
  const page = await openPage(context, { viewport: { width, height: 900 } })
  for (const path of ['/docs', '/docs/sources', '/docs/webhooks', '/docs/operating', '/docs/benchmarks']) {
    await page.goto(rex.url + path)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect({ path, overflow }).toEqual({ path, overflow: 0 })
  }
})
