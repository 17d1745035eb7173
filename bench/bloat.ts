import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { Pool } from 'undici'
import { apiKey, createGrown, settings } from './growth-database.ts'
import { printRow } from './report.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'

const seconds = Number(process.env['BENCH_SECONDS'] ?? 120)
const perSecond = Number(process.env['PER_SECOND'] ?? 60)
const size = { contacts: 100_000, events: 500_000, due: 0 }
const headers = { 'content-type': 'application/json', 'x-api-key': apiKey }

interface Target {
  readonly name: string
  readonly server: ServerProcess
  readonly sql: pg.Client
}

interface TableUse {
  readonly name: string
  readonly updated: number
  readonly hot: number
  readonly dead: number
  readonly vacuums: number
  readonly kilobytes: number
}

/**
 * Sends the same captures at the same time to Rex with its vacuum settings and to Rex with PostgreSQL's defaults: people
 * who were seen before, with an Idempotency-Key, each sent to one endpoint.
 */
async function compare(): Promise<void> {
  await using started = new AsyncDisposableStack()
  const receiver = await startServer(nodeCommand('drain-receiver.ts'))
  started.defer(() => receiver.stop())
  const grown = await Promise.all(
    ['defaults', 'Rex'].map(async (name) => ({ name, ...(await createGrown(size, receiver.url)) })),
  )
  const targets: Target[] = []
  for (const { name, sql, environment, close } of grown) {
    started.defer(close)
    if (name === 'defaults') await resetTables(sql)
    const { rows } = await sql.query<{ autovacuum: string }>('show autovacuum')
    if (rows[0]?.autovacuum !== 'on') throw new Error('This benchmark needs a server with autovacuum.')
    const server = await startServer(startCommand(), { ...environment, ...settings })
    started.defer(() => server.stop())
    const endpoint = JSON.stringify({ url: receiver.url, events: ['*'], max_in_flight: 50 })
    await fetch(`${server.url}/webhooks`, { method: 'POST', headers, body: endpoint })
    await sql.query('select pg_stat_reset()')
    targets.push({ name, server, sql })
  }
  await Promise.all(targets.map(({ server }) => captureSteadily(server)))
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${JSON.stringify(size)}; ${perSecond} captures a second ` +
      `for ${seconds} s, each with a webhook.\n`,
  )
  printRow(['table', 'settings', 'updates', 'HOT', 'dead rows at the end', 'vacuums', 'KB with indexes'])
  printRow(['---', '---', '--:', '--:', '--:', '--:', '--:'])
  const uses = await Promise.all(targets.map(async ({ name, sql }) => ({ name, tables: await readUse(sql) })))
  for (const { name: table } of uses[0]?.tables ?? [])
    for (const { name, tables } of uses)
      printUse(
        name,
        tables.find((use) => use.name === table),
      )
}

function printUse(settings: string, use: TableUse | undefined): void {
  if (use === undefined) return
  const hot = use.updated === 0 ? '–' : `${Math.round((100 * use.hot) / use.updated)} %`
  printRow([use.name, settings, use.updated, hot, use.dead, use.vacuums, use.kilobytes])
}

/** Takes the settings of the tables back to PostgreSQL's defaults. */
async function resetTables(sql: pg.Client): Promise<void> {
  const { rows } = await sql.query<{ statement: string }>(
    `select format('alter table %s reset (%s)', oid::regclass,
                   (select string_agg(split_part(option, '=', 1), ', ') from unnest(reloptions) option)) as statement
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reloptions is not null`,
  )
  for (const { statement } of rows) await sql.query(statement)
}

async function captureSteadily({ url }: ServerProcess): Promise<void> {
  const pool = new Pool(url, { connections: 64 })
  const start = performance.now()
  const sent: Promise<void>[] = []
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    const lateMs = start + (nth * 1000) / perSecond - performance.now()
    if (lateMs > 0) await setTimeout(lateMs)
    sent.push(capture(pool, nth))
  }
  await Promise.all(sent)
  await pool.close()
}

async function capture(pool: Pool, nth: number): Promise<void> {
  const body = JSON.stringify({ email: `lead-${(nth * 7919) % size.contacts}@example.com`, metadata: { visit: nth } })
  const keyed = { ...headers, 'idempotency-key': `visit-${nth}` }
  const response = await pool.request({ method: 'POST', path: '/capture', headers: keyed, body })
  await response.body.dump()
  if (response.statusCode !== 201) throw new Error(`Expected 201, got ${response.statusCode}.`)
}

/** Returns what PostgreSQL has counted for the tables that were written. */
async function readUse(sql: pg.Client): Promise<TableUse[]> {
  await setTimeout(2000) // PostgreSQL writes its counts once a second.
  const { rows } = await sql.query<TableUse>(
    `select relname as name, n_tup_upd::int as updated, n_tup_hot_upd::int as hot, n_dead_tup::int as dead,
            (vacuum_count + autovacuum_count)::int as vacuums, (pg_total_relation_size(relid) / 1024)::int as kilobytes
     from pg_stat_user_tables
     where n_tup_ins + n_tup_upd > 100 or n_tup_upd > 100
     order by relname`,
  )
  return rows
}

await compare()
