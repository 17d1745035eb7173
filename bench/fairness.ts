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
/** Captures and lists a second of the quiet workspace. */
const perSecond = Number(process.env['PER_SECOND'] ?? 10)
const times = 10
const rounds = roundCount(6)
const roundMs = Number(process.env['ROUND_MS'] ?? sized({ whole: 10_000, short: 500 }))
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
 * Measures the p95 of a workspace alone, and beside one that sends ten times as much, in turns. The median of the rounds
 * counts: a machine that stops for a moment would decide the p95 of all of them.
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
  const settings = `${perSecond} captures and lists a second, beside ${times * perSecond}; ${rounds} rounds of ${roundMs} ms.`
  printEnvironment(databases.description, settings)
  const alone: Percentiles = { capture: [], list: [], webhook: [] }
  const beside: Percentiles = { capture: [], list: [], webhook: [] }
  for (let round = 0; round <= rounds; round++) {
    await work(quiet, perSecond)
    if (round > 0) keep(quiet, alone)
    await Promise.all([work({ ...quiet, times: clear(quiet) }, perSecond), work(noisy, times * perSecond)])
    if (round > 0) keep(quiet, beside) // The first round warms up.
    clear(quiet)
  }
  printHead(['ms', 'p95 alone', 'p95 beside', 'beside ÷ alone'])
  for (const name of names) {
    const [p95Alone, p95Beside] = [median(alone[name]), median(beside[name])]
    const value = p95Beside / p95Alone
    printRow([name, p95Alone.toFixed(1), p95Beside.toFixed(1), value.toFixed(2)])
    const work = `a ${name} beside a workspace at ten times its rate`
    recordResult({ work, figure: 'p95 ÷ alone', value, wanted: { atMost: 1.2 } })
  }
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

function clear({ times: measured }: Tenant): Tenant['times'] {
  for (const name of names) measured[name].length = 0
  return measured
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
      setTimeout(Math.random() * intervalMs).then(() =>
        timed(tenant, 'list', () => post(tenant, '/graphql', { query: list })),
      ),
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
