import { afterAll, beforeAll, expect, it } from 'vitest'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'

let http: TestHttp

beforeAll(async () => {
  http = await startTestHttp('embedded', { environment: { REX_TRUSTED_PROXIES: '127.0.0.0/8' } })
})
afterAll(() => http?.stop())

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  send(http.url, { path, headers: { 'x-forwarded-for': '203.0.113.7', ...headers } })

it('an address asks for 1,200 pages and files in a minute without a key, and is refused after that', async () => {
  const first = await get('/schema.graphql')
  const statuses = new Set<number>()
  for (let nth = 1; nth < 1200; nth++) statuses.add((await get(nth % 2 ? '/' : '/capture.js')).status)
  expect([first.status, [...statuses]]).toEqual([200, [200]])
  const refused = await get('/')
  expect(refused).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await get('/schema.graphql', { 'if-none-match': first.headers['etag'] ?? '' })).status).toBe(304)
  expect((await get('/', { 'x-forwarded-for': '203.0.113.8' })).status).toBe(200)
})
