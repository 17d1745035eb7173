import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { Client } from 'undici'
import { readConfig } from '../src/config/config.ts'
import { openDatabase } from '../src/database/open.ts'
import { createEventPrune } from '../src/delivery/event-retention.ts'
import { claimDeliveries } from '../src/delivery/queue/queue.ts'
import { createLog } from '../src/platform/log.ts'
import { apiKey, createGrown, type Grown, settings } from './growth-database.ts'
import { insertDue } from './growth-fill.ts'
import { measure, percentile } from './load.ts'
import { printRow } from './report.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'

const rows = Number(process.argv[2] ?? 5_000_000)
const rounds = 3
/** Half of the events are old, and none of these is due. */
const small = { contacts: 1000, events: 20_000, due: 10_000 }
const grown = { contacts: rows / 5, events: rows, due: Math.max(rows / 50, 10_000) }
const roundMs = 3000
const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }

interface Target {
  readonly grown: Grown
  readonly receiver: ServerProcess
  /** Serves the API, and delivers nothing. */
  readonly api: ServerProcess
  /** Cursor near the beginning of the log. */
  readonly oldest: string
}

/** What is measured, per second. */
const measures: Readonly<Record<string, (target: Target) => Promise<number>>> = {
  captures: async ({ api }) => (await measure(api.url, { callers: 32, durationMs: roundMs })).perSecond,
  'lists of 20 contacts with 2 submissions': ({ api }) =>
    lists(api, '{ contacts(first: 20) { nodes { id email submissions(first: 2) { nodes { id } } } } }'),
  'pages of 20 events at the far end of the log': ({ api, oldest }) =>
    lists(api, `{ events(first: 20, after: "${oldest}") { nodes { id type contact { id } } } }`),
  'claims of 50 deliveries': claims,
  'webhooks sent and logged': drain,
  'events pruned': prune,
}

/** Measures a small and a grown database in turns, in one run. */
async function compare(): Promise<void> {
  await using started = new AsyncDisposableStack()
  const receiver = await startServer(nodeCommand('drain-receiver.ts'))
  started.defer(() => receiver.stop())
  const targets: Target[] = []
  for (const size of [small, grown]) {
    const database = await createGrown(size, receiver.url)
    started.defer(() => database.close())
    const api = await startServer(startCommand(), { ...database.environment, ...settings, REX_ROLE: 'api' })
    started.defer(() => api.stop())
    targets.push({ grown: database, receiver, api, oldest: await cursorOfOldest(api) })
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, PostgreSQL ` +
      `on this machine; small: ${JSON.stringify(small)}, grown: ${JSON.stringify(grown)}. Median of ${rounds} rounds.\n`,
  )
  printRow(['per second', 'small', 'grown', 'grown ÷ small'])
  printRow(['---', '--:', '--:', '--:'])
  for (const [name, measureOne] of Object.entries(measures)) {
    const [one = Number.NaN, other = Number.NaN] = await inTurns(targets, measureOne)
    printRow([name, one.toFixed(0), other.toFixed(0), (other / one).toFixed(2)])
  }
}

/** Measures both in each round, so that other load affects both; the first round warms up. */
async function inTurns(targets: readonly Target[], measureOne: (target: Target) => Promise<number>) {
  const rates = targets.map((): number[] => [])
  for (let round = 0; round <= rounds; round++)
    for (const [nth, target] of targets.entries()) {
      const rate = await measureOne(target)
      if (round > 0) rates[nth]?.push(rate)
    }
  return rates.map((each) =>
    percentile(
      each.toSorted((a, b) => a - b),
      0.5,
    ),
  )
}

async function lists({ url }: ServerProcess, query: string): Promise<number> {
  const start = performance.now()
  let done = 0
  const call = async () => {
    const client = new Client(url)
    for (; performance.now() < start + roundMs; done++) await ask(client, query)
    await client.close()
  }
  await Promise.all(Array.from({ length: 8 }, call))
  return done / ((performance.now() - start) / 1000)
}

async function ask(client: Client, query: string): Promise<unknown> {
  const body = JSON.stringify({ query })
  const response = await client.request({ method: 'POST', path: '/graphql', headers, body })
  const { data, errors } = JSON.parse(await response.body.text())
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

/** Returns the cursor of an event that has almost the whole log before it: the hundredth of all. */
async function cursorOfOldest({ url }: ServerProcess): Promise<string> {
  const client = new Client(url)
  const data = await ask(client, '{ events(last: 100) { pageInfo { startCursor } } }')
  await client.close()
  return Object(data).events.pageInfo.startCursor
}

/** Claims and returns deliveries, so that as many are due afterwards. */
async function claims({ grown: { environment, sql, workspaceId, size } }: Target): Promise<number> {
  await insertDue(sql, workspaceId, size.due)
  const database = await openDatabase(readConfig(environment), createLog('silent'))
  const takenBack = new Error('taken back')
  const times: number[] = []
  for (let nth = 0; nth < 60; nth++) {
    const work = database.inTransaction(async (tx) => {
      const start = performance.now()
      const { deliveries } = await claimDeliveries(tx, { limit: 50, leaseMs: 30_000, owner: 'bench' })
      times.push(performance.now() - start)
      if (deliveries.length < 50) throw new Error(`Expected 50 due deliveries, got ${deliveries.length}.`)
      throw takenBack
    })
    await work.catch((error: unknown) => {
      if (error !== takenBack) throw error
    })
  }
  await database.close()
  return (
    1000 /
    percentile(
      times.toSorted((a, b) => a - b),
      0.5,
    )
  )
}

/** Counts webhooks while a worker sends them, after the first ones. */
async function drain({ grown: { environment, sql, workspaceId, size }, receiver }: Target): Promise<number> {
  await insertDue(sql, workspaceId, size.due)
  await fetch(receiver.url, { method: 'DELETE' })
  const worker = await startServer(startCommand(), { ...environment, ...settings, REX_ROLE: 'worker' })
  const first = await untilSent(receiver, 500)
  const last = await untilSent(receiver, 4500)
  await worker.stop()
  return ((last.count - first.count) * 1000) / (last.at - first.at)
}

async function untilSent({ url }: ServerProcess, wanted: number): Promise<{ count: number; at: number }> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const { count } = JSON.parse(await (await fetch(url)).text())
    if (count >= wanted) return { count, at: performance.now() }
    if (performance.now() > deadline) throw new Error(`Only ${count} of ${wanted} webhooks came.`)
    await setTimeout(10)
  }
}

/** Deletes events older than half of the log, without the pauses of the service. */
async function prune({ grown: { environment, sql } }: Target): Promise<number> {
  const database = await openDatabase(readConfig(environment), createLog('silent'))
  const step = createEventPrune(database, 30)
  const before = await oldestPosition(sql)
  const start = performance.now()
  for (let nth = 0; nth < 5; nth++) await step()
  const seconds = (performance.now() - start) / 1000
  const pruned = (await oldestPosition(sql)) - before
  await database.close()
  if (pruned !== 500) throw new Error(`Expected 500 pruned events, got ${pruned}.`)
  return pruned / seconds
}

async function oldestPosition(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ position: string }>('select min(position) as position from event')
  return Number(rows[0]?.position)
}

await compare()
