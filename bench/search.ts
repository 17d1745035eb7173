import { availableParallelism } from 'node:os'
import { Client } from 'undici'
import { findDatabaseServer } from './bench-database.ts'
import { percentile } from './load.ts'
import { printRow } from './report.ts'
import { type SearchCase, searchCases } from './search-cases.ts'
import { fillWithContacts } from './search-data.ts'
import { startCommand, startServer } from './server-process.ts'

const rounds = 20
const apiKey = 'bench-search-key-0123456789-0123456789'
const contacts = Number(process.argv[2] ?? 1_000_000)

interface Times {
  readonly p50Ms: number
  readonly p95Ms: number
}

/** Compares searches, filters and orders through Rex's GraphQL API with a look-up by key in the same rounds. */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  await using started = new AsyncDisposableStack()
  const database = await databases.createDatabase()
  started.defer(() => database.drop())
  const seconds = await secondsOf(() => fillWithContacts(database.environment, contacts, apiKey))
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
      `${databases.description}; ${contacts} contacts of one workspace, filled in ${seconds.toFixed(0)} s.\n` +
      `${rounds} rounds, one caller; ÷ key: p50 to that of contact(by: {id}).\n`,
  )
  const server = await startServer(startCommand(), { ...database.environment, REX_API_KEY: apiKey })
  started.defer(() => server.stop())
  const client = new Client(server.url)
  started.defer(() => client.close())
  report(await measureInTurns(client))
}

async function measureInTurns(client: Client): Promise<Map<string, number[]>> {
  const measured = new Map<string, number[]>()
  for (let round = -1; round < rounds; round++)
    for (const searchCase of searchCases)
      for (const withCount of searchCase.query === undefined ? [false, true] : [false]) {
        const ms = 1000 * (await secondsOf(() => runQuery(client, searchCase, withCount)))
        const key = keyOf(searchCase, withCount)
        if (round >= 0) measured.set(key, [...(measured.get(key) ?? []), ms]) // The first round warms up.
      }
  return measured
}

async function runQuery(client: Client, { query, variables }: SearchCase, withCount: boolean): Promise<void> {
  const { body } = await client.request({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ query: query ?? listQuery(withCount), variables }),
  })
  const { errors } = (await body.json()) as { errors?: readonly { message: string }[] }
  if (errors) throw new Error(errors[0]?.message)
}

function listQuery(withCount: boolean): string {
  return `query ($search: String, $filter: ContactFilter, $orderBy: ContactOrder, $first: Int, $last: Int) {
    contacts(search: $search, filter: $filter, orderBy: $orderBy, first: $first, last: $last) {
      nodes { id email displayName } pageInfo { hasNextPage } ${withCount ? 'totalCount { value }' : ''} } }`
}

function report(measured: ReadonlyMap<string, number[]>): void {
  const timesOf = (searchCase: SearchCase, withCount: boolean) =>
    percentilesOf(measured.get(keyOf(searchCase, withCount)) ?? [])
  const [byKey] = searchCases
  const key = byKey === undefined ? Number.NaN : timesOf(byKey, false).p50Ms
  printRow(['contacts', 'p50 ms', 'p95 ms', '÷ key', 'with totalCount: p50 ms', 'p95 ms', '÷ key'])
  printRow(['---', '--:', '--:', '--:', '--:', '--:', '--:'])
  for (const searchCase of searchCases)
    printRow([searchCase.name, ...cells(timesOf(searchCase, false), key), ...cells(timesOf(searchCase, true), key)])
}

function cells({ p50Ms, p95Ms }: Times, keyMs: number): string[] {
  return Number.isNaN(p50Ms) ? ['', '', ''] : [p50Ms.toFixed(1), p95Ms.toFixed(1), (p50Ms / keyMs).toFixed(1)]
}

function percentilesOf(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b)
  return { p50Ms: percentile(sorted, 0.5), p95Ms: percentile(sorted, 0.95) }
}

function keyOf({ name }: SearchCase, withCount: boolean): string {
  return `${name} ${withCount}`
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

await compare()
