import { Client } from 'undici'
import { readConfig } from '../src/config/config.ts'
import { statement } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import { findDatabaseServer } from './bench-database.ts'
import { median } from './load.ts'
import { hasPeers } from './peers.ts'
import { printEnvironment, printHead, printRow, recordResult } from './report.ts'
import { openScripts } from './scripts.ts'
import { fillWithContacts } from './search-data.ts'
import { nodeCommand, type ServerProcess, startCommand, startServer } from './server-process.ts'
import { roundCount, sized } from './sizes.ts'

const contactCount = Number(process.argv[2] ?? sized({ whole: 100_000, short: 1000 }))
const callers = 16
const roundMs = sized({ whole: 4000, short: 200 })
const rounds = roundCount(3)
const key = 'bench-lists-key-0123456789-0123456789'
const fields = 'id email firstName lastName stage source submissionCount createdAt'

const names = {
  stock: 'stock Yoga, Pothos, Prisma',
  constant: 'Yoga, constant data',
  postgraphile: 'PostGraphile 5',
  rex: 'Rex',
} as const

interface Target {
  readonly name: string
  readonly query: string
  readonly path: (data: { contacts: unknown }) => unknown
  readonly server: ServerProcess
  readonly rates: number[]
}

/**
 * Compares a list of 20 contacts with 8 fields and 2 submissions each on Rex, on the stock stack, on constant data
 * and on PostGraphile.
 */
async function compare(): Promise<void> {
  const databases = await findDatabaseServer()
  const database = await databases.createDatabase()
  await using started = new AsyncDisposableStack()
  started.defer(() => database.drop())
  const workspace = await fill(database.environment)
  const environment = { ...database.environment, REX_API_KEY: key, LOG_LEVEL: 'error', REX_KEY_RATE: '0' }
  const stockQuery = `{ contacts { ${fields} submissions { id receivedAt } } }`
  const rexQuery = `{ contacts(first: 20) { nodes { ${fields} submissions(first: 2) { nodes { id receivedAt } } } } }`
  const stockEnvironment = { ...database.environment, BENCH_WORKSPACE: workspace }
  const list = ({ contacts }: { contacts: unknown }) => contacts
  const nodes = ({ contacts }: { contacts: unknown }) => Object(contacts).nodes
  const targets: Target[] = [
    {
      name: names.stock,
      query: stockQuery,
      path: list,
      rates: [],
      server: await startServer(nodeCommand('stock-list-server.ts'), stockEnvironment),
    },
    {
      name: names.constant,
      query: stockQuery,
      path: list,
      rates: [],
      server: await startServer(nodeCommand('constant-list-server.ts')),
    },
    ...(hasPeers() ? [await startPostgraphile(stockEnvironment, workspace)] : []),
    {
      name: names.rex,
      query: rexQuery,
      path: nodes,
      rates: [],
      server: await startServer(startCommand(), environment),
    },
  ]
  for (const { server } of targets) started.defer(() => server.stop())
  const settings = `${contactCount} contacts, ${callers} callers, medians of ${rounds} rounds of ${roundMs / 1000} s.`
  printEnvironment(databases.description, settings)
  for (let round = 0; round <= rounds; round++)
    for (const target of targets) {
      const rate = await measure(target)
      if (round > 0) target.rates.push(rate) // The first round warms up.
    }
  report(targets)
}

function report(targets: readonly Target[]): void {
  const rateOf = (wanted: string) => median(targets.find(({ name }) => name === wanted)?.rates ?? [])
  const others = [names.stock, names.postgraphile, names.constant]
  printHead(['server', 'lists/s', 'lowest', 'highest', '÷ stock', '÷ PostGraphile', '÷ constant'])
  for (const { name, rates } of targets) {
    const cells = [median(rates), Math.min(...rates), Math.max(...rates)].map((rate) => rate.toFixed(0))
    printRow([name, ...cells, ...others.map((other) => (median(rates) / rateOf(other)).toFixed(2))])
  }
  for (const [name, atLeast] of [
    [names.stock, 2],
    [names.postgraphile, 1],
    [names.constant, 0.5],
  ] as const) {
    const value = rateOf(names.rex) / rateOf(name)
    recordResult({ work: 'lists of 20 contacts', figure: `÷ ${name}`, value, wanted: { atLeast } })
  }
}

async function startPostgraphile(environment: Readonly<Record<string, string>>, workspace: string): Promise<Target> {
  const page = `first: 20, orderBy: [CREATED_AT_DESC, ROW_ID_DESC], condition: { workspaceId: "${workspace}" }`
  // The id of PostGraphile is another one.
  const rows = `id: rowId ${fields.replace('id ', '')} submissions(first: 2, orderBy: ROW_ID_DESC) { nodes { id: rowId receivedAt } }`
  return {
    name: names.postgraphile,
    query: `{ contacts: allContacts(${page}) { nodes { ${rows} } } }`,
    path: ({ contacts }) => Object(contacts).nodes,
    rates: [],
    server: await startServer(nodeCommand('peers/postgraphile-list-server.js'), environment),
  }
}

async function fill(environment: Readonly<Record<string, string>>): Promise<string> {
  await fillWithContacts(environment, contactCount, key)
  const config = readConfig(environment)
  const database = await openDatabase(config, createLog('silent'))
  await using scripts = await openScripts(database, config.databaseUrl)
  await scripts.run(insertSubmissions)
  await scripts.run('vacuum analyze submission')
  const [workspace] = await database.query<{ id: string }>(selectWorkspace, [])
  await database.close()
  return workspace?.id ?? ''
}

async function measure({ server, query, path }: Target): Promise<number> {
  const clients = Array.from({ length: callers }, () => new Client(server.url))
  const body = JSON.stringify({ query })
  const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` }
  const start = performance.now()
  let lists = 0
  const call = async (client: Client) => {
    while (performance.now() < start + roundMs) {
      const response = await client.request({ method: 'POST', path: '/graphql', headers, body })
      const text = await response.body.text()
      if (lists++ % 100 === 0) check(path(JSON.parse(text).data ?? {}), text)
    }
  }
  await Promise.all(clients.map(call))
  const seconds = (performance.now() - start) / 1000
  await Promise.all(clients.map((client) => client.close()))
  return lists / seconds
}

function check(rows: unknown, text: string): void {
  if (!Array.isArray(rows) || rows.length !== 20) throw new Error(`Expected 20 contacts: ${text.slice(0, 300)}`)
}

const selectWorkspace = statement('select_bench_workspace', `select id from workspace where slug = 'default'`)

const insertSubmissions = `
  insert into submission (workspace_id, id, status, outcome, contact_id, fields, received_at)
  select workspace_id, 'sub_' || lpad((substr(id, 6)::bigint * 2 + child)::text, 26, '0'), 'ACCEPTED', 'UPDATED', id,
         '{"email": "lead@example.com"}', created_at
  from contact, generate_series(0, 1) child
  where workspace_id = (select id from workspace where slug = 'default')`

await compare()
