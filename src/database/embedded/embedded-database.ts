import pg from 'pg'
import { sqlState } from '../database.ts'

const connectTimeoutMs = 2000
const alreadyThere = '42P04'

/** The socket is the file `.s.PGSQL.<port>` in the folder. */
export interface ServerSocket {
  readonly socketFolder: string
  readonly port: number
}

/** Whether the server takes connections. */
export async function takesConnections(socket: ServerSocket, user: string): Promise<boolean> {
  try {
    await withClient(socket, user, 'postgres', async () => {})
    return true
  } catch {
    return false // It starts, or shuts down.
  }
}

/** Makes the database of that name, which its owner has too, where it is missing. */
export function makeDatabase(socket: ServerSocket, name: string): Promise<void> {
  return withClient(socket, name, 'postgres', async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await createDatabase(client, name)
  })
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another process that starts at the same time has made it.
    if (sqlState(error) !== alreadyThere) throw error
  }
}

async function withClient(
  { socketFolder: host, port }: ServerSocket,
  user: string,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ host, port, user, database, connectionTimeoutMillis: connectTimeoutMs })
  client.on('error', () => {}) // The call under way rejects with it.
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
