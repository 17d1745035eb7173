import { type AuditOk, serverAudits } from 'graphql-http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app?.stop())

/** As the audits ask, with the key that every operation needs. */
const fetchWithKey = (input: RequestInfo | URL, { headers, ...init }: RequestInit = {}) => {
  const withKey = new Headers(headers)
  withKey.set('x-api-key', app.key)
  return fetch(input, { ...init, headers: withKey })
}
const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetchWithKey })

it('has 61 audits of GraphQL over HTTP to pass', () => {
  expect(audits).toHaveLength(61)
})

it.each(audits)('$id: $name', async ({ fn, id, name }) => {
  const result = await fn()
  const passed: Omit<AuditOk, 'response'> = { id, name, status: 'ok' }
  const reason = result.status === 'ok' ? {} : { reason: result.reason }
  expect({ id: result.id, name: result.name, status: result.status, ...reason }).toEqual(passed)
})
