import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { type BenchServer, findDatabaseServer } from './bench-database.ts'
import { createCaptureTables } from './capture-tables.ts'
import { type Measured, measure, median, storeKnown } from './load.ts'
import { hasPeers } from './peers.ts'
import { printEnvironment, printHead, printRow, type Result, recordResult } from './report.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'
import { registerEndpoints, rexSettings } from './way-through.ts'

const rounds = roundCount(3)
const roundMs = sized({ whole: 2000, short: 200 })
const warmUpMs = roundMs

interface Contestant {
  readonly name: string
  readonly server: ServerProcess
  /** Its database; undefined for a server that stores nothing. */
  readonly sql?: pg.Client
  /** Waits until it has nothing left to do. */
  readonly untilIdle?: () => Promise<void>
  stored: number
}

interface Setting {
  readonly title: string
  readonly callers: number
  readonly halfKnown?: boolean
}

const settings: readonly Setting[] = [
  { title: 'new e-mails, 1 caller', callers: 1 },
  { title: 'new e-mails, 64 callers', callers: 64 },
  { title: 'half of the e-mails known, 64 callers', callers: 64, halfKnown: true },
]

const names = {
  rex: 'Rex',
  served: 'Rex with two endpoints',
  one: 'one statement a request',
  express: 'Express and Prisma',
  batched: 'one statement for all that wait: the limit',
  bare: 'bare JSON server, which stores nothing',
}

/** Compares captures on Rex, on what people write instead, and on the limit of this machine, in turns. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const contestants = await startAll(started, databases)
  printEnvironment(databases.description, `medians of ${rounds} rounds of ${roundMs / 1000} s.`)
  for (const each of contestants) {
    each.stored += await storeKnown(each.server.url)
    await run(each, { title: 'warm-up', callers: 64 }, warmUpMs)
  }
  for (const setting of settings) {
    const measured = new Map<Contestant, Measured[]>(contestants.map((each) => [each, []]))
    for (let round = 0; round < rounds; round++)
      for (const [contestant, list] of measured) list.push(await run(contestant, setting, roundMs))
    report(setting, measured)
  }
  for (const each of contestants) await checkStored(each)
}

async function startAll(started: AsyncDisposableStack, databases: BenchServer): Promise<Contestant[]> {
  const receiver = stopAtEnd(started, await startServer(nodeCommand('drain-receiver.ts')))
  const rex = await startRex(started, databases)
  const served = await startRex(started, databases)
  await registerEndpoints(served.server.url, [`${receiver.url}/a`, `${receiver.url}/b`])
  const untilIdle = async () => {
    const wanted = 2 * (await count(served.sql, countCreated))
    while ((await countReceived(receiver)) < wanted) await setTimeout(50)
  }
  const statements = (batch: number) => startOther(started, databases, nodeCommand('statement-server.ts'), batch)
  return [
    { name: names.bare, server: stopAtEnd(started, await startServer(nodeCommand('bare-server.ts'))), stored: 0 },
    { name: names.rex, ...rex, stored: 0 },
    { name: names.served, ...served, untilIdle, stored: 0 },
    { name: names.one, ...(await statements(1)), stored: 0 },
    ...(hasPeers()
      ? [{ name: names.express, ...(await startOther(started, databases, nodeCommand(expressFile))), stored: 0 }]
      : []),
    { name: names.batched, ...(await statements(500)), stored: 0 },
  ]
}

const expressFile = 'peers/express-capture.js'

async function startRex(started: AsyncDisposableStack, databases: BenchServer) {
  const database = await createDatabase(started, databases)
  const server = stopAtEnd(started, await startServer(startCommand(), { ...database.environment, ...rexSettings }))
  return { server, sql: await connect(started, database.environment) }
}

async function startOther(started: AsyncDisposableStack, databases: BenchServer, command: string, batch = 1) {
  const { environment } = await createDatabase(started, databases)
  const workspace = await createCaptureTables(environment)
  const own = { BENCH_WORKSPACE: workspace, BATCH: String(batch), NODE_ENV: 'production' }
  const server = stopAtEnd(started, await startServer(command, { ...environment, ...own }))
  return { server, sql: await connect(started, environment) }
}

async function createDatabase(started: AsyncDisposableStack, databases: BenchServer) {
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  return database
}

function stopAtEnd(started: AsyncDisposableStack, server: ServerProcess): ServerProcess {
  started.defer(() => server.stop())
  return server
}

async function connect(
  started: AsyncDisposableStack,
  environment: Readonly<Record<string, string>>,
): Promise<pg.Client> {
  const sql = new pg.Client({ connectionString: environment['DATABASE_URL'] })
  await sql.connect()
  started.defer(() => sql.end())
  return sql
}

const countCreated = `select count(*)::int as count from event where type = 'contact.created'`
const countSubmissions = 'select count(*)::int as count from submission'

async function count(sql: pg.Client, statement: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(statement)
  return rows[0]?.count ?? 0
}

async function countReceived(receiver: ServerProcess): Promise<number> {
  return parseCount(await (await fetch(receiver.url)).text()).count
}

function parseCount(text: string): { readonly count: number } {
  return JSON.parse(text)
}

async function run(contestant: Contestant, setting: Setting, durationMs: number): Promise<Measured> {
  const { callers, halfKnown = false } = setting
  const measured = await measure(contestant.server.url, { callers, durationMs, halfKnown })
  contestant.stored += measured.stored
  await contestant.untilIdle?.()
  return measured
}

function report(setting: Setting, measured: ReadonlyMap<Contestant, readonly Measured[]>): void {
  const rows = [...measured].map(([{ name, server }, list]) => ({
    name,
    perSecond: median(list.map(({ perSecond }) => perSecond)),
    lowest: Math.min(...list.map(({ perSecond }) => perSecond)),
    highest: Math.max(...list.map(({ perSecond }) => perSecond)),
    p50: median(list.map(({ p50Ms }) => p50Ms)),
    p99: median(list.map(({ p99Ms }) => p99Ms)),
    memory: server.residentMb(),
  }))
  const rateOf = (wanted: string) => rows.find(({ name }) => name === wanted)?.perSecond ?? Number.NaN
  const others = [names.one, names.express, names.batched]
  console.log(`\n${setting.title}:\n`)
  const columns = ['server', 'captures/s', 'lowest', 'highest', 'p50 ms', 'p99 ms', 'RSS, MB']
  printHead([...columns, '÷ one statement', '÷ Express', '÷ limit'])
  for (const { name, perSecond, lowest, highest, p50, p99, memory } of rows) {
    const rates = [perSecond, lowest, highest].map((rate) => rate.toFixed(0))
    const ratios = others.map((other) => (perSecond / rateOf(other)).toFixed(2))
    printRow([name, ...rates, p50.toFixed(1), p99.toFixed(1), memory?.toFixed(0) ?? '–', ...ratios])
  }
  const rex = rows.find(({ name }) => name === names.rex)
  for (const { figure, value, wanted } of wantedOf(setting, rateOf, rex?.p99 ?? Number.NaN))
    recordResult({ work: `captures, ${setting.title}`, figure, value, wanted })
}

function wantedOf(
  { callers, halfKnown }: Setting,
  rateOf: (name: string) => number,
  p99: number,
): Omit<Result, 'work'>[] {
  if (callers === 1) return []
  const rex = rateOf(names.rex)
  const toOne = (atLeast: number) => ({
    figure: '÷ one statement a request',
    value: rex / rateOf(names.one),
    wanted: { atLeast },
  })
  if (halfKnown) return [toOne(1.5)]
  return [
    toOne(1.7),
    { figure: '÷ Express and Prisma', value: rex / rateOf(names.express), wanted: { atLeast: 10 } },
    { figure: '÷ one statement for all that wait', value: rex / rateOf(names.batched), wanted: { atLeast: 0.7 } },
    { figure: 'with two endpoints ÷ without', value: rateOf(names.served) / rex, wanted: { atLeast: 0.6 } },
    { figure: 'p99, ms', value: p99, wanted: { atMost: 30 } },
  ]
}

/** Throws unless each acknowledged lead has its submission. */
async function checkStored({ name, stored, sql }: Contestant): Promise<void> {
  if (sql === undefined) return
  const submissions = await count(sql, countSubmissions)
  if (submissions !== stored)
    throw new Error(`${name} has acknowledged ${stored} captures and stored ${submissions} submissions.`)
}

await compare()
