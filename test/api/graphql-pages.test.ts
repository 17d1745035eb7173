import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const friend = 'https://app.example.com'

let app: TestApp
let graphql: GraphqlClient

beforeAll(async () => {
  app = await startTestApp({ REX_GRAPHQL_ORIGINS: friend })
  graphql = createGraphqlClient(app)
})

afterAll(() => app?.stop())

describe('a page', () => {
  it('of a configured origin may ask, without credentials', async () => {
    const preflight = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: friend, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    const answer = await graphql('{ viewer { id } }', {}, { origin: friend })
    for (const { headers } of [preflight, answer]) {
      expect(headers.get('access-control-allow-origin')).toBe(friend)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
    const refused = await graphql('{ viewer { id } }', {}, { origin: friend, 'x-api-key': '' })
    expect(refused.headers.get('access-control-allow-origin')).toBe(friend)
  })

  it('of our own origin may ask', async () => {
    expect((await graphql('{ viewer { id } }', {}, { origin: app.url })).status).toBe(200)
  })

  it('of any other may not', async () => {
    for (const origin of ['https://evil.example', 'null', `${friend}.evil.example`]) {
      const answer = await graphql('{ viewer { id } }', {}, { origin })
      expect([answer.status, answer.codes]).toEqual([403, ['FORBIDDEN']])
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('that is GraphiQL runs no inline script, takes nothing from elsewhere and stays out of frames', async () => {
    const { headers } = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } })
    const policy = headers.get('content-security-policy')
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      expect(policy?.split('; ')).toContain(part)
    expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer'])
  })

  it('opened by a browser is GraphiQL, whole and without a key', async () => {
    const response = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html,*/*;q=0.8' } })
    const html = await response.text()
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(html).toContain('rex-key')
    expect(html.match(/<(?:script|link|img)[^>]+(?:src|href)="?https?:/g)).toBeNull()
  })
})
