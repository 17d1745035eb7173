import { setTimeout } from 'node:timers/promises'
import { Pool } from 'undici'
import { findDatabaseServer } from './bench-database.ts'
import { measure, median, percentile } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const callers = 64
const capacityRounds = roundCount(3)
const roundMs = sized({ whole: 2000, short: 200 })
const overloadSeconds = sized({ whole: 8, short: 1 })
const times = 3
/** Fewer than an address may hold. */
const connections = 1500
const calmPerSecond = 100

interface Answers {
  readonly stored: number[]
  readonly refused: number[]
  others: number
  withoutRetryAfter: number
}

/**
 * Measures how many captures Rex takes from 64 callers, then sends three times as many for 8 s, whether it answers or not.
 * Prints what it stored and refused and how fast, its memory, and how long it takes until captures are as fast as before.
 */
async function run(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const { environment, drop } = await databases.createDatabase()
  started.defer(drop)
  const rex = await startServer(startCommand(), { ...environment, LOG_LEVEL: 'warn' })
  started.defer(() => rex.stop())
  printEnvironment(databases.description, `${times} times the captures of ${callers} callers for ${overloadSeconds} s.`)
  await measure(rex.url, { callers, durationMs: roundMs }) // Warm-up.
  const rates: number[] = []
  for (let round = 0; round < capacityRounds; round++)
    rates.push((await measure(rex.url, { callers, durationMs: roundMs })).perSecond)
  const capacity = median(rates)
  const calm = await sendAtRate(rex.url, calmPerSecond, 3)
  const p95Before = p95(calm.stored)
  const memoryBefore = rex.residentMb() ?? Number.NaN
  let memoryHighest = memoryBefore
  const sampling = setInterval(() => {
    memoryHighest = Math.max(memoryHighest, rex.residentMb() ?? Number.NaN)
  }, 100)
  const start = performance.now()
  const answers = await sendAtRate(rex.url, capacity * times, overloadSeconds)
  const seconds = (performance.now() - start) / 1000
  clearInterval(sampling)
  const normalAfter = await untilNormal(rex.url, p95Before)
  const stored = answers.stored.length / seconds
  printHead(['', 'value'])
  printRow(['captures/s of 64 callers', capacity.toFixed(0)])
  printRow([`requests/s sent for ${overloadSeconds} s`, (capacity * times).toFixed(0)])
  printRow(['captures/s stored meanwhile', stored.toFixed(0)])
  printRow(['the same ÷ captures/s of 64 callers', (stored / capacity).toFixed(2)])
  printRow(['503 responses/s', (answers.refused.length / seconds).toFixed(0)])
  printRow(['of them without Retry-After', answers.withoutRetryAfter])
  printRow(['other responses and broken connections', answers.others])
  printRow(['p95 ms of a 201', p95(answers.stored).toFixed(0)])
  if (answers.refused.length > 0) printRow(['p95 ms of a 503', p95(answers.refused).toFixed(0)])
  printRow(['RSS before and highest, MB', `${memoryBefore.toFixed(0)} and ${memoryHighest.toFixed(0)}`])
  printRow(['seconds until p95 is at most twice that before', normalAfter.toFixed(1)])
  recordResult({
    work: 'captures, three times too many',
    figure: '÷ captures of 64 callers',
    value: stored / capacity,
    wanted: { atLeast: 0.9 },
  })
  recordResult({
    work: 'captures, three times too many',
    figure: 'seconds until normal',
    value: normalAfter,
    wanted: { atMost: 5 },
  })
}

let leads = 0

/** Sends leads at a fixed rate over many connections, and returns the milliseconds of each answer. */
async function sendAtRate(url: string, perSecond: number, seconds: number): Promise<Answers> {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 30_000 })
  const answers: Answers = { stored: [], refused: [], others: 0, withoutRetryAfter: 0 }
  const running: Promise<void>[] = []
  const start = performance.now()
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    const waitMs = start + (nth * 1000) / perSecond - performance.now()
    if (waitMs > 1) await setTimeout(waitMs)
    running.push(capture(pool, answers))
  }
  await Promise.all(running)
  await pool.close()
  return answers
}

async function capture(pool: Pool, answers: Answers): Promise<void> {
  const lead = { email: `lead-${leads++}@example.com`, first_name: 'Jane', last_name: 'Doe', source: 'organic' }
  const headers = { 'content-type': 'application/json' }
  const start = performance.now()
  try {
    const response = await pool.request({ method: 'POST', path: '/capture', headers, body: JSON.stringify(lead) })
    await response.body.dump()
    const ms = performance.now() - start
    if (response.statusCode === 201) answers.stored.push(ms)
    else if (response.statusCode === 503) {
      answers.refused.push(ms)
      if (response.headers['retry-after'] === undefined) answers.withoutRetryAfter += 1
    } else answers.others += 1
  } catch {
    answers.others += 1
  }
}

/** Returns the seconds until the p95 of half a second of few captures is at most twice what it was before. */
async function untilNormal(url: string, p95Before: number): Promise<number> {
  const start = performance.now()
  for (;;) {
    const { stored, refused } = await sendAtRate(url, calmPerSecond, 0.5)
    if (refused.length === 0 && p95(stored) <= 2 * p95Before) return (performance.now() - start) / 1000
  }
}

function p95(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.95,
  )
}

await run()
