import { setTimeout } from 'node:timers/promises'
import { findDatabaseServer } from './bench-database.ts'
import { percentile } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { startCommand, startServer } from './server-process.ts'
import { sized } from './sizes.ts'
import { registerEndpoints, rexSettings, sendAtRate, startArrivals, untilArrived } from './way-through.ts'

const perSecond = Number(process.env['RATE'] ?? sized({ whole: 1000, short: 100 }))
const seconds = sized({ whole: 8, short: 1 })
const graceMs = 10_000
const timeoutMs = 180_000

/** Captures 1,000 leads a second for 8 s with two endpoints, and measures the backlog of webhooks and their delay. */
async function run(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const { environment, drop } = await databases.createDatabase()
  started.defer(drop)
  const arrivals = await startArrivals()
  started.defer(() => arrivals.close())
  const rex = await startServer(startCommand(), { ...environment, ...rexSettings })
  started.defer(() => rex.stop())
  await registerEndpoints(rex.url, arrivals.urls)
  await untilArrived(arrivals, await sendAtRate(rex.url, { perSecond: 100, seconds: 3 }), timeoutMs)
  printEnvironment(databases.description, `${perSecond} captures/s for ${seconds} s, 2 endpoints.`)
  const earlier = arrivals.count
  const sentAt = await sendAtRate(rex.url, { perSecond, seconds })
  const storedAt = performance.now()
  const missing = () => sentAt.size * arrivals.urls.length - (arrivals.count - earlier)
  const leftAtEnd = missing()
  while (missing() > 0 && performance.now() < storedAt + graceMs) await setTimeout(20)
  const leftLater = missing()
  const latencies = await untilArrived(arrivals, sentAt, timeoutMs)
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
  printHead(['webhooks', 'missing when the last capture is stored', 'missing 10 s later', 'p50 ms', 'p99 ms'])
  printRow([latencies.length, leftAtEnd, leftLater, p50.toFixed(0), p99.toFixed(0)])
  const work = `capture to webhook, ${perSecond} a second`
  recordResult({ work, figure: 'webhooks missing after 10 s', value: leftLater, wanted: { atMost: 0 } })
  recordResult({ work, figure: 'p99, ms', value: p99, wanted: { atMost: 100 } })
}

await run()
