import { randomBytes } from 'node:crypto'
import { readConfig } from '../src/config/config.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import { type BenchDatabase, findDatabaseServer } from './bench-database.ts'
import { printRow } from './report.ts'
import { startCommand, startServer } from './server-process.ts'

const bytesPerValue = 490
const apiKey = 'bench-admin-key-0123456789-0123456789'
const columns = ['contact.metadata', 'submission.fields', 'submission.changes', 'event.body', 'idempotency_key.answer']

/** One kind of capture. */
interface Case {
  readonly name: string
  readonly captures: number
  /** Metadata keys: 50 keys are about 25 KB, the maximum. */
  readonly keys: number
  /** Whether each capture has an Idempotency-Key. */
  readonly hasKey: boolean
  emailOf(nth: number): string
}

const newEmail = (nth: number) => `lead-${nth}@example.com`
const large = { captures: 40, keys: 50, hasKey: false }
const cases: readonly Case[] = [
  { ...large, name: '25 KB, new e-mails', emailOf: newEmail },
  { ...large, name: '25 KB, new e-mails, with an Idempotency-Key', hasKey: true, emailOf: newEmail },
  { ...large, name: '25 KB, one e-mail, other values each time', emailOf: () => 'lead@example.com' },
  { name: '0.5 KB, new e-mails', captures: 2000, keys: 1, hasKey: false, emailOf: newEmail },
]

interface Measured {
  readonly name: string
  /** Bytes stored per byte sent, by column; `whole` is the same for the whole database. */
  readonly byColumn: readonly number[]
  readonly whole: number
  /** The same according to the workspace's counters. */
  readonly counted: number
}

/** Measures the bytes stored per byte of anonymous captures; their text is random, so it does not compress well. */
async function compare(): Promise<void> {
  const server = await findDatabaseServer()
  console.log(`${new Date().toISOString().slice(0, 10)}, ${server.description}; bytes stored per byte sent.\n`)
  printRow(['captures', ...columns, 'the database grew by', 'counted'])
  printRow(['---', ...columns.map(() => '--:'), '--:', '--:'])
  for (const each of cases) {
    const database = await server.createDatabase()
    try {
      const { name, byColumn, whole, counted } = await measure(each, database)
      printRow([name, ...[...byColumn, whole, counted].map((ratio) => ratio.toFixed(2))])
    } finally {
      await database.drop()
    }
  }
}

async function measure(each: Case, database: BenchDatabase): Promise<Measured> {
  await captureAll({ ...each, captures: 0 }, database)
  const before = await withDatabase(database, sizeOf)
  const sent = await captureAll(each, database)
  return withDatabase(database, async (open) => ({
    name: each.name,
    byColumn: await Promise.all(columns.map(async (column) => (await bytesOf(open, column)) / sent)),
    whole: ((await sizeOf(open)) - before) / sent,
    counted: (await numberOf(open, 'select coalesce(sum(bytes), 0)::float8 as number from capture_storage')) / sent,
  }))
}

/** Sends captures and returns the number of bytes sent. */
async function captureAll(each: Case, { environment }: BenchDatabase): Promise<number> {
  const { captures, keys, hasKey, emailOf } = each
  const server = await startServer(startCommand(), { ...environment, REX_API_KEY: apiKey, LOG_LEVEL: 'fatal' })
  let sent = 0
  for (let nth = 0; nth < captures; nth++) {
    const body = JSON.stringify({ email: emailOf(nth), metadata: randomMetadata(keys) })
    const headers = { 'content-type': 'application/json', ...(hasKey && { 'idempotency-key': `key-${nth}` }) }
    const response = await fetch(`${server.url}/capture`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    if (response.status !== 201) throw new Error(`Expected 201, got ${response.status}.`)
    sent += Buffer.byteLength(body)
  }
  await server.stop()
  return sent
}

function randomMetadata(keys: number): Record<string, string> {
  const value = () => randomBytes(bytesPerValue).toString('base64').slice(0, bytesPerValue)
  return Object.fromEntries(Array.from({ length: keys }, (_, nth) => [`key_${nth}`, value()]))
}

async function withDatabase<Result>({ environment }: BenchDatabase, look: (database: Database) => Promise<Result>) {
  const database = await openDatabase(readConfig(environment), createLog('silent'))
  try {
    return await look(database)
  } finally {
    await database.close()
  }
}

/** Returns the stored size of a column, after compression. */
function bytesOf(database: Database, column: string): Promise<number> {
  const [table = '', name = ''] = column.split('.')
  return numberOf(database, `select coalesce(sum(pg_column_size(${name})), 0)::float8 as number from ${table}`)
}

function sizeOf(database: Database): Promise<number> {
  return numberOf(database, 'select pg_database_size(current_database())::float8 as number')
}

async function numberOf(database: Database, text: string): Promise<number> {
  const [row] = await database.query<{ number: number }>({ name: '', text })
  return row?.number ?? 0
}

await compare()
