import { resolve } from 'node:path'
import { Pool } from 'undici'
import { type BenchServer, findDatabaseServer } from './bench-database.ts'
import { median } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { memoryProbe, nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'
import { openSockets, type Sockets } from './sockets.ts'

const socketCount = sized({ whole: 1000, short: 100 })
const eventCount = sized({ whole: 100, short: 10 })
const rounds = roundCount(5)
const idleCount = Number(process.env['BENCH_IDLE_SOCKETS'] ?? sized({ whole: 2000, short: 100 }))
const differentOperations = 100
const key = 'bench-fanout-key-0123456789-0123456789'
const kib = 1024

interface Target {
  readonly name: string
  readonly server: ServerProcess
}

interface Setting {
  readonly title: string
  readonly queryOf: (nth: number) => string
  /** Captures that wait for their answer at a time. */
  readonly callers: number
  readonly wanted: { readonly stock: number; readonly bare?: number }
}

const fields = 'id email firstName lastName source'
const oneOperation = () => `subscription { contactCreated { eventId occurredAt contact { ${fields} } } }`
/** Operations with names and filters of their own, which let every event through. */
const manyOperations = (nth: number) => {
  const kind = nth % differentOperations
  const filter = `{ source: { in: ["organic", "source-${kind}"] } }`
  return `subscription { contactCreated(filter: ${filter}) { eventId occurredAt contact { ${fields} e${kind}: email } } }`
}

const comparisons: readonly Setting[] = [
  {
    title: 'the same subscription, captures one by one from 4 callers',
    queryOf: oneOperation,
    callers: 4,
    wanted: { stock: 3, bare: 0.7 },
  },
  {
    title: 'the same subscription, bursts of 100 captures',
    queryOf: oneOperation,
    callers: eventCount,
    wanted: { stock: 3, bare: 1 },
  },
  {
    title: '100 different operations and filters, 4 callers',
    queryOf: manyOperations,
    callers: 4,
    wanted: { stock: 1.5 },
  },
]

/** Compares the fan-out of captures to 1,000 sockets on Rex, on stock Yoga with graphql-ws and on bare `ws`, in turns. */
async function compare(other: string | undefined): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const targets: Target[] = [
    { name: 'stock Yoga with graphql-ws', server: await startServer(nodeCommand('stock-server.ts'), memoryProbe) },
    { name: 'bare ws', server: await startServer(nodeCommand('bare-socket-server.ts'), memoryProbe) },
    { name: 'Rex', server: await startRex(databases, started) },
  ]
  if (other !== undefined)
    targets.push({ name: `Rex in ${other}`, server: await startRex(databases, started, resolve(other)) })
  for (const { server } of targets) started.defer(() => server.stop())
  const settings = `${socketCount} sockets, ${eventCount} captures a round, medians of ${rounds} rounds.`
  printEnvironment(databases.description, settings)
  await compareIdle(targets)
  for (const setting of comparisons) await compareSetting(targets, setting)
}

async function startRex(databases: BenchServer, started: AsyncDisposableStack, folder?: string) {
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  const limits = { REX_CAPTURE_RATE: '0', REX_SOCKET_LIMIT: String(2 * Math.max(idleCount, socketCount)) }
  const environment = { ...database.environment, ...limits, ...memoryProbe, REX_API_KEY: key, LOG_LEVEL: 'warn' }
  return startServer(startCommand(), environment, folder)
}

/** Prints what a socket with one subscription holds while nothing happens. */
async function compareIdle(targets: readonly Target[]): Promise<void> {
  printTitle(`${idleCount} idle sockets`, [
    'server',
    'RSS a socket, KiB',
    'heap a socket, KiB',
    'buffers a socket, KiB',
  ])
  for (const { name, server } of targets) {
    const open = (count: number) => openSockets({ url: server.url, apiKey: key, count, queryOf: oneOperation })
    await (await open(100)).close() // Code and caches, once.
    // The first sockets also make the spaces of the process grow, which others find ready.
    const first = await open(idleCount)
    const before = await server.memory()
    const sockets = await open(idleCount)
    const after = await server.memory()
    await Promise.all([first.close(), sockets.close()])
    const perSocket = (part: keyof typeof after) => (after[part] - before[part]) / idleCount / kib
    printRow([name, ...(['rss', 'heapUsed', 'external'] as const).map((part) => perSocket(part).toFixed(1))])
    if (name === 'Rex')
      recordResult({ work: 'an idle subscriber', figure: 'RSS, KiB', value: perSocket('rss'), wanted: { atMost: 20 } })
  }
}

interface Round {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

async function compareSetting(targets: readonly Target[], setting: Setting): Promise<void> {
  // Closed before a failure stops the servers, whose closing would hide it.
  await using opened = new AsyncDisposableStack()
  const measured = await Promise.all(
    targets.map(async ({ name, server }) => {
      const { queryOf } = setting
      const sockets = await openSockets({ url: server.url, apiKey: key, count: socketCount, queryOf })
      opened.defer(() => sockets.close())
      return { name, server, sockets, rounds: [] as Round[] }
    }),
  )
  for (let round = 0; round <= rounds; round++)
    for (const { server, sockets, rounds } of measured) {
      const result = await measure(server, sockets, setting.callers)
      if (round > 0) rounds.push(result) // The first round warms up.
    }
  const stock = medianOf(measured[0]?.rounds ?? [], 'perSecond')
  const bare = medianOf(measured[1]?.rounds ?? [], 'perSecond')
  const columns = ['server', 'messages/s', 'lowest', 'highest', 'CPU of the server a message, µs', '÷ stock', '÷ bare']
  printTitle(setting.title, columns)
  for (const { name, rounds } of measured) {
    const rates = rounds.map(({ perSecond }) => perSecond)
    const perSecond = medianOf(rounds, 'perSecond')
    const shown = [perSecond, Math.min(...rates), Math.max(...rates)].map((rate) => rate.toFixed(0))
    const ratios = [perSecond / stock, perSecond / bare].map((ratio) => ratio.toFixed(2))
    printRow([name, ...shown, medianOf(rounds, 'cpuMicroseconds').toFixed(1), ...ratios])
  }
  const rex = medianOf(measured[2]?.rounds ?? [], 'perSecond')
  const work = `live messages to ${socketCount} sockets, ${setting.title}`
  recordResult({ work, figure: '÷ stock', value: rex / stock, wanted: { atLeast: setting.wanted.stock } })
  if (setting.wanted.bare !== undefined)
    recordResult({ work, figure: '÷ bare ws', value: rex / bare, wanted: { atLeast: setting.wanted.bare } })
}

/** Measures the time from the first capture to the last message; fails unless every socket receives every event once. */
async function measure(server: ServerProcess, sockets: Sockets, callers: number): Promise<Round> {
  const pool = new Pool(server.url, { connections: callers })
  const cpuBefore = server.cpuMs()
  const start = performance.now()
  const arrived = sockets.receive(eventCount)
  let left = eventCount
  const call = async () => {
    while (left-- > 0) await capture(pool)
  }
  await Promise.all(Array.from({ length: callers }, call))
  await arrived
  const seconds = (performance.now() - start) / 1000
  const messages = socketCount * eventCount
  const cpuMicroseconds = ((server.cpuMs() - cpuBefore) * 1000) / messages
  await pool.close()
  return { perSecond: messages / seconds, cpuMicroseconds }
}

let leads = 0

async function capture(pool: Pool): Promise<void> {
  const lead = { email: `lead-${leads++}@example.com`, first_name: 'Jane', last_name: 'Doe', source: 'organic' }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(lead)
  const response = await pool.request({ method: 'POST', path: '/capture', headers, body })
  if (response.statusCode !== 201) throw new Error(`Expected 201, got ${response.statusCode}.`)
  await response.body.text()
}

function medianOf(measured: readonly Round[], pick: keyof Round): number {
  return median(measured.map((round) => round[pick]))
}

function printTitle(title: string, columns: readonly string[]): void {
  console.log(`\n${title}:\n`)
  printHead(columns)
}

await compare(process.argv[2])
