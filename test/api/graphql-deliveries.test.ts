import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

interface Hour {
  readonly start: string
  readonly attempts: number
  readonly failed: number
}

describe('deliveries over GraphQL', () => {
  let app: TestApp
  let api: ApiClient
  let receiver: Receiver
  let status = 200

  beforeAll(async () => {
    app = await startTestApp({ REX_RETRY_SCHEDULE: '0' })
    api = createApiClient(app)
    receiver = await startReceiver((_webhook, response) => response.writeHead(status).end())
  })

  afterAll(async () => {
    await receiver?.stop()
    await app?.stop()
  })

  const run = async (query: string, variables?: unknown) => {
    const answer = (await api.graphql(query, variables)) as { data: Record<string, unknown>; errors?: unknown }
    expect(answer.errors).toBeUndefined()
    return answer.data
  }
  const statusOf = async (id: string) => {
    const { delivery } = await run('query ($id: ID!) { delivery(id: $id) { status } }', { id })
    return (delivery as { status: string }).status
  }

  it('tells live of each delivery as it is made and attempted, to those alone who ask for its endpoint', async () => {
    const endpoint = await api.createEndpoint({ url: receiver.url })
    const other = await api.createEndpoint({ url: receiver.url, events: ['contact.erased'] })
    const query =
      'subscription ($id: ID) { deliveryUpdated(endpointId: $id) { status contact: event { contact { email } } } }'
    await using subscriber = await connectSubscriber(app, { query, variables: { id: endpoint.id } })
    await api.rest('POST', `/webhooks/${other.id}/test`)
    await api.capture({ email: 'live@example.com' })
    const seen: unknown[] = []
    while (!JSON.stringify(seen).includes('SUCCEEDED')) seen.push(await subscriber.next())
    expect(seen.at(-1)).toEqual({
      deliveryUpdated: { status: 'SUCCEEDED', contact: { contact: { email: 'live@example.com' } } },
    })
    for (const item of seen) expect(JSON.stringify(item)).toContain('live@example.com')
    await api.rest('DELETE', `/webhooks/${endpoint.id}`)
  })

  it('retries a failed delivery by hand, and refuses what has succeeded, what is unknown', async () => {
    const endpoint = await api.createEndpoint({ url: receiver.url, events: ['webhook.test'] })
    status = 500
    const send = `mutation ($id: ID!) { sendTestEvent(endpointId: $id) {
      __typename ... on Delivery { id status event { type } attempts { trigger } } ... on UserError { code } } }`
    const { sendTestEvent } = await run(send, { id: endpoint.id })
    expect(sendTestEvent).toMatchObject({ __typename: 'Delivery', event: { type: 'webhook.test' }, attempts: [] })
    const { id } = sendTestEvent as { id: string }
    await eventually(
      async () => (await statusOf(id)) === 'FAILED',
      () => statusOf(id),
    )

    status = 200
    const retry = `mutation ($id: ID!) { retryDelivery(id: $id) { __typename ... on Delivery { id } ... on UserError { code } } }`
    expect(await run(retry, { id })).toEqual({ retryDelivery: { __typename: 'Delivery', id } })
    await eventually(
      async () => (await statusOf(id)) === 'SUCCEEDED',
      () => statusOf(id),
    )
    const { delivery } = await run('query ($id: ID!) { delivery(id: $id) { attempts { number trigger } } }', { id })
    expect(delivery).toEqual({
      attempts: [
        { number: 1, trigger: 'TEST' },
        { number: 2, trigger: 'MANUAL' },
      ],
    })
    expect(await run(retry, { id })).toEqual({ retryDelivery: { __typename: 'ConflictError', code: 'CONFLICT' } })
    const unknown = { retryDelivery: { __typename: 'NotFoundError', code: 'NOT_FOUND' } }
    expect(await run(retry, { id: 'dlv_01HQ0000000000000000000000' })).toEqual(unknown)
    await api.rest('DELETE', `/webhooks/${endpoint.id}`)
  })

  it('shows as many attempts as it counts, though one ends between the two statements', async () => {
    const { id } = await api.createEndpoint({ url: receiver.url, events: ['webhook.test'] })
    const test = await api.rest('POST', `/webhooks/${id}/test`)
    const delivery = test.json.data?.['id']
    await eventually(
      async () => (await statusOf(String(delivery))) === 'SUCCEEDED',
      () => statusOf(String(delivery)),
    )
    const writer = new pg.Client({ connectionString: app.database.environment.DATABASE_URL })
    await writer.connect()
    onTestFinished(() => writer.end())
    // The service may be writing to the table.
    await writer.query('set lock_timeout = 0; begin; lock table attempt')
    const reading = run('query ($id: ID!) { delivery(id: $id) { attemptCount attempts { number } } }', { id: delivery })
    const waiting = `select 1 from pg_locks where not granted and relation = 'attempt'::regclass`
    await eventually(
      async () => (await writer.query(waiting)).rows.length > 0,
      () => 'nothing waits for the attempts',
    )
    await writer.query('update delivery set attempt_count = 2 where id = $1', [delivery])
    await writer.query(
      `insert into attempt (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms)
       select workspace_id, replace(id, 'att_', 'att_7'), delivery_id, 2, trigger, started_at, duration_ms
       from attempt where delivery_id = $1`,
      [delivery],
    )
    await writer.query('commit')
    const { delivery: read } = (await reading) as { delivery: { attemptCount: number; attempts: unknown[] } }
    expect(read.attempts).toHaveLength(read.attemptCount)
    expect(await run('query ($id: ID!) { delivery(id: $id) { attemptCount } }', { id: delivery })).toEqual({
      delivery: { attemptCount: 2 },
    })
    await api.rest('DELETE', `/webhooks/${id}`)
  })

  it('replays what failed, and what a younger endpoint never got, with the same event ids', async () => {
    const from = new Date(Date.now() - 60_000).toISOString()
    const lead = await api.capture({ email: 'before@example.com' })
    const endpoint = await api.createEndpoint({ url: receiver.url })
    const replay = `mutation ($input: ReplayDeliveriesInput!) { replayDeliveries(input: $input) {
      __typename ... on ReplaySuccess { matched enqueued replayId } ... on UserError { code } } }`
    const input = { endpointId: endpoint.id, from, includeNeverSent: true }
    const { replayDeliveries: dry } = await run(replay, { input: { ...input, dryRun: true } })
    expect(dry).toMatchObject({ __typename: 'ReplaySuccess', enqueued: 0, replayId: null })
    const before = receiver.webhooks.length
    const { replayDeliveries: real } = await run(replay, { input })
    const { matched, replayId } = real as { matched: number; replayId: string }
    expect(matched).toBe((dry as { matched: number }).matched)
    const webhooks = (await receiver.received(before + matched)).slice(before)
    expect(webhooks.filter(({ body }) => body.includes(String(lead.json.data?.['id'])))).toHaveLength(1)
    const progress = async () =>
      (await run('query ($id: ID!) { replay(id: $id) { enqueued completedAt } }', { id: replayId }))['replay']
    expect(await progress()).toEqual({ enqueued: matched, completedAt: expect.any(String) })

    const ofEndpoint = `query ($id: ID!) { webhookEndpoint(id: $id) {
      replays { id endpointId from matched enqueued completedAt } attemptsByHour24h { start attempts failed } } }`
    const read = async () => {
      const { webhookEndpoint } = await run(ofEndpoint, { id: endpoint.id })
      return webhookEndpoint as { replays: unknown; attemptsByHour24h: Hour[] }
    }
    // Attempts are recorded after the receiver has answered.
    await eventually(
      async () => (await read()).attemptsByHour24h.at(-1)?.attempts === matched,
      async () => JSON.stringify(await read()),
    )
    const { replays, attemptsByHour24h: hours } = await read()
    const shown = { id: replayId, endpointId: endpoint.id, from, matched, enqueued: matched }
    expect(replays).toEqual([{ ...shown, completedAt: expect.any(String) }])
    expect(hours).toHaveLength(24)
    expect(hours.at(-1)).toMatchObject({ attempts: matched, failed: 0 })
    expect(hours.slice(0, -1).every(({ attempts }) => attempts === 0)).toBe(true)
    const starts = hours.map(({ start }) => Date.parse(start))
    expect(starts.slice(1).map((start, nth) => start - starts[nth]!)).toEqual(Array(23).fill(3_600_000))
    const other = await api.createEndpoint({ url: receiver.url })
    expect((await run(ofEndpoint, { id: other.id }))['webhookEndpoint']).toMatchObject({ replays: [] })

    const wrong = { endpointId: endpoint.id, from, to: from }
    expect(await run(replay, { input: wrong })).toMatchObject({ replayDeliveries: { __typename: 'ValidationError' } })
    const unknown = { ...input, endpointId: 'wh_01HQ0000000000000000000000' }
    expect(await run(replay, { input: unknown })).toMatchObject({ replayDeliveries: { code: 'NOT_FOUND' } })
  })
})
