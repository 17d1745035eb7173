import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { childProcesses, childProcessesOnce, isAlive } from '../support/child-processes.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { send, sendJson } from '../support/http-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { followEvents } from '../support/resuming-subscriber.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { startSteadyLoad } from '../support/steady-load.ts'
import { connectSubscriber, type Subscriber } from '../support/subscriber.ts'
import { createTestDatabase } from '../support/test-database.ts'

const key = 'node-test-key-0123456789-0123456789'
const revocation = 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }'

/** A process takes a second to start, or twenty on a machine that is busy. */
const timeout = 400_000
const startTimeoutMs = 120_000

describe('a node with two processes', { timeout }, () => {
  it('limits captures, sockets and keys as one, and sums up its metrics', async () => {
    const rex = await startNode({ REX_CAPTURE_RATE: '10/3600', REX_SOCKET_LIMIT: '4', REX_KEY_RATE: '50/3600' })
    const capture = (nth: number) => sendJson(rex.url, '/capture', { email: `lead-${nth}@example.com` })
    const statuses = await inTurn(20, async (nth) => (await capture(nth)).status)
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(10).fill(429)])

    const metrics = async () => (await send(rex.url, { path: '/metrics' })).text
    const answered = /^rex_http_requests_total\{method="POST",route="\/capture",status="201"\} 10$/m
    expect(await metrics()).toMatch(answered)
    const [one] = childProcesses(rex.pid)
    process.kill(one!, 'SIGKILL')
    await ready(rex, 503)
    await ready(rex, 200)
    expect(await metrics()).toMatch(answered)

    const sockets = await inTurn(6, () => open(rex))
    expect(sockets.filter((socket) => socket !== undefined)).toHaveLength(4)

    const viewer = () => send(rex.url, { path: '/webhooks', headers: { 'x-api-key': key } })
    const keyed = await inTurn(60, async () => (await viewer()).status)
    // The sockets have spent some of the 50 points.
    expect(keyed.filter((status) => status === 200).length).toBeLessThan(50)
    expect(keyed.at(-1)).toBe(429)
  })

  it('spreads WebSockets evenly, and refuses a revoked key in both processes', async () => {
    const rex = await startNode()
    const admin = createGraphqlClient({ url: rex.url, key })
    const revoked = await createKey(admin, ['CONTACTS_READ', 'WEBHOOKS_READ'])
    const status = async () => (await send(rex.url, { path: '/webhooks', headers: { 'x-api-key': revoked } })).status
    await eventually(
      async () => (await inTurn(4, status)).every((seen) => seen === 200),
      () => 'the key does not work',
    )
    const sockets = await inTurn(10, () => open(rex))
    const { data } = await createGraphqlClient({ url: rex.url, key: revoked })('{ viewer { id } }')
    await admin(revocation, { id: (data['viewer'] as { id: string }).id })
    await eventually(
      async () => (await inTurn(4, status)).every((seen) => seen === 401),
      () => 'the key works',
      5000,
    )

    const [one] = childProcesses(rex.pid)
    process.kill(one!, 'SIGKILL')
    const ended = () => sockets.filter((socket) => socket?.end !== undefined).length
    await eventually(
      () => ended() === 5,
      () => `${ended()} of 10 ended`,
    )
    await ready(rex, 200)
    expect(ended()).toBe(5)
  })

  it('loses no acknowledged capture when a process is killed under load, starts it again and says so once', async () => {
    const rex = await startNode({ LOG_LEVEL: 'warn', REX_LEASE_MS: '6000', REX_ATTEMPT_TIMEOUT_MS: '5000' })
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    await createApiClient({ url: rex.url, key }).createEndpoint({ url: receiver.url, events: ['contact.created'] })
    const load = startSteadyLoad(rex.url, key, 40)
    await load.acknowledges(40)
    const [one] = childProcesses(rex.pid)
    process.kill(one!, 'SIGKILL')
    await load.acknowledges(60)
    await ready(rex, 200)
    expect(await childProcessesOnce(rex.pid, 2)).not.toContain(one)
    await load.stop()
    const missing = () => {
      const arrived = new Set(receiver.webhooks.map(({ body }) => JSON.parse(body).data.id))
      return [...load.acknowledged].filter((id) => !arrived.has(id)).length
    }
    await eventually(
      () => missing() === 0,
      () => `${missing()} of ${load.acknowledged.size} have not arrived`,
      startTimeoutMs,
    )
    expect(rex.output().match(/"event":"process.ended"/g)).toHaveLength(1)
    expect(rex.output()).toContain(`"pid":${one},"exit":"SIGKILL","restart_in_ms":100`)
  })

  it('replaces both processes on SIGHUP: nothing is refused, and a subscriber misses nothing', async () => {
    const rex = await startNode({ REX_DRAIN_MS: '500' })
    const before = await childProcessesOnce(rex.pid, 2)
    const subscriber = await followEvents({ url: rex.url, key })
    const load = startSteadyLoad(rex.url, key, 40)
    await load.acknowledges(20)
    let wasUnready = false
    const health = setInterval(async () => {
      wasUnready ||= (await send(rex.url, { path: '/readyz' })).status !== 200
    }, 50)
    onTestFinished(() => clearInterval(health))
    void rex.signal('SIGHUP')
    await eventually(() => rex.output().includes('"event":"reloaded"'), rex.output, 2 * startTimeoutMs)
    await load.acknowledges(20)
    await load.stop()
    clearInterval(health)
    expect(load.failures).toEqual([])
    expect(wasUnready).toBe(false)
    const after = childProcesses(rex.pid)
    expect(after).toHaveLength(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
    await eventually(
      () => subscriber.contactIds.length >= load.acknowledged.size,
      () => `${subscriber.contactIds.length} of ${load.acknowledged.size} events`,
    )
    expect(subscriber.failure).toBeUndefined()
    expect(subscriber.connections).toBeGreaterThan(1)
    expect(subscriber.contactIds.toSorted()).toEqual([...load.acknowledged].toSorted())
  })

  it('ends when its primary is killed, and with it the embedded database, which the next start recovers', async () => {
    const REX_DATA_DIR = makeDataFolder()
    const settings = { REX_DATA_DIR, REX_API_KEY: key, REX_PROCESSES: '2' }
    const rex = await startRexProcess(settings)
    const processes = await childProcessesOnce(rex.pid, 2)
    const { json } = await sendJson(rex.url, '/capture', { email: 'jane@example.com' })
    await rex.signal('SIGKILL')
    await eventually(
      () => !processes.some(isAlive),
      () => `${processes.filter(isAlive)} live`,
    )
    const again = await startRexProcess(settings)
    const known = await sendJson(again.url, '/capture', { email: 'jane@example.com' })
    expect(known.json.data?.['id']).toBe(json.data?.['id'])
    expect(await again.signal('SIGTERM')).toBe(0)
    expect(childProcesses(again.pid)).toEqual([])
  })

  it('says once why it cannot start', async () => {
    const other = await startNode()
    const { environment } = other
    const failed = startRexProcess({ ...environment, PORT: new URL(other.url).port })
    const message = await failed.then(
      () => 'It started.',
      (error: Error) => error.message,
    )
    expect(message.match(/Port \d+ is taken by another process/g)).toHaveLength(1)
    expect(message).toMatch(/^Rex exited with 1:/)
  })
})

describe('a process that stops, for REX_DRAIN_MS', { timeout }, () => {
  it.each([1, 2])(
    'serves while /readyz says 503, and refuses nothing before it exits with 0: %i of a node',
    async (count) => {
      const rex = await startNode({ REX_DRAIN_MS: '3000', REX_PROCESSES: String(count) })
      const capture = () => sendJson(rex.url, '/capture', { email: 'jane@example.com' })
      await ready(rex, 200)
      const { length } = rex.output()
      const start = performance.now()
      const exited = rex.signal('SIGTERM')
      await ready(rex, 503)
      const { status, headers } = await capture()
      // A machine that took all this time says nothing about it.
      if (performance.now() - start < 3000) expect([status, headers['connection']]).toEqual([201, 'close'])
      expect(await exited).toBe(0)
      expect(performance.now() - start).toBeGreaterThanOrEqual(3000)
      // A start on a busy machine may have waited too long for a connection to the database.
      expect(rex.output().slice(length)).not.toMatch(/"level":"(?:warn|error)"/)
    },
  )
})

async function startNode(environment: Readonly<Record<string, string>> = {}) {
  const database = await createTestDatabase()
  const all = { ...database.environment, REX_API_KEY: key, REX_PROCESSES: '2', ...environment }
  const rex = await startRexProcess(all)
  await ready(rex, 200)
  onTestFinished(async () => {
    const exit = await rex.signal('SIGTERM')
    await database.drop()
    expect(exit).toBe(0)
  })
  return { ...rex, environment: all }
}

function ready(rex: RexProcess, status: 200 | 503): Promise<void> {
  let seen = 0
  const look = async () => {
    seen = (await send(rex.url, { path: '/readyz' })).status
    return seen === status
  }
  return eventually(look, () => `${seen}\n${rex.output()}`, startTimeoutMs)
}

/** A subscription; undefined where it was refused. */
function open(rex: RexProcess): Promise<Subscriber | undefined> {
  const subscription = { query: 'subscription { contactCreated { eventId } }' }
  return connectSubscriber({ url: rex.url, key }, subscription).then(
    (subscriber) => {
      onTestFinished(() => subscriber[Symbol.asyncDispose]())
      return subscriber
    },
    () => undefined,
  )
}

async function inTurn<Result>(count: number, work: (nth: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let nth = 0; nth < count; nth++) results.push(await work(nth))
  return results
}
