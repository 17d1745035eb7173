import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Pool } from 'undici'
import { findDatabaseServer } from './bench-database.ts'
import { median, percentile } from './load.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const key = 'bench-fairness-key-0123456789-0123456789'
/** Loads of both workspaces together, as parts of what the machine takes; the first is that of the table of all benchmarks. */
const loads = (process.env['LOADS'] ?? '0.15,0.3').split(',').map(Number)
const times = 10
const rounds = roundCount(5)
const roundMs = Number(process.env['ROUND_MS'] ?? sized({ whole: 8000, short: 500 }))
/** Callers that find what the machine takes, and for how long. */
const callers = 32
const capacityMs = sized({ whole: 4000, short: 1000 })
const list = '{ contacts(first: 20) { nodes { id email submissions(first: 2) { nodes { id receivedAt } } } } }'

const names = ['capture', 'list', 'webhook'] as const
type Name = (typeof names)[number]
/** The p95 of each round. */
type Percentiles = Record<Name, number[]>

interface Tenant {
  readonly pool: Pool
  readonly token: string
  readonly arrivals: Map<string, number>
  readonly times: Record<Name, number[]>
}

/**
 * Measures the p95 of a workspace alone, and beside one that sends ten times as much, in turns, at some loads. The median
 * of the rounds counts: a machine that stops for a moment would decide the p95 of all of them.
 */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const database = await databases.createDatabase()
  await using started = new AsyncDisposableStack()
  started.defer(() => database.drop())
  const environment = { REX_API_KEY: key, REX_CAPTURE_RATE: '0', REX_KEY_RATE: '0', LOG_LEVEL: 'warn' }
  const rex = await startServer(startCommand(), { ...database.environment, ...environment })
  started.defer(() => rex.stop())
  const tenants = await Promise.all(['quiet', 'noisy'].map((slug) => createTenant(rex.url, slug, started)))
  const [quiet, noisy] = tenants
  if (quiet === undefined || noisy === undefined) throw new Error('Expected two workspaces.')
  printEnvironment(databases.description, `${rounds} rounds of ${roundMs} ms at each load.`)
  const capacity = await findCapacity(noisy)
  console.log(`The machine takes ${capacity.toFixed(0)} captures, lists and webhooks a second of ${callers} callers.\n`)
  printHead(['load', 'quiet and noisy, a second', 'ms', 'p95 alone', 'p95 beside', 'beside ÷ alone'])
  for (const [nth, load] of loads.entries()) {
    const perSecond = (capacity * load) / (times + 1)
    const measured = await measureInTurns({ quiet, noisy }, perSecond)
    const rates = [perSecond, perSecond * times].map((rate) => rate.toFixed(1)).join(' and ')
    for (const { name, alone, beside } of measured) {
      const value = beside / alone
      printRow([load, rates, name, alone.toFixed(1), beside.toFixed(1), value.toFixed(2)])
      if (nth > 0) continue
      const work = `a ${name} beside a workspace at ten times its rate, ${load} of what the machine takes`
      recordResult({ work, figure: 'p95 ÷ alone', value, wanted: { atMost: 1.2 } })
    }
  }
}

/** Returns how many captures a second, each with its webhook and a list, some callers of a workspace complete. */
async function findCapacity(tenant: Tenant): Promise<number> {
  await countPerSecond(tenant) // Warms up.
  return await countPerSecond(tenant)
}

async function countPerSecond(tenant: Tenant): Promise<number> {
  const start = performance.now()
  let done = 0
  const call = async () => {
    do {
      await capture(tenant)
      await readList(tenant)
      done++
    } while (performance.now() - start < capacityMs)
  }
  await Promise.all(Array.from({ length: callers }, call))
  clear(tenant)
  return (done * 1000) / (performance.now() - start)
}

interface Medians {
  readonly name: Name
  readonly alone: number
  readonly beside: number
}

async function measureInTurns(
  { quiet, noisy }: { readonly quiet: Tenant; readonly noisy: Tenant },
  perSecond: number,
): Promise<Medians[]> {
  const alone: Percentiles = { capture: [], list: [], webhook: [] }
  const beside: Percentiles = { capture: [], list: [], webhook: [] }
  for (let round = 0; round <= rounds; round++) {
    await work(quiet, perSecond)
    if (round > 0) keep(quiet, alone)
    clear(quiet)
    await Promise.all([work(quiet, perSecond), work(noisy, times * perSecond)])
    if (round > 0) keep(quiet, beside) // The first round warms up.
    clear(quiet)
    clear(noisy)
  }
  return names.map((name) => ({ name, alone: median(alone[name]), beside: median(beside[name]) }))
}

function p95(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.95,
  )
}

function keep({ times: measured }: Tenant, all: Percentiles): void {
  for (const name of names) all[name].push(p95(measured[name]))
}

function clear({ times: measured }: Tenant): void {
  for (const name of names) measured[name].length = 0
}

/**
 * Sends captures and lists at a rate, each at a random moment of its interval, and waits for the webhooks of the captures.
 * At fixed moments, the requests of two workspaces would always meet, or never.
 */
async function work(tenant: Tenant, rate: number): Promise<void> {
  const start = performance.now()
  const sent: Promise<void>[] = []
  for (let nth = 0; nth < (rate * roundMs) / 1000; nth++) {
    const intervalMs = 1000 / rate
    const lateMs = start + nth * intervalMs - performance.now()
    if (lateMs > 0) await setTimeout(lateMs)
    sent.push(
      setTimeout(Math.random() * intervalMs).then(() => capture(tenant)),
      setTimeout(Math.random() * intervalMs).then(() => readList(tenant)),
    )
  }
  await Promise.all(sent)
}

let leads = 0

async function capture(tenant: Tenant): Promise<void> {
  const body = { email: `lead-${leads++}@example.com`, first_name: 'Jane' }
  let id = ''
  await timed(tenant, 'capture', async () => {
    id = Object(await post(tenant, '/capture', body)).data.id
  })
  const committed = performance.now()
  while (!tenant.arrivals.has(id)) await setTimeout(5)
  tenant.times.webhook.push(Math.max(0, (tenant.arrivals.get(id) ?? 0) - committed))
  tenant.arrivals.delete(id)
}

function readList(tenant: Tenant): Promise<void> {
  return timed(tenant, 'list', () => post(tenant, '/graphql', { query: list }))
}

async function timed(tenant: Tenant, name: 'capture' | 'list', call: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await call()
  tenant.times[name].push(performance.now() - start)
}

async function post({ pool, token }: Pick<Tenant, 'pool' | 'token'>, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json', 'x-api-key': token }
  const response = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) })
  const text = await response.body.text()
  if (response.statusCode >= 300) throw new Error(`${path}: ${response.statusCode} ${text}`)
  return JSON.parse(text)
}

async function createTenant(rex: string, slug: string, started: AsyncDisposableStack): Promise<Tenant> {
  const pool = new Pool(rex, { connections: 64 })
  started.defer(() => pool.close())
  const query = `mutation {
    createWorkspace(input: { slug: "${slug}" }) { ... on CreateWorkspaceSuccess { token } }
  }`
  const created = Object(await post({ pool, token: key }, '/graphql', { query }))
  const token = created.data.createWorkspace.token
  const arrivals = new Map<string, number>()
  const url = await listen(arrivals, started)
  await post({ pool, token }, '/webhooks', { url, events: ['contact.created'], max_in_flight: 100 })
  return { pool, token, arrivals, times: { capture: [], list: [], webhook: [] } }
}

/** Starts a receiver that notes when each contact arrives. */
async function listen(arrivals: Map<string, number>, started: AsyncDisposableStack): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    arrivals.set(JSON.parse(Buffer.concat(chunks).toString('utf8')).data.id, performance.now())
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

await compare()
