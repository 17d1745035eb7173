import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { openSocket, openSocketWithKey } from '../support/raw-socket.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const list = '{ contacts { nodes { id } } }'
const upsert = `mutation { upsertContact(input: { email: "jane@example.com" }) { ... on UpsertContactSuccess { outcome } } }`
const contractMs = 2000
const unavailable = { message: expect.stringContaining('Try again'), extensions: { code: 'UNAVAILABLE' } }

describe('GraphQL while the database', () => {
  let own: OwnDatabase
  let proxy: DatabaseProxy
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    own = await createTestDatabase()
    proxy = await startDatabaseProxy(own.environment.DATABASE_URL!)
    app = await startTestApp({ DATABASE_URL: proxy.url })
    graphql = createGraphqlClient(app)
  })
  afterEach(async () => {
    proxy.restore()
    await expect.poll(async () => (await graphql(list)).status, { timeout: 30_000 }).toBe(200)
  })
  afterAll(async () => {
    await app?.stop()
    await proxy?.stop()
    await own?.drop()
  })

  async function timed<Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> {
    const start = performance.now()
    const result = await work
    return { result, ms: performance.now() - start }
  }

  it.each(['application/json', 'application/graphql-response+json'])(
    'is silent answers 503 within two seconds under %s, be the key known or new, with more callers than connections',
    async (accept) => {
      const newKey = await createKey(graphql, ['CONTACTS_READ'])
      proxy.silence()
      const asked = [list, upsert, '{ viewer { id } }', ...Array(20).fill(list)].map((query) =>
        timed(graphql(query, {}, { accept })),
      )
      const answers = await Promise.all([...asked, timed(graphql(list, {}, { accept, 'x-api-key': newKey }))])
      for (const { result } of answers.filter(({ result: { status } }) => status !== 200)) {
        expect([result.status, result.codes]).toEqual([503, ['UNAVAILABLE']])
        expect(result.headers.get('retry-after')).toBe('1')
      }
      // Who asks is known for two seconds, and the viewer is no more than that.
      expect(answers.filter(({ result: { status } }) => status === 200).length).toBeLessThanOrEqual(1)
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(contractMs)
    },
  )

  it('is cut off answers 503 with Retry-After, though the key is known', async () => {
    proxy.cut()
    for (const query of [list, upsert]) {
      const { result, ms } = await timed(graphql(query))
      expect([result.status, result.codes, result.headers.get('retry-after')]).toEqual([503, ['UNAVAILABLE'], '1'])
      expect(ms).toBeLessThan(contractMs)
    }
  })

  it('is silent answers an operation over a WebSocket on its id, and refuses a new socket, within two seconds', async () => {
    const newKey = await createKey(graphql, ['CONTACTS_READ'])
    const { send, received, socket } = await openSocketWithKey(app)
    proxy.silence()
    const start = performance.now()
    send({ id: 'q', type: 'subscribe', payload: { query: list } })
    send({ id: 's', type: 'subscribe', payload: { query: 'subscription { events(after: "x") { __typename } }' } })
    const fresh = await openSocket(app)
    fresh.send({ type: 'connection_init', payload: { apiKey: newKey } })
    const failed = await received(({ id, type }) => id === 'q' && type !== 'complete')
    expect(failed).toMatchObject({ type: 'error', payload: [unavailable] })
    expect(await fresh.closed).toBe(1013)
    expect(performance.now() - start).toBeLessThan(contractMs)
    expect(socket.readyState).toBe(socket.OPEN)
    socket.terminate()
  })
})
