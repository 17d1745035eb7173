import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { createApiClient } from '../support/api-client.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { send, sendJson } from '../support/http-client.ts'
import { openRaw, parseRaw } from '../support/raw-http.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { launchRex, type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { createEmptyDatabase, createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { runSql, silentLog } from '../support/test-parts.ts'

const key = 'stopping-test-key-0123456789-0123456789'
const lead = { email: 'jane@example.com' }
/** A body may take 15 seconds, and a process a few to start. */
const timeout = 120_000

describe('a process that was asked to stop', { timeout }, () => {
  let database: OwnDatabase
  let rex: RexProcess
  beforeEach(async () => {
    database = await createTestDatabase()
    rex = await startOwn(database.environment)
  })
  afterEach(() => database.drop())

  /** From here on the signal has been heard. */
  const isDraining = (url: string) =>
    eventually(
      async () => (await send(url, { path: '/readyz' })).status === 503,
      () => 'ready',
    )

  it('tells so on /readyz and refuses what is new, each surface in its form, until its deliveries are settled', async () => {
    const receiver = await slowReceiver()
    const api = createApiClient({ url: rex.url, key })
    await api.createEndpoint({ url: receiver.url, events: ['contact.created'] })
    await api.capture(lead)
    await receiver.received(1)
    const { length } = rex.output()
    const exited = rex.signal('SIGTERM')
    await isDraining(rex.url)

    const auth = { 'x-api-key': key, origin: rex.url }
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    const large = 'x'.repeat(1024 * 1024)
    const [health, metrics, ...refused] = await Promise.all([
      send(rex.url, { path: '/healthz' }),
      send(rex.url, { path: '/metrics' }),
      sendJson(rex.url, '/graphql', { query: '{ viewer { scopes } }' }, auth),
      sendJson(rex.url, '/capture', lead),
      sendJson(rex.url, '/capture', { ...lead, large }),
      sendJson(rex.url, '/webhooks', { url: receiver.url, events: ['contact.created'] }, auth),
      send(rex.url, { path: '/' }),
      send(rex.url, { method: 'POST', path: '/capture', headers: form, body: 'email=jane%40example.com' }),
    ])
    expect([health.status, metrics.status]).toEqual([200, 200])
    for (const { status, headers } of refused)
      expect({ status, ...headers }).toMatchObject({ status: 503, 'retry-after': '1', connection: 'close' })
    const [graphql, page] = [refused[0], refused.at(-1)]
    expect(graphql?.json).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
    expect(graphql?.headers['access-control-allow-origin']).toBe(rex.url)
    expect(page?.headers['content-type']).toContain('text/html')
    for (const { json } of refused.slice(1, -1)) expect(json).toMatchObject({ error: { code: 'unavailable' } })

    expect(await exited).toBe(0)
    expect(rex.output()).toMatch(/"outcome":"accepted".*"event":"delivery.attempted"/)
    expect(rex.output().slice(length)).not.toContain('"level":"warn"')
  })

  it('takes nothing new while a WebSocket client does not answer the close, nor waits for it long', async () => {
    const handshake = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    const proposal = ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: graphql-transport-ws']
    const head = ['GET /graphql HTTP/1.1', 'Host: localhost', ...handshake, ...proposal]
    const socket = await openRaw(rex.url, `${head.join('\r\n')}\r\n\r\n`)
    await eventually(() => socket.received().startsWith('HTTP/1.1 101'), socket.received)
    const start = performance.now()
    const exited = rex.signal('SIGTERM')
    await isDraining(rex.url)
    expect(await sendJson(rex.url, '/capture', lead)).toMatchObject({ status: 503 })
    expect(await sendJson(rex.url, '/webhooks', {}, { 'x-api-key': key })).toMatchObject({ status: 503 })
    expect(await exited).toBe(0)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('is gone at once when nothing is under way, though connections are open', async () => {
    const silent = await openRaw(rex.url)
    const idle = await openRaw(rex.url, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually(() => idle.received().endsWith('}}'), idle.received)
    const start = performance.now()
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(performance.now() - start).toBeLessThan(3000)
    await Promise.all([silent.closed, idle.closed])
  })

  it('takes the body of a request that had begun for as long as it may take, and refuses it with 408 then', async () => {
    const body = JSON.stringify(lead)
    const head = `POST /capture HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json`
    const begin = () => openRaw(rex.url, `${head}\r\nContent-Length: ${body.length}\r\n\r\n{`)
    const first = await begin()
    await setTimeout(3000) // The second is to have time when that of the first is over.
    const second = await begin()
    const query = JSON.stringify({ query: 'subscription { contactCreated { eventId } }' })
    const streamHead = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Api-Key: ${key}`
    const stream = await openRaw(
      rex.url,
      `${streamHead}\r\nAccept: text/event-stream\r\nContent-Length: ${query.length}\r\n\r\n`,
    )
    const start = performance.now()
    const exited = rex.signal('SIGTERM')
    await isDraining(rex.url)
    // One that would not end by itself has come too late.
    expect(await stream.finish(query)).toMatch(/^HTTP\/1.1 503 /)
    await first.closed
    expect(parseRaw(first.received())).toMatchObject({ status: 408, json: { error: { code: 'timeout' } } })
    expect(parseRaw(await second.finish(body.slice(1)))).toMatchObject({ status: 201 })
    expect(await exited).toBe(0)
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})

describe('a process that is asked to stop while its PostgreSQL is away', { timeout }, () => {
  it.each([
    ['is gone', 'cut'],
    ['says nothing any more', 'silence'],
  ] as const)('leaves what it cannot settle to its lease, and exits 0, when it %s', async (_, goAway) => {
    const { rex, proxy, api } = await startBehindProxy()
    const receiver = await slowReceiver()
    await api.createEndpoint({ url: receiver.url, events: ['contact.created'] })
    for (const name of ['one', 'two', 'three']) await api.capture({ email: `${name}@example.com` })
    await receiver.received(3)
    proxy[goAway]()
    const start = performance.now()
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(rex.output().match(/"event":"shutdown.timed_out"/g)).toHaveLength(1)
  })

  it('does not wait for the answer to anything that it has asked it', async () => {
    const { rex, proxy, api } = await startBehindProxy()
    await using subscriber = await connectSubscriber(
      { url: rex.url, key },
      { query: 'subscription { deliveryUpdated { id } }' },
    )
    proxy.silence()
    expect((await api.capture(lead)).status).toBe(503)
    const start = performance.now()
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(subscriber.socket.readyState).toBe(subscriber.socket.CLOSED)
    expect(rex.output().match(/"event":"shutdown.timed_out"/g)).toHaveLength(1)
  })
})

describe('a process that is asked to stop before it has started', { timeout }, () => {
  it('exits 0 while it is being loaded', async () => {
    const { environment } = dropped(await createTestDatabase())
    const rex = launchRex({
      ...environment,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(tellsOfApp)}`,
    })
    await eventually(() => rex.output() === 'app.ts', rex.output)
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(rex.output()).toBe('app.ts')
  })

  it('exits 0 while the embedded database is made, which the next start finishes', async () => {
    const REX_DATA_DIR = makeDataFolder()
    const rex = launchRex({ REX_DATA_DIR })
    await eventually(() => readdirSync(REX_DATA_DIR).length > 0, rex.output, 60_000)
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(rex.output()).not.toContain('Rex listens')
    await startOwn({ REX_DATA_DIR })
  })

  it('exits 0 while migrations wait for those of another process', async () => {
    const { environment } = dropped(await createEmptyDatabase())
    const other = connectPostgresql(environment.DATABASE_URL ?? '', silentLog)
    onTestFinished(() => other.close())
    const rex = await other.inTransaction(async (tx) => {
      await tx.query({ name: '', text: 'select pg_advisory_xact_lock(7239154)' })
      const launched = launchRex(environment)
      const waits = async () => (await runSql(other, selectWaiting)).length > 0
      await eventually(waits, launched.output, 60_000)
      expect(await launched.signal('SIGTERM')).toBe(0)
      return launched
    })
    expect(rex.output()).not.toContain('Rex listens')
  })

  it('exits 0 while it waits for a database that says nothing', async () => {
    const { environment } = dropped(await createTestDatabase())
    const proxy = await startDatabaseProxy(environment.DATABASE_URL ?? '')
    onTestFinished(() => proxy.stop())
    proxy.silence()
    const rex = launchRex({ ...environment, DATABASE_URL: proxy.url })
    await eventually(() => proxy.connectionCount > 0, rex.output, 60_000)
    expect(await rex.signal('SIGTERM')).toBe(0)
    expect(rex.output()).toBe('')
  })
})

/** One that answers after two seconds: its attempts are under way for so long. */
async function slowReceiver(): Promise<Receiver> {
  const receiver = await startReceiver((_webhook, response) => {
    void setTimeout(2000).then(() => response.end('ok'))
  })
  onTestFinished(() => receiver.stop())
  return receiver
}

async function startBehindProxy() {
  const { environment } = dropped(await createTestDatabase())
  const proxy = await startDatabaseProxy(environment.DATABASE_URL ?? '')
  onTestFinished(() => proxy.stop())
  const rex = await startOwn({ ...environment, DATABASE_URL: proxy.url })
  return { rex, proxy, api: createApiClient({ url: rex.url, key }) }
}

function dropped(database: OwnDatabase): OwnDatabase {
  onTestFinished(() => database.drop())
  return database
}

/** A process that the test's end stops. */
async function startOwn(environment: Readonly<Record<string, string>>): Promise<RexProcess> {
  const rex = await startRexProcess({ ...environment, REX_API_KEY: key })
  onTestFinished(async () => {
    await rex.signal('SIGTERM')
  })
  return rex
}

const selectWaiting = `
  select 1
  from pg_locks l
  join pg_database d on d.oid = l.database
  where d.datname = current_database()
    and not l.granted`

/** Says when the greater part of the service comes to be loaded. */
const tellsOfApp = `
  import { writeSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  const resolve = (name, context, next) => {
    if (/\\/app(-[A-Z0-9]+\\.js|\\.ts)$/.test(name)) writeSync(1, 'app.ts')
    return next(name, context)
  }
  registerHooks({ resolve })`
