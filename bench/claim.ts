import { availableParallelism } from 'node:os'
import { readConfig } from '../src/config/config.ts'
import type { Database } from '../src/database/database.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import type { LeasedDelivery } from '../src/delivery/queue/leased-delivery.ts'
import { claimDeliveries, type Settlement, settleDeliveries } from '../src/delivery/queue/queue.ts'
import { createLog } from '../src/platform/log.ts'
import { findDatabaseServer } from './bench-database.ts'
import { percentile } from './load.ts'
import { printRow } from './report.ts'
import { openScripts, type Scripts } from './scripts.ts'

const endpoints = 20
/** Deliveries that a dispatcher claims at a time. */
const limit = 50
const rounds = 100
const fills = [
  { history: 0, due: 20_000 },
  { history: 1_000_000, due: 100_000 },
] as const
const places = [10, 100] as const

interface Times {
  readonly history: number
  readonly due: number
  readonly maxInFlight: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** Measures claims at 20 endpoints, each settled before the next, without history and after a million deliveries. */
async function compare(): Promise<void> {
  const server = await findDatabaseServer()
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${server.description}; ${rounds} claims of ${limit}, ${endpoints} endpoints.\n`,
  )
  const measured: Times[] = []
  for (const fill of fills) {
    await using started = new AsyncDisposableStack()
    const { environment, drop } = await server.createDatabase()
    started.defer(drop)
    const config = readConfig(environment)
    const database = await openDatabase(config, createLog('silent'))
    started.defer(() => database.close())
    await migrate(database)
    const scripts = started.use(await openScripts(database, config.databaseUrl))
    await insertDeliveries(scripts, fill)
    for (const maxInFlight of places) {
      await scripts.run(`update webhook_endpoint set max_in_flight = ${maxInFlight}`)
      measured.push({ ...fill, maxInFlight, ...(await measure(database)) })
    }
  }
  report(measured)
}

async function measure(database: Database): Promise<Pick<Times, 'p50Ms' | 'p95Ms'>> {
  const times: number[] = []
  for (let round = -10; round < rounds; round++) {
    const start = performance.now()
    const { deliveries } = await database.inTransaction((tx) =>
      claimDeliveries(tx, { limit, leaseMs: 30_000, owner: 'bench' }),
    )
    const ms = performance.now() - start
    if (deliveries.length < limit) throw new Error(`Expected ${limit} due deliveries, got ${deliveries.length}.`)
    if (round >= 0) times.push(ms) // The first rounds warm up.
    await settleDeliveries(database, deliveries.map(accepted))
  }
  times.sort((a, b) => a - b)
  return { p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) }
}

function accepted(delivery: LeasedDelivery): Settlement {
  const outcome = { kind: 'accepted', status: 200 } as const
  const result = { startedAt: new Date(), durationMs: 1, outcome, responseBody: '', inside: false }
  return { delivery, result, verdict: { status: 'SUCCEEDED' } }
}

async function insertDeliveries(scripts: Scripts, { history, due }: (typeof fills)[number]): Promise<void> {
  const eventsPerEndpoint = (history + due) / endpoints
  await scripts.run(`
    insert into webhook_endpoint (workspace_id, id, url, events, secret, secret_hint)
    select 'ws_0', 'wh_' || nth, 'http://127.0.0.1:9/', '{*}', '', ''
    from generate_series(1, ${endpoints}) nth;
    insert into event (workspace_id, id, type, contact_id, body, created_at)
    select 'ws_0', 'evt_' || lpad(nth::text, 26, '0'), 'contact.created', 'cont_' || nth % 20000, '{}', now()
    from generate_series(1, ${eventsPerEndpoint}) nth`)
  for (let nth = 1; nth <= endpoints; nth++)
    await scripts.run(`
      insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status,
                            next_attempt_at, attempt_count, completed_at)
      select workspace_id, 'dlv_' || id || ${nth}, 'wh_' || ${nth}, id, position, contact_id,
             (case when is_due then 'PENDING' else 'SUCCEEDED' end)::delivery_status,
             case when is_due then now() end, case when is_due then 0 else 1 end, case when not is_due then now() end
      from event
      cross join lateral (select position > ${history / endpoints} as is_due) state`)
  await scripts.run('vacuum analyze')
}

function report(measured: readonly Times[]): void {
  printRow(['closed before', 'due', 'max_in_flight', 'p50 ms', 'p95 ms', '÷ without a history'])
  printRow(['--:', '--:', '--:', '--:', '--:', '--:'])
  for (const { history, due, maxInFlight, p50Ms, p95Ms } of measured) {
    const alone = measured.find((other) => other.history === 0 && other.maxInFlight === maxInFlight)
    const ratio = p50Ms / (alone?.p50Ms ?? Number.NaN)
    printRow([history, due, maxInFlight, p50Ms.toFixed(1), p95Ms.toFixed(1), ratio.toFixed(2)])
  }
}

await compare()
