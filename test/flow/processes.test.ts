import { describe, expect, it, onTestFinished } from 'vitest'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { createApiClient } from '../support/api-client.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { createEmptyDatabase, createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { runSql, silentLog } from '../support/test-parts.ts'

const key = 'processes-test-key-0123456789-0123456789'

describe('processes on one PostgreSQL', () => {
  it('that start together on an empty database both serve, and make one workspace with one key', async () => {
    const database = dropped(await createEmptyDatabase())
    const other = dropped(await createEmptyDatabase())
    const folders = [database.environment.REX_DATA_DIR, other.environment.REX_DATA_DIR]
    const started = await Promise.all(
      folders.map((REX_DATA_DIR) => startOwn({ ...database.environment, REX_DATA_DIR })),
    )
    const [printed, ...others] = started.flatMap(({ output }) => output().match(/\brex_\w+/g) ?? [])
    expect(printed).toBeDefined()
    expect(others).toEqual([])
    expect(await rowsOf(database, 'select slug from workspace')).toEqual([{ slug: 'default' }])
    const clients = started.map(({ url }) => createApiClient({ url, key: printed ?? '' }))
    const captured = await Promise.all(clients.map((api) => api.capture({ email: 'jane@example.com' })))
    expect(captured.map(({ status }) => status)).toEqual([201, 201])
    expect(new Set(captured.map(({ json }) => json.data?.['id'])).size).toBe(1)
    const viewers = await Promise.all(clients.map((api) => api.graphql('{ viewer { scopes } }')))
    for (const viewer of viewers) expect(viewer).toMatchObject({ data: { viewer: { scopes: ['ADMIN'] } } })
  })

  it('divide the work: an api captures and tells subscribers, a worker delivers and answers nobody', async () => {
    const { environment } = dropped(await createTestDatabase())
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const api = await startOwn({ ...environment, REX_API_KEY: key, REX_ROLE: 'api' })
    const client = createApiClient({ url: api.url, key })
    await client.createEndpoint({ url: receiver.url, events: ['contact.created'] })
    await using subscriber = await connectSubscriber(
      { url: api.url, key },
      { query: 'subscription { contactCreated { contact { email } } }' },
    )
    expect((await client.capture({ email: 'one@example.com' })).status).toBe(201)
    expect(await subscriber.next()).toEqual({ contactCreated: { contact: { email: 'one@example.com' } } })

    const workerStart = Date.now()
    const worker = await startOwn({ ...environment, REX_API_KEY: key, REX_ROLE: 'worker' })
    const [first] = await receiver.received(1)
    expect(first?.receivedAt).toBeGreaterThan(workerStart)
    await client.capture({ email: 'two@example.com' })
    const webhooks = await receiver.received(2, 4000)
    expect(webhooks.map(({ body }) => JSON.parse(body).data.email)).toEqual(['one@example.com', 'two@example.com'])

    const answers = ['/capture', '/webhooks', '/graphql', '/'].map((path) =>
      fetch(worker.url + path, { method: path === '/capture' ? 'POST' : 'GET' }),
    )
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404, 404])
    const health = ['/healthz', '/readyz', '/metrics'].map((path) => fetch(worker.url + path))
    expect((await Promise.all(health)).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

describe('11.19: an api that nobody subscribes to', () => {
  it('asks the database nothing, before its first subscriber and after its last', async () => {
    const { environment } = dropped(await createTestDatabase())
    const api = await startOwn({ ...environment, REX_API_KEY: key, REX_ROLE: 'api' })
    await expectQuiet(environment.DATABASE_URL ?? '')
    const subscriber = await connectSubscriber(
      { url: api.url, key },
      { query: 'subscription { contactCreated { contact { email } } }' },
    )
    await createApiClient({ url: api.url, key }).capture({ email: 'one@example.com' })
    expect(await subscriber.next()).toMatchObject({ contactCreated: {} })
    await subscriber[Symbol.asyncDispose]()
    await expectQuiet(environment.DATABASE_URL ?? '')
  })
})

/** Waits until none of the database's sessions but our own has run anything for longer than any reader's pause. */
async function expectQuiet(url: string): Promise<void> {
  const database = connectPostgresql(url, silentLog, 1)
  let seconds = 0
  const look = async () => {
    const [row] = await runSql<{ seconds: number | null }>(
      database,
      `select extract(epoch from clock_timestamp() - max(state_change))::float8 as seconds
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    seconds = row?.seconds ?? 0
    return seconds > 3.5
  }
  try {
    await eventually(look, () => `quiet for ${seconds} s`, 20_000)
  } finally {
    await database.close()
  }
}

describe('a process whose PostgreSQL goes away', () => {
  it.each([
    ['is gone', 'cut'],
    ['says nothing any more', 'silence'],
  ] as const)('answers 503 within 2 s when it %s, and serves within 3 s of its return', async (_, goAway) => {
    const { environment } = dropped(await createTestDatabase())
    const proxy = await startDatabaseProxy(environment.DATABASE_URL ?? '')
    const rex = await startOwn({ ...environment, DATABASE_URL: proxy.url, REX_API_KEY: key })
    onTestFinished(() => proxy.stop())
    const api = createApiClient({ url: rex.url, key })
    const calls = [
      () => api.capture({ email: 'jane@example.com' }),
      () => api.rest('GET', '/webhooks'),
      () => api.rest('GET', '/readyz'),
    ]
    const statuses = async () => (await Promise.all(calls.map((call) => call()))).map(({ status }) => status)
    expect(await statuses()).toEqual([201, 200, 200])

    proxy[goAway]()
    for (const call of calls) {
      const start = performance.now()
      const { status, headers, json } = await call()
      expect(performance.now() - start).toBeLessThan(5000)
      expect({ status, code: json.error?.code }).toEqual({ status: 503, code: 'unavailable' })
      expect(headers.get('retry-after')).toMatch(/^\d+$/)
    }

    proxy.restore()
    let seen: number[] = []
    const serves = async () => {
      seen = await statuses()
      return seen.join() === '201,200,200'
    }
    await eventually(serves, () => seen.join(), 3000)
  })
})

function dropped(database: OwnDatabase): OwnDatabase {
  onTestFinished(() => database.drop())
  return database
}

/** A process that the test's end stops, before its database is dropped. */
async function startOwn(environment: Readonly<Record<string, string>>): Promise<RexProcess> {
  const rex = await startRexProcess(environment)
  onTestFinished(async () => {
    expect(await rex.signal('SIGTERM')).toBe(0)
  })
  return rex
}

async function rowsOf({ environment }: OwnDatabase, sql: string): Promise<unknown[]> {
  const database = connectPostgresql(environment.DATABASE_URL ?? '', silentLog)
  try {
    return await runSql(database, sql)
  } finally {
    await database.close()
  }
}
