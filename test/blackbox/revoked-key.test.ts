import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { onServer } from '../support/on-server.ts'
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const key = 'black-box-admin-key-0123456789-0123456789'
const subscription = 'subscription { contactCreated { contact { email } } }'

describe('11.11: a process that revokes a key', () => {
  it('ends its WebSocket and its event stream before a capture that follows arrives, 6 of 6', async () => {
    const rex = await startOwn((await ownDatabase()).environment)
    const admin = createGraphqlClient({ url: rex.url, key })
    for (let nth = 0; nth < 6; nth++) {
      const revoked = await createKey(admin, ['CONTACTS_READ', 'PII_READ'])
      await using socket = await connectSubscriber({ url: rex.url, key: revoked }, { query: subscription })
      const stream = await openStream(rex.url, revoked)
      await capture(rex, `before-${nth}@example.com`)
      await Promise.all([socket.next(), stream.has(`before-${nth}@example.com`)])
      await revoke(rex, revoked)
      await capture(rex, `after-${nth}@example.com`)
      expect(await socket.ended()).toMatchObject({ code: 4403 })
      await stream.ended
      expect(JSON.stringify(socket.results)).not.toContain('after-')
      expect(stream.text()).not.toContain('after-')
      const refused = [fetchWith(rex, revoked, '/graphql'), fetchWith(rex, revoked, '/webhooks')]
      expect(await Promise.all(refused)).toEqual([401, 401])
    }
  })

  it('answers the operation that had begun', async () => {
    const rex = await startOwn((await ownDatabase()).environment)
    const own = await createKey(createGraphqlClient({ url: rex.url, key }), ['ADMIN'])
    const { status, data } = await createGraphqlClient({ url: rex.url, key: own })(
      'mutation ($id: ID!) { revokeApiKey(id: $id) { ... on ApiKey { revokedAt } } }',
      { id: await idOf(rex, own) },
    )
    expect({ status, data }).toEqual({ status: 200, data: { revokeApiKey: { revokedAt: expect.any(String) } } })
    expect(await fetchWith(rex, own, '/graphql')).toBe(401)
  })
})

const ways = ['NOTIFY', ...(hasRedisServer ? ['Redis'] : [])]

describe('11.11: two processes on one PostgreSQL', () => {
  it.each(ways)('end the streams of a key that the other revoked within 5 s, told by %s', async (way) => {
    const redis = way === 'Redis' ? await startRedisServer() : undefined
    onTestFinished(() => redis?.kill())
    const { environment } = await ownDatabase()
    const nodes = { ...environment, ...(redis && { REDIS_URL: redis.url }) }
    const [one, other] = await Promise.all([startOwn(nodes), startOwn(nodes)])
    await expectEnd(one, other, 5000)
  })

  it('do so within 5 s though neither hears of the other', async () => {
    const { environment } = await ownDatabase()
    const [one, other] = await Promise.all([startOwn(environment), startOwn(environment)])
    const url = new URL(environment.DATABASE_URL ?? '')
    const name = url.pathname.slice(1)
    // Every listener goes, again and again, faster than it comes back.
    const deafening = new AbortController()
    const deafen = async () => {
      while (!deafening.signal.aborted) {
        await onServer(
          url.href,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and query like 'listen %'`,
        )
        await setTimeout(100)
      }
    }
    const deaf = deafen()
    await expectEnd(one, other, 5000)
    deafening.abort()
    await deaf
  })
})

/** Revokes a key on one node, and waits for what it has open on the other to end. */
async function expectEnd(one: RexProcess, other: RexProcess, withinMs: number): Promise<void> {
  const revoked = await createKey(createGraphqlClient({ url: one.url, key }), ['CONTACTS_READ', 'PII_READ'])
  await using socket = await connectSubscriber({ url: other.url, key: revoked }, { query: subscription })
  const stream = await openStream(other.url, revoked)
  const start = performance.now()
  await revoke(one, revoked)
  expect(await socket.ended()).toMatchObject({ code: 4403 })
  await stream.ended
  expect(performance.now() - start).toBeLessThan(withinMs)
  await eventually(
    async () => (await fetchWith(other, revoked, '/webhooks')) === 401,
    () => 'the key is still good',
  )
  expect(performance.now() - start).toBeLessThan(withinMs)
}

async function capture({ url }: RexProcess, email: string): Promise<void> {
  expect((await createApiClient({ url, key }).capture({ email }, { 'x-api-key': key })).status).toBe(201)
}

async function idOf({ url }: RexProcess, of: string): Promise<string> {
  const { data } = await createGraphqlClient({ url, key: of })('{ viewer { id } }')
  return (data['viewer'] as { id: string }).id
}

async function revoke(rex: RexProcess, revoked: string): Promise<void> {
  const query = 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }'
  const { data } = await createGraphqlClient({ url: rex.url, key })(query, { id: await idOf(rex, revoked) })
  expect(data).toEqual({ revokeApiKey: { __typename: 'ApiKey' } })
}

async function fetchWith({ url }: RexProcess, of: string, path: string): Promise<number> {
  const query = path === '/graphql' ? `?query=${encodeURIComponent('{ viewer { id } }')}` : ''
  return (await fetch(url + path + query, { headers: { 'x-api-key': of, accept: 'application/json' } })).status
}

/** Events over HTTP, until the server ends them. */
async function openStream(url: string, of: string) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    signal: gone.signal,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': of },
    body: JSON.stringify({ query: subscription }),
  })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  return {
    text: () => text,
    ended: read().catch(() => {}),
    has: (part: string) =>
      eventually(
        () => text.includes(part),
        () => text,
      ),
  }
}

async function ownDatabase(): Promise<OwnDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return database
}

/** A process that the test's end stops, before its database is dropped. */
async function startOwn(environment: Readonly<Record<string, string>>): Promise<RexProcess> {
  const rex = await startRexProcess({ REX_API_KEY: key, ...environment })
  onTestFinished(async () => {
    expect(await rex.signal('SIGTERM')).toBe(0)
  })
  return rex
}
