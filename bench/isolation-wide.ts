import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { findDatabaseServer } from './bench-database.ts'
import { percentile } from './load.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'

const endpointCount = 1000
const eventCount = 500
const perRound = 150
const everyMs = 40
const rounds = 3
/** Rounds during the deliveries of the wide workspace, which take longer than these rounds. */
const besideRounds = 10
const key = 'bench-isolation-key-0123456789-0123456789'

/** Measures the time from a capture's response to its webhook, alone and beside a workspace with 500,000 due deliveries. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const database = await databases.createDatabase()
  await using started = new AsyncDisposableStack()
  started.defer(() => database.drop())
  const environment = { REX_API_KEY: key, REX_CAPTURE_RATE: '0', REX_KEY_RATE: '0', LOG_LEVEL: 'warn' }
  const rex = await startServer(startCommand(), { ...database.environment, ...environment })
  started.defer(() => rex.stop())
  const wide = await startServer(nodeCommand('bare-server.ts'))
  started.defer(() => wide.stop())
  const arrivals = new Map<string, number>()
  const quick = await listen(started, arrivals)
  const other = await createWorkspace(rex)
  await register(rex, other, quick)
  for (let nth = 0; nth < endpointCount; nth++) await register(rex, key, `${wide.url}/${nth}`)
  const sql = new pg.Client({ connectionString: database.environment['DATABASE_URL'] })
  await sql.connect()
  started.defer(() => sql.end())
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; ${endpointCount} endpoints, ${eventCount} events; ${perRound} captures a round, one ` +
      `every ${everyMs} ms.\n`,
  )
  await measure(rex, other, arrivals) // Warm-up.
  const alone: number[] = []
  for (let round = 0; round < rounds; round++) alone.push(...(await measure(rex, other, arrivals)))
  const began = performance.now()
  for (let nth = 0; nth < eventCount; nth += 50) await Promise.all(Array.from({ length: 50 }, () => capture(rex, key)))
  const [unsentBefore, besideSince] = [await countUnsent(sql), performance.now()]
  const beside: number[] = []
  for (let round = 0; round < besideRounds; round++) beside.push(...(await measure(rex, other, arrivals)))
  const sentBeside = unsentBefore - (await countUnsent(sql))
  const besideSeconds = (performance.now() - besideSince) / 1000
  console.log('| workspace | p50 ms | p95 ms | slowest ms |\n|---|--:|--:|--:|')
  const p95Alone = row('alone', alone)
  const p95Beside = row('beside the wide one', beside)
  console.log(`\np95 beside ÷ alone: ${(p95Beside / p95Alone).toFixed(2)}`)
  console.log(`The wide workspace got ${(sentBeside / besideSeconds).toFixed(0)} webhooks a second meanwhile.`)
  while ((await countUnsent(sql)) > 0) await setTimeout(1000)
  const seconds = (performance.now() - began) / 1000
  console.log(`All ${endpointCount * eventCount} deliveries were made in ${seconds.toFixed(0)} s.`)
}

/** Counts the deliveries of the wide workspace that are not sent yet. */
async function countUnsent(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `select count(*)::int as count from delivery where status = 'SUCCEEDED'
     and workspace_id = (select id from workspace where slug = 'default')`,
  )
  return endpointCount * eventCount - (rows[0]?.count ?? 0)
}

function row(name: string, values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const p95 = percentile(sorted, 0.95)
  const cells = [percentile(sorted, 0.5), p95, sorted.at(-1) ?? Number.NaN].map((value) => value.toFixed(1))
  console.log(`| ${name} | ${cells.join(' | ')} |`)
  return p95
}

/** Returns the milliseconds from the 201 to the webhook for each capture. */
async function measure(rex: ServerProcess, token: string, arrivals: ReadonlyMap<string, number>): Promise<number[]> {
  const respondedAt = new Map<string, number>()
  const captures: Promise<void>[] = []
  for (let nth = 0; nth < perRound; nth++) {
    captures.push(capture(rex, token).then((id) => void respondedAt.set(id, performance.now())))
    await setTimeout(everyMs)
  }
  await Promise.all(captures)
  while (![...respondedAt.keys()].every((id) => arrivals.has(id))) await setTimeout(5)
  return [...respondedAt].map(([id, at]) => Math.max(0, (arrivals.get(id) ?? Number.NaN) - at))
}

let leads = 0

async function capture({ url }: ServerProcess, token: string): Promise<string> {
  const { data } = await post(`${url}/capture`, token, { email: `lead-${leads++}@example.com`, first_name: 'Jane' })
  return data.id
}

async function register({ url }: ServerProcess, token: string, receiver: string): Promise<void> {
  await post(`${url}/webhooks`, token, { url: receiver, events: ['contact.created'] })
}

/** Creates another workspace and returns its key. */
async function createWorkspace({ url }: ServerProcess): Promise<string> {
  const query = `mutation {
    createWorkspace(input: { slug: "other" }) { ... on CreateWorkspaceSuccess { token } }
  }`
  const { data } = await post(`${url}/graphql`, key, { query })
  return data.createWorkspace.token
}

interface ApiResponse {
  readonly data: { readonly id: string; readonly createWorkspace: { readonly token: string } }
}

async function post(url: string, token: string, body: unknown): Promise<ApiResponse> {
  const headers = { 'content-type': 'application/json', 'x-api-key': token }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`Expected a success, got ${response.status}.`)
  return parseResponse(await response.text())
}

function parseResponse(text: string): ApiResponse {
  return JSON.parse(text)
}

/** Starts a receiver that records the arrival time of each contact. */
async function listen(started: AsyncDisposableStack, arrivals: Map<string, number>): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { data } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    arrivals.set(data.id, performance.now())
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
