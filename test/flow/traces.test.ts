import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { type ReceivedWebhook, type Receiver, startReceiver } from '../support/receiver.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { type CollectedSpan, startTraceCollector, type TraceCollector, textOf } from '../support/trace-collector.ts'

const key = 'traces-admin-key-0123456789-0123456789'
const theirs = { traceId: 'a1'.repeat(16), spanId: 'b2'.repeat(8) }
const traceparent = `00-${theirs.traceId}-${theirs.spanId}-01`
const secret = 'traces-webhook-secret-0123456789'

/** Makes a package of OpenTelemetry look as if it was not installed. */
const withoutSdk = `--import data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve: (name, context, next) => {
      if (name !== '@opentelemetry/sdk-trace-base') return next(name, context)
      throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })`)}`

describe('40: a service that is asked for traces, without the packages for them', () => {
  it('says in one line what to install, and serves', async () => {
    const own = await createTestDatabase()
    const rex = await startRexProcess({
      ...own.environment,
      NODE_OPTIONS: withoutSdk,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      REX_API_KEY: key,
    })
    const api = createApiClient({ url: rex.url, key })
    expect((await api.capture({ email: 'jane@example.com' })).status).toBe(201)
    expect(await rex.signal('SIGTERM')).toBe(0)
    const lines = rex.output().split('\n')
    const told = lines.filter((line) => line.includes('tracing.'))
    expect(told.map((line) => JSON.parse(line))).toMatchObject([
      {
        event: 'tracing.not_installed',
        level: 'error',
        missing: '@opentelemetry/sdk-trace-base',
        install: 'npm install --include=optional',
      },
    ])
    await own.drop()
  })
})

describe('40: traces', () => {
  let own: OwnDatabase
  let collector: TraceCollector
  let receiver: Receiver
  let rex: RexProcess
  let api: ApiClient

  beforeAll(async () => {
    own = await createTestDatabase()
    collector = await startTraceCollector()
    receiver = await startReceiver()
    rex = await startRexProcess({
      ...own.environment,
      REX_API_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    })
    api = createApiClient({ url: rex.url, key })
    await api.createEndpoint({ url: receiver.url, events: ['contact.created'], secret })
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await receiver?.stop()
    await collector?.stop()
    await own?.drop()
  })

  const spanNamed = (name: string, traceId: string) =>
    collector.spanOf((span) => span.name === name && span.traceId === traceId)
  const webhookOf = async (email: string): Promise<ReceivedWebhook> => {
    const isOurs = ({ body }: ReceivedWebhook) => body.includes(email)
    await receiver.received(receiver.webhooks.filter((webhook) => !isOurs(webhook)).length + 1)
    return receiver.webhooks.find(isOurs)!
  }
  /** The spans of a capture, from the request to the attempt. */
  const spansOf = async (email: string, headers: Readonly<Record<string, string>>) => {
    const { status, headers: answered } = await api.capture({ email, first_name: 'Jane' }, headers)
    expect(status).toBe(201)
    const requestId = answered.get('x-request-id')
    const request = await collector.spanOf((span) => textOf(span, 'rex.request_id') === requestId)
    const webhook = await webhookOf(email)
    const [commit, fanOut, attempt] = await Promise.all(
      ['capture.commit', 'event.fan_out', 'delivery.attempt'].map((name) => spanNamed(name, request.traceId)),
    )
    return { request, commit: commit!, fanOut: fanOut!, attempt: attempt!, webhook }
  }
  const idsOf = ({ traceId, spanId }: CollectedSpan) => ({ traceId, spanId })

  it('one trace leads from a capture through commit, fan-out and attempt to the receiver', async () => {
    const { request, commit, fanOut, attempt, webhook } = await spansOf('through@example.com', {})
    expect(request).toMatchObject({ name: 'POST /capture', kind: 2, links: [] })
    expect(request.parentSpanId ?? '').toBe('')
    expect(commit.parentSpanId).toBe(request.spanId)
    for (const { parentSpanId } of [fanOut, attempt]) expect(parentSpanId).toBe(commit.spanId)
    expect(webhook.headers['traceparent']).toBe(`00-${attempt.traceId}-${attempt.spanId}-01`)
    expect(textOf(attempt, 'rex.delivery_id')).toBe(webhook.headers['x-rex-delivery'])
    expect(textOf(attempt, 'http.response.status_code')).toBe('200')
    expect(textOf(fanOut, 'rex.deliveries')).toBe('1')
  })

  it('a batch links to the spans of its captures, and they to it; its statements are below it', async () => {
    const { commit } = await spansOf('batch@example.com', {})
    const batch = await collector.spanOf(
      ({ name, links }) => name === 'capture.batch' && links.some(({ spanId }) => spanId === commit.spanId),
    )
    expect(batch.traceId).not.toBe(commit.traceId)
    expect(commit.links).toMatchObject([idsOf(batch)])
    for (const name of ['upsert_contacts', 'insert_submissions', 'insert_traced_events', 'commit']) {
      const statement = await spanNamed(name, batch.traceId)
      expect(statement.parentSpanId).toBe(batch.spanId)
    }
  })

  it('the trace of a stranger is linked, and that of a caller with a key is continued', async () => {
    const stranger = await spansOf('stranger@example.com', { traceparent })
    expect(stranger.request.traceId).not.toBe(theirs.traceId)
    expect(stranger.request.links).toMatchObject([theirs])
    const caller = await spansOf('caller@example.com', { traceparent, 'x-api-key': key })
    expect(caller.request).toMatchObject({ traceId: theirs.traceId, parentSpanId: theirs.spanId, links: [] })
    expect(caller.webhook.headers['traceparent']).toMatch(new RegExp(`^00-${theirs.traceId}-`))
  })

  it('a wrong key does not continue a trace', async () => {
    const foreign = `00-${'c3'.repeat(16)}-${theirs.spanId}-01`
    const { status, headers } = await api.capture(
      { email: 'wrong@example.com' },
      { traceparent: foreign, 'x-api-key': 'a-key-that-nobody-made-0123456789-0123' },
    )
    expect(status).toBe(401)
    const id = headers.get('x-request-id')
    const request = await collector.spanOf((span) => textOf(span, 'rex.request_id') === id)
    expect(request.traceId).not.toBe('c3'.repeat(16))
  })

  it.each([
    ['malformed', 'nonsense'],
    ['of zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['of another version', traceparent.replace('00-', 'ff-')],
    ['huge', traceparent.repeat(200)],
    ['sent twice', `${traceparent}, ${traceparent}`],
  ])('a traceparent that is %s is left out, and the capture is taken', async (name, sent) => {
    const email = `${name.replaceAll(' ', '-')}@example.com`
    const { request } = await spansOf(email, { traceparent: sent, 'x-api-key': key })
    expect(request.links).toEqual([])
    expect(request.traceId).not.toBe(theirs.traceId)
  })

  it('operations of GraphQL are named, and their statements are below them', async () => {
    const ask = createGraphqlClient({ url: rex.url, key })
    for (const _ of ['through Yoga', 'plain']) {
      const { headers } = await ask(
        `query Leads($text: String) { contacts(first: 5, search: $text) { nodes { id email } } }`,
        { text: 'searched@example.com' },
      )
      const id = headers.get('x-request-id')
      const request = await collector.spanOf((span) => textOf(span, 'rex.request_id') === id)
      const operation = await spanNamed('query Leads', request.traceId)
      expect(request.name).toBe('POST /graphql')
      expect(operation.parentSpanId).toBe(request.spanId)
      const below = await collector.spanOf(({ parentSpanId }) => parentSpanId === operation.spanId)
      expect(textOf(below, 'db.system.name')).toBe('postgresql')
    }
  })

  it('each line of a request and of an attempt names the trace', async () => {
    const { request, attempt } = await spansOf('lines@example.com', {})
    const lines = () => rex.output().split('\n')
    const isLine = (event: string, id: string) => (line: string) =>
      line.includes(`"event":"${event}"`) && line.includes(id)
    for (const isWanted of [
      isLine('http.answered', textOf(request, 'rex.request_id')!),
      isLine('delivery.attempted', textOf(attempt, 'rex.delivery_id')!),
    ]) {
      await eventually(
        () => lines().some(isWanted),
        () => lines().at(-2) ?? '',
      )
      expect(lines().find(isWanted)).toContain(`"trace_id":"${request.traceId}"`)
    }
  })

  it('nothing private is in what was sent', async () => {
    const query = '?email=jane.doe%40example.com&name=zanzibar'
    await fetch(`${rex.url}/capture${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    await spansOf('private@example.com', {})
    const text = collector.text()
    expect(new Set(collector.serviceNames())).toEqual(new Set(['rex']))
    expect(text).not.toMatch(/[\w.+-]+(@|%40)[\w-]+\.[a-z]/i)
    for (const each of ['Jane', 'zanzibar', key, secret, 'insert into', receiver.url]) expect(text).not.toContain(each)
  })
})
