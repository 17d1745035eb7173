import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { deafReceiver, receiver, tcpReceiver, unusedPort } from '../support/misbehaving-receivers.ts'
import { startReceiver } from '../support/receiver.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const key = 'the-admin-key-of-a-test-0123456789'

interface Started {
  readonly rex: RexProcess
  readonly url: string
  readonly key: string
}

async function startRex(database: OwnDatabase, environment: Record<string, string>): Promise<Started> {
  const rex = await startRexProcess({
    REX_API_KEY: key,
    REX_RETRY_SCHEDULE: '0',
    ...database.environment,
    ...environment,
  })
  return { rex, url: rex.url, key }
}

/** Every way to write this machine. */
const loopbacks = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.255.255.254',
  'localhost',
  'LOCALHOST.',
  'rex.localhost',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[0:0:0:0:0:0:0:1]',
]

describe.each([
  { REX_PUBLIC_URL: 'https://rex.example.com' },
  { REX_TRUSTED_PROXIES: '127.0.0.1/32' },
  { REX_BASE_DOMAIN: 'rexgtm.com' },
  { NODE_ENV: 'production', REX_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}` },
] as Record<string, string>[])('11.5: a server that may stand behind a proxy: %j', (environment) => {
  let database: OwnDatabase
  let started: Started

  beforeAll(async () => {
    database = await createTestDatabase()
    started = await startRex(database, environment)
  })
  afterAll(async () => {
    await started?.rex.signal('SIGTERM')
    await database?.drop()
  })

  it('says at its start that webhooks reach public addresses only', async () => {
    await eventually(() => {
      const said = started.rex.output()
      return /^Webhooks reach: public/m.test(said) && said.includes('"webhooks_reach"')
    }, started.rex.output)
    expect(started.rex.output()).toMatch(/^Webhooks reach: public addresses only$/m)
    expect(started.rex.output()).toContain('"webhooks_reach":"public addresses only"')
  })

  it('refuses a webhook to this machine, however it is written', async () => {
    const answers = await Promise.all(
      loopbacks.map(async (host) => {
        const { status, json } = await createApiClient(started).rest('POST', '/webhooks', {
          url: `http://${host}:5432/`,
        })
        return [host, status, json.error?.code]
      }),
    )
    expect(answers).toEqual(loopbacks.map((host) => [host, 422, 'unsafe_url']))
  })

  it('refuses it over GraphQL, and as a change of the URL', async () => {
    const client = createGraphqlClient(started)
    const created = await client(
      'mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:5432/" }) { __typename } }',
    )
    expect(created.data).toEqual({ createWebhookEndpoint: { __typename: 'UnsafeUrlError' } })
    const api = createApiClient(started)
    const { id } = await api.createEndpoint({ url: 'https://hooks.example.com/', events: ['contact.erased'] })
    const { status, json } = await api.rest('PATCH', `/webhooks/${id}`, { url: 'http://localhost/' })
    expect([status, json.error?.code]).toEqual([422, 'unsafe_url'])
  })
})

describe('11.5: a server that gets a proxy later', () => {
  it('does not reach the loopback webhooks that it has', async () => {
    const database = await createTestDatabase()
    const target = await startReceiver()
    const before = await startRex(database, {})
    const { id } = await createApiClient(before).createEndpoint({ url: target.url })
    await before.rex.signal('SIGTERM')
    const after = await startRex(database, { REX_PUBLIC_URL: 'https://rex.example.com' })
    const admin = createGraphqlClient(after)
    const delivery = await testOf(admin, id)
    const [attempt] = await attemptsOf(admin, delivery)
    expect(attempt).toMatchObject({ error: 'BLOCKED_ADDRESS', responseStatus: null })
    const reader = createGraphqlClient({ url: after.url, key: await createKey(admin, ['WEBHOOKS_READ']) })
    expect(await attemptsOf(reader, delivery)).toMatchObject([{ error: 'CONNECT' }])
    expect(target.webhooks).toEqual([])
    await after.rex.signal('SIGTERM')
    await target.stop()
    await database.drop()
  })
})

const attemptFields = 'attempts { number durationMs responseStatus responseBody error detail }'

interface Attempt {
  readonly durationMs: number
  readonly responseStatus: number | null
  readonly responseBody: string | null
  readonly error: string | null
  readonly detail: string | null
}

async function testOf(client: GraphqlClient, endpointId: string): Promise<string> {
  const { data, text } = await client(
    'mutation ($endpointId: ID!) { sendTestEvent(endpointId: $endpointId) { ... on Delivery { id } } }',
    {
      endpointId,
    },
  )
  const { id } = data['sendTestEvent'] as { id?: string }
  if (id === undefined) throw new Error(text)
  return id
}

/** Waits for the first attempt. */
async function attemptsOf(client: GraphqlClient, id: string): Promise<readonly Attempt[]> {
  let attempts: readonly Attempt[] = []
  await eventually(
    async () => {
      const { data } = await client(`query ($id: ID!) { delivery(id: $id) { ${attemptFields} } }`, { id })
      attempts = (data['delivery'] as { attempts: Attempt[] }).attempts
      return attempts.length > 0
    },
    () => 'no attempt',
  )
  return attempts
}

describe('11.5: a server on loopback alone', () => {
  let database: OwnDatabase
  let started: Started
  let admin: GraphqlClient
  let reader: GraphqlClient

  beforeAll(async () => {
    database = await createTestDatabase()
    started = await startRex(database, { REX_ATTEMPT_TIMEOUT_MS: '1500' })
    admin = createGraphqlClient(started)
    const scopes = ['WEBHOOKS_READ', 'WEBHOOKS_WRITE', 'PII_READ', 'CONTACTS_READ', 'EVENTS_READ']
    reader = createGraphqlClient({ url: started.url, key: await createKey(admin, scopes) })
  })
  afterAll(async () => {
    await started?.rex.signal('SIGTERM')
    await database?.drop()
  })

  const endpointTo = async (url: string) =>
    (await createApiClient(started).createEndpoint({ url, events: ['webhook.test'] })).id

  it('says at its start that webhooks reach this machine', async () => {
    await eventually(() => started.rex.output().includes('Webhooks reach: '), started.rex.output)
    expect(started.rex.output()).toMatch(/^Webhooks reach: public addresses, loopback \(this machine\)$/m)
  })

  const secret = 'the secret of an inside service'
  const answering = (status: number, headers: Record<string, string> = {}) =>
    receiver((_, res) => res.writeHead(status, headers).end(secret))
  const cutting = (answer: string) => tcpReceiver((socket: Socket) => socket.once('data', () => socket.end(answer)))

  it.each([
    ['a closed port', 'CONNECT', async () => `http://127.0.0.1:${await unusedPort()}/`],
    ['a port that takes no connection', 'TIMEOUT', deafReceiver],
    ['a service that says nothing', 'TIMEOUT', () => tcpReceiver(() => undefined)],
    ['a service that speaks no TLS', 'TLS', async () => (await answering(200)).replace('http', 'https')],
    ['a service of another protocol', 'PROTOCOL', () => cutting(`SSH-2.0-${secret}\r\n`)],
    ['a service that hangs up', 'PROTOCOL', () => cutting('')],
    ['an answer in part', 'PROTOCOL', () => cutting('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf')],
    ['a 404', 'HTTP_STATUS', () => answering(404)],
    ['a 401', 'HTTP_STATUS', () => answering(401, { 'www-authenticate': 'Basic' })],
    ['a 410', 'HTTP_STATUS', () => answering(410)],
    ['a 500', 'HTTP_STATUS', () => answering(500)],
    ['a redirect', 'REDIRECT', () => answering(302, { location: 'http://10.0.0.1/' })],
  ] as [string, string, () => Promise<string>][])(
    'tells keys without ADMIN nothing about %s',
    async (_, error, open) => {
      const endpointId = await endpointTo(await open())
      const delivery = await testOf(reader, endpointId)
      const [seen] = await attemptsOf(admin, delivery)
      expect(seen).toMatchObject({ error })
      const hidden = {
        number: 1,
        durationMs: 0,
        responseStatus: null,
        responseBody: null,
        error: 'CONNECT',
        detail: null,
      }
      expect(await attemptsOf(reader, delivery)).toEqual([hidden])
      const { data, text } = await reader(
        `query ($id: ID!) { webhookEndpoint(id: $id) { disabledReason p95LatencyMs24h deliveries { nodes { ${attemptFields} } } } }`,
        { id: endpointId },
      )
      expect(data['webhookEndpoint']).toMatchObject({
        p95LatencyMs24h: null,
        deliveries: { nodes: [{ attempts: [hidden] }] },
      })
      expect(text).not.toMatch(/\b410\b|secret of/)
    },
  )

  it('tells them nothing of a success but that it was one', async () => {
    const target = await startReceiver((_webhook, response) => response.end(secret))
    const delivery = await testOf(reader, await endpointTo(target.url))
    expect(await attemptsOf(admin, delivery)).toMatchObject([
      { error: null, responseStatus: 200, responseBody: secret },
    ])
    expect(await attemptsOf(reader, delivery)).toMatchObject([
      { error: null, responseStatus: null, responseBody: null, durationMs: 0 },
    ])
    await target.stop()
  })

  it('tells them nothing in the export of a contact either', async () => {
    const url = await answering(404)
    await createApiClient(started).createEndpoint({ url })
    const { json } = await createApiClient(started).capture({ email: 'jane@example.com' })
    const id = json.data?.['id']
    const exported = async (client: GraphqlClient) =>
      (await client('query ($id: ID!) { contactExport(id: $id) }', { id })).text
    await eventually(
      async () => (await exported(admin)).includes('HTTP_STATUS'),
      () => 'no attempt in the export',
    )
    expect(await exported(admin)).toMatch(/\b404\b/)
    expect(await exported(admin)).toContain(secret)
    const seen = await exported(reader)
    expect(seen).toContain('CONNECT')
    expect(seen).not.toMatch(/HTTP_STATUS|\b404\b|secret of/) // Not as the milliseconds of a time.
  })
})
