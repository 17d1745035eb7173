import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { findDatabaseServer } from './bench-database.ts'
import { percentile } from './load.ts'
import { type ServerProcess, startCommand, startServer } from './server-process.ts'

const waitingCount = 10_000
const perRound = 150
const everyMs = 40
const rounds = 3
const key = 'bench-isolation-key-0123456789-0123456789'

type Setting = 'alone' | 'beside'
const settings: readonly Setting[] = ['alone', 'beside']

/** Measures the time from a capture's response to its webhook, alone and beside a hanging endpoint with 10,000 waiting. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const database = await databases.createDatabase()
  await using started = new AsyncDisposableStack()
  started.defer(() => database.drop())
  const environment = { REX_API_KEY: key, REX_CAPTURE_RATE: '0', LOG_LEVEL: 'warn' }
  const rex = await startServer(startCommand(), { ...database.environment, ...environment })
  started.defer(() => rex.stop())
  const arrivals = new Map<string, number>()
  const quick = await listen(started, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { data } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    arrivals.set(data.id, performance.now())
    response.end()
  })
  const hanging = await listen(started, () => {})
  await register(rex, quick)
  const hangingId = await register(rex, hanging)
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; ${perRound} captures a round, one every ${everyMs} ms, ${rounds} rounds of each.\n`,
  )
  await captureAll(rex, waitingCount)
  await until(() => arrivals.size === waitingCount)

  const latencies: Record<Setting, number[]> = { alone: [], beside: [] }
  for (let round = 0; round <= rounds; round++)
    for (const name of settings) {
      await setEnabled(rex, hangingId, name === 'beside')
      const measured = await measure(rex, arrivals)
      if (round > 0) latencies[name].push(...measured) // The first round warms up.
    }
  report(latencies)
}

function report({ alone, beside }: Readonly<Record<Setting, readonly number[]>>): void {
  const row = (name: string, values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b)
    const [p50, p95] = [percentile(sorted, 0.5), percentile(sorted, 0.95)]
    console.log(`| ${name} | ${p50.toFixed(1)} | ${p95.toFixed(1)} |`)
    return p95
  }
  console.log('| endpoint | p50 ms | p95 ms |\n|---|--:|--:|')
  const p95Alone = row('alone', alone)
  const p95Beside = row(`beside one that hangs, ${waitingCount.toLocaleString('en')} waiting`, beside)
  console.log(`\np95 beside ÷ alone: ${(p95Beside / p95Alone).toFixed(2)}`)
}

/** Returns the milliseconds from the 201 to the webhook for each capture. */
async function measure(rex: ServerProcess, arrivals: ReadonlyMap<string, number>): Promise<number[]> {
  const respondedAt = new Map<string, number>()
  const captures: Promise<void>[] = []
  for (let nth = 0; nth < perRound; nth++) {
    captures.push(capture(rex).then((id) => void respondedAt.set(id, performance.now())))
    await setTimeout(everyMs)
  }
  await Promise.all(captures)
  await until(() => [...respondedAt.keys()].every((id) => arrivals.has(id)))
  return [...respondedAt].map(([id, at]) => Math.max(0, (arrivals.get(id) ?? Number.NaN) - at))
}

let leads = 0

async function capture({ url }: ServerProcess): Promise<string> {
  const { data } = await post(`${url}/capture`, { email: `lead-${leads++}@example.com`, first_name: 'Jane' })
  return data.id
}

async function captureAll(rex: ServerProcess, count: number): Promise<void> {
  const turns = Array.from({ length: count }, (_, nth) => nth).values()
  const caller = async () => {
    for (const _turn of turns) await capture(rex)
  }
  await Promise.all(Array.from({ length: 32 }, caller))
}

async function register({ url }: ServerProcess, receiver: string): Promise<string> {
  const { data } = await post(`${url}/webhooks`, { url: receiver, events: ['contact.created'] })
  return data.id
}

async function setEnabled({ url }: ServerProcess, id: string, enabled: boolean): Promise<void> {
  const query = `mutation ($id: ID!, $enabled: Boolean) {
    updateWebhookEndpoint(input: { id: $id, enabled: $enabled }) { ... on WebhookEndpoint { id } }
  }`
  const { errors } = await post(`${url}/graphql`, { query, variables: { id, enabled } })
  if (errors !== undefined) throw new Error(`The endpoint was not changed: ${JSON.stringify(errors)}`)
}

interface ApiResponse {
  readonly data: { readonly id: string }
  readonly errors?: unknown
}

async function post(url: string, body: unknown): Promise<ApiResponse> {
  const headers = { 'content-type': 'application/json', 'x-api-key': key }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`Expected a success, got ${response.status}.`)
  return parseResponse(await response.text())
}

function parseResponse(text: string): ApiResponse {
  return JSON.parse(text)
}

async function listen(started: AsyncDisposableStack, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(5)
}

await compare()
