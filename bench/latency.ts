import { type BenchServer, findDatabaseServer } from './bench-database.ts'
import { median, percentile } from './load.ts'
import { hasPeers, startRedis } from './peers.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'
import { registerEndpoints, rexSettings, sendAtRate, startArrivals, untilArrived } from './way-through.ts'

const perSecond = 100
const seconds = sized({ whole: 10, short: 1 })
const warmUpSeconds = sized({ whole: 3, short: 1 })
const rounds = roundCount(3)
const timeoutMs = 60_000

interface Contestant {
  readonly name: string
  start(started: AsyncDisposableStack, databases: BenchServer, receivers: readonly string[]): Promise<ServerProcess>
}

/** Measures the time from a capture's request to its webhooks at two endpoints, at 100 captures a second, in turns. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const settings = `${perSecond} captures/s for ${seconds} s, 2 endpoints, medians of ${rounds} rounds.`
  printEnvironment(databases.description, settings)
  const results = new Map<Contestant, number[][]>([rex, ...(hasPeers() ? [bullmq] : [])].map((each) => [each, []]))
  for (let round = 0; round < rounds; round++)
    for (const [contestant, measured] of results) measured.push(await measure(databases, contestant))
  report(results)
}

async function measure(databases: BenchServer, contestant: Contestant): Promise<number[]> {
  await using started = new AsyncDisposableStack()
  const arrivals = await startArrivals()
  started.defer(() => arrivals.close())
  const { url } = await contestant.start(started, databases, arrivals.urls)
  await untilArrived(arrivals, await sendAtRate(url, { perSecond, seconds: warmUpSeconds }), timeoutMs)
  // Awaited here: what was started ends with this function.
  return await untilArrived(arrivals, await sendAtRate(url, { perSecond, seconds }), timeoutMs)
}

const rex: Contestant = {
  name: 'Rex',
  start: async (started, databases, receivers) => {
    const { environment, drop } = await databases.createDatabase()
    started.defer(drop)
    const server = await startServer(startCommand(), { ...environment, ...rexSettings })
    started.defer(() => server.stop())
    await registerEndpoints(server.url, receivers)
    return server
  },
}

/** One statement a lead and a job a webhook, each attempt logged, as one would write it with the library. */
const bullmq: Contestant = {
  name: 'BullMQ, 100 jobs at a time',
  start: async (started, databases, receivers) => {
    const { environment, drop } = await databases.createDatabase()
    started.defer(drop)
    const redis = await startRedis()
    started.defer(() => redis.stop())
    const settings = { ...environment, REDIS_PORT: String(redis.port), RECEIVERS: receivers.join(',') }
    const server = await startServer(nodeCommand('peers/bullmq-capture.js'), settings)
    started.defer(() => server.stop())
    return server
  },
}

function report(results: ReadonlyMap<Contestant, readonly number[][]>): void {
  const rows = [...results].map(([{ name }, measured]) => ({ name, p50: at(measured, 0.5), p99: at(measured, 0.99) }))
  const library = rows.find(({ name }) => name === bullmq.name)
  printHead(['', 'p50 ms', 'p99 ms', 'p50 ÷ BullMQ', 'p99 ÷ BullMQ'])
  for (const { name, p50, p99 } of rows) {
    const ratios =
      library === undefined ? ['–', '–'] : [p50 / library.p50, p99 / library.p99].map((each) => each.toFixed(2))
    printRow([name, p50.toFixed(1), p99.toFixed(1), ...ratios])
  }
  const ours = rows.find(({ name }) => name === rex.name)
  if (ours === undefined || library === undefined) return
  const work = `capture to webhook, ${perSecond} a second`
  recordResult({ work, figure: 'p50 ÷ BullMQ', value: ours.p50 / library.p50, wanted: { atMost: 0.7 } })
  recordResult({ work, figure: 'p99 ÷ BullMQ', value: ours.p99 / library.p99, wanted: { atMost: 0.7 } })
}

/** Returns the median of the rounds' percentiles. */
function at(measured: readonly (readonly number[])[], fraction: number): number {
  return median(measured.map((latencies) => percentile(latencies, fraction)))
}

await compare()
