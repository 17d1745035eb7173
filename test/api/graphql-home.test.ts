import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { runOn } from '../support/run-on.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const home = `query ($from: DateTime!, $to: DateTime!, $buckets: Int) { homeStats(from: $from, to: $to, buckets: $buckets) {
  previousFrom
  captures { totals { ...T } sources { key isOther totals { received } } buckets { start totals { received } bySource { key isOther totals { received } } } }
  previousTotals { ...T } topCampaigns { key leads } topLandingPages { key leads }
  webhooks { attempts successRate p95Ms } speedToLead { delivered p50Ms p95Ms } } }
  fragment T on CaptureTotals { received created updated held spam }`

describe('the statistics of Home', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp({ REX_RETRY_SCHEDULE: '0,3600' })
    graphql = createGraphqlClient(app)
    const receiver = await startReceiver()
    const { capture } = createApiClient(app)
    await graphql(`mutation { createWebhookEndpoint(input: { url: "${receiver.url}" }) { __typename } }`)
    await capture({ email: 'before@example.com', source: 'organic' })
    await runOn(app, "update submission set received_at = received_at - interval '90 minutes'")
    await runOn(app, "update contact set created_at = created_at - interval '90 minutes'")
    await runOn(app, "update event set created_at = created_at - interval '90 minutes'")
    for (let nth = 1; nth <= 12; nth++)
      for (let times = 0; times < nth; times++)
        await capture({ email: `p${nth}@example.com`, source: `s${nth}`, nth: times })
    await capture({ email: 'ad@example.com', metadata: { utm_campaign: 'spring', landing_page: '/pricing' } })
    await capture({ email: 'bot@example.com', _gotcha: 'x' })
    await receiver.received(14)
    await receiver.stop()
    await capture({ email: 'late@example.com' })
    await eventually(
      async () => (await runOn(app, 'select from attempt where error is not null')).length > 0,
      () => 'no failure',
    )
  })

  afterAll(() => app?.stop())

  const range = () => {
    const now = Date.now()
    return { from: new Date(now - 3_600_000).toISOString(), to: new Date(now).toISOString(), buckets: 4 }
  }

  it('count captures by bucket and source, with the ten largest sources by name', async () => {
    const asked = range()
    const { data, errors } = await graphql(home, asked)
    expect(errors).toEqual([])
    const { captures, ...stats } = data['homeStats'] as {
      captures: { sources: unknown[]; buckets: unknown[]; totals: object }
    }
    expect(captures.totals).toEqual({ received: 81, created: 14, updated: 66, held: 0, spam: 1 })
    expect(captures.sources).toEqual([
      ...[12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((nth) => ({
        key: `s${nth}`,
        isOther: false,
        totals: { received: nth },
      })),
      { key: null, isOther: true, totals: { received: 6 } },
    ])
    expect(captures.buckets).toHaveLength(4)
    expect(captures.buckets[0]).toEqual({ start: asked.from, totals: { received: 0 }, bySource: [] })
    expect(captures.buckets[3]).toMatchObject({ totals: { received: 81 }, bySource: captures.sources })
    expect(stats).toMatchObject({
      previousFrom: new Date(Date.parse(asked.from) - 3_600_000).toISOString(),
      previousTotals: { received: 1, created: 1, updated: 0, held: 0, spam: 0 },
      topCampaigns: [{ key: 'spring', leads: 1 }],
      topLandingPages: [{ key: '/pricing', leads: 1 }],
    })
  })

  it('show how webhooks fare, and the time from a capture to the first receiver that accepted it', async () => {
    const { data } = await graphql(home, range())
    const { webhooks, speedToLead } = data['homeStats'] as {
      webhooks: { attempts: number; successRate: number; p95Ms: number }
      speedToLead: { delivered: number; p50Ms: number; p95Ms: number }
    }
    expect(webhooks.attempts).toBeGreaterThanOrEqual(15)
    expect(webhooks.successRate).toBeCloseTo((webhooks.attempts - 1) / webhooks.attempts)
    expect(webhooks.p95Ms).toBeGreaterThanOrEqual(0)
    expect(speedToLead.delivered).toBe(13)
    expect(speedToLead.p50Ms).toBeGreaterThan(0)
    expect(speedToLead.p95Ms).toBeGreaterThanOrEqual(speedToLead.p50Ms)
  })

  it('name what waits for a person', async () => {
    await runOn(app, "update submission set status = 'HELD', outcome = null where status = 'SPAM'")
    const { data, errors } = await graphql(
      '{ attention { held { value } failingEndpoints { failures endpoint { url } lastAttempt { error } } heldOfSources { held { value } } } }',
    )
    expect(errors).toEqual([])
    expect(data['attention']).toEqual({
      held: { value: 1 },
      failingEndpoints: [
        { failures: 1, endpoint: { url: expect.stringContaining('127.0.0.1') }, lastAttempt: { error: 'CONNECT' } },
      ],
      heldOfSources: [],
    })
  })

  it('count held payloads by source', async () => {
    const { data } = await graphql('mutation { createSource(input: { name: "Form" }) { ... on Source { id } } }')
    const { id } = data['createSource'] as { id: string }
    await runOn(app, `update submission set source_id = '${id}' where status = 'HELD'`)
    const read = await graphql('{ attention { heldOfSources { source { name } held { value precision } } } }')
    expect(read.data['attention']).toEqual({
      heldOfSources: [{ source: { name: 'Form' }, held: { value: 1, precision: 'EXACT' } }],
    })
  })

  it('show each key the part that it may read', async () => {
    const key = await createKey(graphql, ['CONTACTS_READ'])
    const { data, codes } = await createGraphqlClient({ ...app, key })(home, range())
    expect(data['homeStats']).toMatchObject({ previousTotals: {}, webhooks: null, speedToLead: null })
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  it('mask e-mails in sources and campaigns without PII_READ', async () => {
    const body = { email: 'x@example.com', source: 'list of jane@example.com', utm_campaign: 'jane@example.com' }
    await createApiClient(app).capture(body)
    const key = await createKey(graphql, ['CONTACTS_READ'])
    const { text } = await createGraphqlClient({ ...app, key })(home, range())
    expect(text).not.toContain('jane')
  })

  it.each([
    ['no bucket', { buckets: 0 }],
    ['too many buckets', { buckets: 501 }],
    ['an empty range', { from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
    ['a range that is too long', { from: '2026-01-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }],
  ])('refuse %s', async (_, change) => {
    expect((await graphql(home, { ...range(), ...change })).codes).toEqual(['BAD_USER_INPUT'])
  })
})
