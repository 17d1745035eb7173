import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { type BenchServer, findDatabaseServer } from './bench-database.ts'
import { type Contestant, contestants, deliveries } from './drain-contestants.ts'
import { median } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { cpuMsOf, nodeCommand, type ServerProcess, startServer } from './server-process.ts'
import { roundCount } from './sizes.ts'

const rounds = roundCount(3)
const timeoutMs = 180_000

interface Drained {
  readonly perSecond: number
  /** CPU time of the contestant's own process for one delivery, in µs. */
  readonly cpuUs: number
  /** The same of PostgreSQL's processes that serve it; unknown unless PostgreSQL is on this machine. */
  readonly databaseCpuUs: number
}

/** Measures how fast due webhooks are sent and logged, in turns: Rex, what people pick instead, and the limit. */
async function compare(): Promise<void> {
  const server = await findDatabaseServer()
  const chosen = process.env['ONLY']?.split(',')
  const all = (await contestants()).filter(({ name }) => chosen?.some((part) => name.includes(part)) ?? true)
  printEnvironment(server.description, `${deliveries} deliveries, medians of ${rounds} rounds.`)
  const results = new Map<Contestant, Drained[]>(all.map((each) => [each, []]))
  for (let round = 0; round < rounds; round++)
    for (const [contestant, drained] of results) drained.push(await measure(server, contestant))
  report(results)
}

async function measure(server: BenchServer, contestant: Contestant): Promise<Drained> {
  await using started = new AsyncDisposableStack()
  const { environment, drop } = await server.createDatabase()
  started.defer(drop)
  const url = environment['DATABASE_URL']
  if (url === undefined) throw new Error('This benchmark needs a PostgreSQL server, for all alike.')
  const sql = new pg.Client({ connectionString: url })
  await sql.connect()
  started.defer(() => sql.end())
  const receiver = await startServer(nodeCommand('drain-receiver.ts'))
  started.defer(() => receiver.stop())
  const settings = { ...environment, RECEIVER: receiver.url }
  const prepared = await contestant.prepare({ sql, environment: settings, receiver: receiver.url })
  if (prepared.stop) started.defer(prepared.stop)
  await fetch(receiver.url, { method: 'DELETE' })
  const process = await startServer(contestant.command, { ...settings, ...prepared.environment })
  started.defer(() => process.stop())
  const cpuMs = async () => [process.cpuMs(), await databaseCpuMs(sql)]
  await untilReceived(receiver, 1)
  const before = await cpuMs() // Without the start of the process.
  const drained = await untilLogged(receiver, sql, contestant)
  const after = await cpuMs()
  const [cpuUs = 0, databaseCpuUs = 0] = after.map((ms, nth) => ((ms - (before[nth] ?? 0)) * 1000) / deliveries)
  return { ...drained, cpuUs, databaseCpuUs }
}

async function databaseCpuMs(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  return rows.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0)
}

async function untilReceived(receiver: ServerProcess, count: number) {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const state = parseState(await (await fetch(receiver.url)).text())
    if (state.count >= count) return state
    if (Date.now() > deadline) throw new Error(`Only ${state.count} of ${deliveries} webhooks came.`)
    await setTimeout(20)
  }
}

async function untilLogged(receiver: ServerProcess, sql: pg.Client, { logged }: Contestant) {
  const { firstAt } = await untilReceived(receiver, deliveries)
  const deadline = Date.now() + timeoutMs
  while ((await sql.query<{ count: number }>(logged)).rows[0]?.count !== deliveries) {
    if (Date.now() > deadline) throw new Error(`Not all of ${deliveries} deliveries have a logged success.`)
    await setTimeout(10)
  }
  return { perSecond: (deliveries * 1000) / (Date.now() - firstAt) }
}

function parseState(text: string): { readonly count: number; readonly firstAt: number } {
  return JSON.parse(text)
}

function report(results: ReadonlyMap<Contestant, readonly Drained[]>): void {
  const rows = [...results].map(([{ name, kind }, drained]) => ({
    name,
    kind,
    perSecond: median(drained.map((each) => each.perSecond)),
    spread: spreadOf(drained.map((each) => each.perSecond)),
    cpuUs: median(drained.map((each) => each.cpuUs)),
    databaseCpuUs: median(drained.map((each) => each.databaseCpuUs)),
  }))
  const best = Math.max(...rows.filter(({ kind }) => kind === 'library').map(({ perSecond }) => perSecond))
  const limit = rows.find(({ kind }) => kind === 'limit')?.perSecond ?? Number.NaN
  printHead(['', 'webhooks/s, median', 'spread', 'CPU µs each', 'of PostgreSQL', '÷ best library', '÷ limit'])
  for (const { name, perSecond, spread, cpuUs, databaseCpuUs } of rows) {
    const ratios = [perSecond / best, perSecond / limit].map((ratio) =>
      Number.isFinite(ratio) ? ratio.toFixed(2) : '–',
    )
    printRow([name, perSecond.toFixed(0), spread, cpuUs.toFixed(0), databaseCpuUs.toFixed(0), ...ratios])
  }
  const [first] = rows.filter(({ kind }) => kind === 'rex')
  if (first === undefined) return
  const work = `sending due webhooks, ${first.name.replace('Rex, ', '')}`
  recordResult({ work, figure: '÷ best library', value: first.perSecond / best, wanted: { atLeast: 2 } })
  recordResult({ work, figure: '÷ limit', value: first.perSecond / limit, wanted: { atLeast: 0.6 } })
}

function spreadOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`
}

await compare()
