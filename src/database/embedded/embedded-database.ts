import pg from 'pg'
import { sqlState } from '../database.ts'

const connectTimeoutMs = 2000
const duplicateDatabase = '42P04'

/** Location of the server's socket: the file `.s.PGSQL.<port>` in the folder. */
export interface ServerSocket {
  readonly socketFolder: string
  readonly port: number
}

/** Returns whether the server accepts connections. */
export async function acceptsConnections(socket: ServerSocket, user: string): Promise<boolean> {
  try {
    await withClient(socket, user, 'postgres', async () => {})
    return true
  } catch {
    return false // It is starting or shutting down.
  }
}

/** Creates the database of this name when it is missing; its owner has the same name. */
export function ensureDatabase(socket: ServerSocket, name: string): Promise<void> {
  return withClient(socket, name, 'postgres', async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await createDatabase(client, name)
  })
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another process that starts at the same time has created it.
    if (sqlState(error) !== duplicateDatabase) throw error
  }
}

async function withClient(
  { socketFolder: host, port }: ServerSocket,
  user: string,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ host, port, user, database, connectionTimeoutMillis: connectTimeoutMs })
  client.on('error', () => {}) // The current call rejects with it.
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
