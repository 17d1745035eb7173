import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const query = `query ($from: DateTime!, $to: DateTime!, $buckets: Int) { captureStats(from: $from, to: $to, buckets: $buckets) {
  from to totals { ...T } buckets { start totals { ...T } } bySource { key totals { ...T } } } }
  fragment T on CaptureTotals { received created updated held spam }`
const from = '2026-03-16T12:00:00.000Z'
const to = '2026-03-16T13:00:00.000Z'

interface Stats {
  readonly totals: object
  readonly buckets: readonly { readonly start: string; readonly totals: object }[]
  readonly bySource: readonly { readonly key: string | null; readonly totals: { readonly received: number } }[]
}

describe('captureStats', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const stats = async (variables: object) => (await graphql(query, variables)).data['captureStats'] as Stats

  it('counts captures as they come, in 24 buckets unless another number is asked for', async () => {
    const capture = (body: object) =>
      fetch(`${app.url}/capture`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    for (const body of [
      { email: 'jane@example.com', source: 'organic' },
      { email: 'jane@example.com', source: 'organic' },
      { email: 'jane@example.com', first_name: 'Jane' },
      { email: 'bot@example.com', _gotcha: 'x' },
    ])
      expect((await capture(body)).status).toBe(201)
    const now = Date.now()
    const day = { from: new Date(now - 3_600_000).toISOString(), to: new Date(now + 3_600_000).toISOString() }
    const { totals, buckets, bySource } = await stats(day)
    expect(totals).toEqual({ received: 4, created: 1, updated: 1, held: 0, spam: 1 })
    expect(buckets).toHaveLength(24)
    expect(bySource.map(({ key, totals: { received } }) => [key, received])).toEqual([
      ['organic', 2],
      [null, 2],
    ])
    expect((await stats({ ...day, buckets: null })).buckets).toHaveLength(24)
    expect((await stats({ ...day, buckets: 500 })).buckets).toHaveLength(500)
  })

  it.each([
    ['no bucket', { from, to, buckets: 0 }],
    ['too many', { from, to, buckets: 501 }],
    ['a range that is empty', { from, to: from }],
    ['a range that is turned round', { from: to, to: from }],
    ['a year that there is not', { from: '0000-01-01T00:00:00Z', to }],
    ['a year beyond the last', { from, to: '9999-12-31T23:59:59-10:00' }],
  ])('refuses %s', async (_, variables) => {
    expect((await graphql(query, variables)).codes).toEqual(['BAD_USER_INPUT'])
  })

  it('needs CONTACTS_READ', async () => {
    const key = await createKey(graphql, ['CAPTURE'])
    expect((await createGraphqlClient({ ...app, key })(query, { from, to })).codes).toEqual(['FORBIDDEN'])
  })
})
