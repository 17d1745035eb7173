import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { Pool } from 'undici'
import { findDatabaseServer } from './bench-database.ts'
import { measure } from './load.ts'
import { printRow } from './report.ts'
import { type ServerProcess, startCommand, startServer } from './server-process.ts'
import { openSockets } from './sockets.ts'

const processCounts = [1, 2, 4]
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const roundMs = 2000
const captureCallers = 64
const listCallers = 16
const socketCount = 200
const liveCaptures = 100
const deliveryCount = 1000
const deliveryCallers = 32
const key = 'bench-processes-key-0123456789-0123456789'
const headers = { 'x-api-key': key, 'content-type': 'application/json' }
const list =
  '{ contacts(first: 20) { nodes { id email firstName lastName source submissions(first: 2) { nodes { id receivedAt } } } } }'
const subscription = () => 'subscription { contactCreated { eventId contact { id email source } } }'

interface Target {
  readonly processes: number
  readonly server: ServerProcess
  readonly pool: Pool
}

type Measure = (target: Target) => Promise<number>

/** What is measured, per second, in the order of the rounds. */
const measures: Readonly<Record<string, Measure>> = {
  captures: async ({ server }) =>
    (await measure(server.url, { callers: captureCallers, durationMs: roundMs })).perSecond,
  lists: ({ pool }) => perSecond(listCallers, () => post(pool, '/graphql', { query: list })),
  'live messages': measureLive,
  deliveries: measureDeliveries,
}

/** Compares nodes of 1, 2 and 4 processes with the ideal, which is the rate of one process times their number. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const targets: Target[] = []
  for (const processes of processCounts) {
    const database = await databases.createDatabase()
    started.defer(() => database.drop())
    const limits = { REX_API_KEY: key, REX_KEY_RATE: '0', LOG_LEVEL: 'warn', REX_PROCESSES: String(processes) }
    const server = await startServer(startCommand(), { ...database.environment, ...limits })
    started.defer(() => server.stop())
    targets.push({ processes, server, pool: new Pool(server.url, { connections: captureCallers }) })
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; load, receiver, servers and database on this machine. Median of ${rounds} rounds.\n`,
  )
  printRow([
    'per second',
    ...processCounts.map((count) => `${count} processes`),
    ...processCounts.slice(1).map((count) => `${count}: of the ideal`),
  ])
  printRow(['---', ...processCounts.map(() => '--:'), ...processCounts.slice(1).map(() => '--:')])
  for (const [name, measureOne] of Object.entries(measures)) printRates(name, await measureInTurns(targets, measureOne))
  for (const { pool } of targets) await pool.close()
}

/** Measures all targets in each round, so that other load on the machine affects all of them equally. */
async function measureInTurns(targets: readonly Target[], measureOne: Measure): Promise<number[]> {
  const rates = targets.map((): number[] => [])
  for (let round = 0; round <= rounds; round++)
    for (const [nth, target] of targets.entries()) {
      const rate = await measureOne(target)
      if (round > 0) rates[nth]?.push(rate) // The first round warms up.
    }
  return rates.map((each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)] ?? Number.NaN)
}

function printRates(name: string, rates: readonly number[]): void {
  const [one = Number.NaN] = rates
  const ofIdeal = rates
    .slice(1)
    .map((rate, nth) => `${Math.round((rate / one / (processCounts[nth + 1] ?? 1)) * 100)} %`)
  printRow([name, ...rates.map((rate) => rate.toFixed(0)), ...ofIdeal])
}

async function perSecond(callers: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  let done = 0
  const call = async () => {
    for (; performance.now() < start + roundMs; done++) await work()
  }
  await Promise.all(Array.from({ length: callers }, call))
  return done / ((performance.now() - start) / 1000)
}

async function measureLive({ server, pool }: Target): Promise<number> {
  const sockets = await openSockets({ url: server.url, apiKey: key, count: socketCount, queryOf: subscription })
  const received = sockets.receive(liveCaptures)
  const start = performance.now()
  await captureAll(pool, liveCaptures)
  await received
  const seconds = (performance.now() - start) / 1000
  await sockets.close()
  return (socketCount * liveCaptures) / seconds
}

async function measureDeliveries({ pool }: Target): Promise<number> {
  let count = 0
  let setDone = () => {}
  const done = new Promise<void>((resolve) => {
    setDone = resolve
  })
  const receiver = createServer((incoming, outgoing) => {
    incoming.resume()
    outgoing.end()
    if (++count === deliveryCount) setDone()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const endpoint = await post(pool, '/webhooks', { url, events: ['contact.created'], max_in_flight: 100 })
  const start = performance.now()
  await captureAll(pool, deliveryCount)
  await done
  const seconds = (performance.now() - start) / 1000
  await pool.request({ method: 'DELETE', path: `/webhooks/${Object(endpoint).data.id}`, headers })
  receiver.close()
  receiver.closeAllConnections()
  return deliveryCount / seconds
}

async function captureAll(pool: Pool, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, nth) => nth).values()
  const run = crypto.randomUUID().slice(0, 8)
  const call = async () => {
    for (const nth of numbers) await post(pool, '/capture', { email: `bench-${run}-${nth}@example.com` })
  }
  await Promise.all(Array.from({ length: deliveryCallers }, call))
}

async function post(pool: Pool, path: string, body: unknown): Promise<unknown> {
  const { statusCode, body: answer } = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (statusCode >= 300) throw new Error(`${path}: ${statusCode} ${text}`)
  return JSON.parse(text)
}

await compare()
