import pg from 'pg'
import { type BenchDatabase, findDatabaseServer } from './bench-database.ts'
import { fillGrown, type Size } from './growth-fill.ts'
import { startCommand, startServer } from './server-process.ts'

export const apiKey = 'bench-growth-key-0123456789-0123456789'
export const settings = { REX_API_KEY: apiKey, REX_KEY_RATE: '0', LOG_LEVEL: 'error' }
const endpoints = 10

/** A database of a size, and its workspace. */
export interface Grown {
  readonly size: Size
  readonly environment: Readonly<Record<string, string>>
  readonly workspaceId: string
  readonly sql: pg.Client
  close(): Promise<void>
}

/** Creates a database, with endpoints at the receiver, and fills it. */
export async function createGrown(size: Size, receiver: string): Promise<Grown> {
  const database = await (await findDatabaseServer()).createDatabase()
  const sql = await connect(database)
  const server = await startServer(startCommand(), { ...database.environment, ...settings })
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey }
  for (let nth = 0; nth < endpoints; nth++) {
    const body = JSON.stringify({ url: `${receiver}/${nth}`, events: ['webhook.failing'], max_in_flight: 20 })
    const response = await fetch(`${server.url}/webhooks`, { method: 'POST', headers, body })
    if (response.status !== 201) throw new Error(`Expected 201, got ${response.status}.`)
  }
  await server.stop()
  const { rows } = await sql.query<{ id: string }>('select id from workspace')
  const workspaceId = rows[0]?.id ?? ''
  await fillGrown(sql, workspaceId, size)
  const close = async () => {
    await sql.end()
    await database.drop()
  }
  return { size, environment: database.environment, workspaceId, sql, close }
}

async function connect({ environment }: BenchDatabase): Promise<pg.Client> {
  const url = environment['DATABASE_URL']
  if (url === undefined) throw new Error('This benchmark needs a PostgreSQL server.')
  const sql = new pg.Client({ connectionString: url })
  await sql.connect()
  return sql
}
