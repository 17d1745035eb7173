import pg from 'pg'
import { localSettings, PooledClient } from '../../../database/connection/pooled-session.ts'
import { directUrlOf, type ServerAddress } from '../../../database/connection/server-address.ts'
import { applySessionSettings, SessionClient } from '../../../database/session.ts'
import { waitAtMost } from '../../../platform/timeout.ts'

const connectTimeoutMs = 5000
const closeTimeoutMs = 1000

/** Timeouts that a copy of all data must not meet; a server before PostgreSQL 17 does not have the last one. */
const timeouts = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'transaction_timeout',
]

const disableTimeouts = "select set_config(name, '0', $2) from pg_settings where name = any($1)"

/**
 * Runs work on a connection of its own, without the time limits of the service. Behind a pooler only its transactions
 * have these settings.
 */
export async function withDataClient<Result>(address: ServerAddress, work: (client: pg.Client) => Promise<Result>) {
  const directUrl = directUrlOf(address)
  const client = new (directUrl === undefined ? PooledClient : SessionClient)({
    connectionString: directUrl ?? address.url,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'rex-data',
  })
  client.on('error', () => {}) // The current statement rejects with the same error.
  try {
    await client.connect()
    if (directUrl !== undefined) {
      await applySessionSettings(client, connectTimeoutMs)
      await client.query(disableTimeouts, [timeouts, false])
    }
    return await work(client)
  } finally {
    await waitAtMost(client.end(), closeTimeoutMs)
  }
}

/** Runs work in a transaction; rolls back when it fails. */
export async function inTransaction<Result>(client: pg.Client, begin: string, work: () => Promise<Result>) {
  await client.query(`${begin}; ${localSettings}`)
  try {
    await client.query(disableTimeouts, [timeouts, true])
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that failed in the middle of a copy takes no statement; its end rolls back.
    await waitAtMost(client.query('rollback'), closeTimeoutMs)
    throw error
  }
}

/** Returns the names quoted, separated by commas. */
export function quotedList(names: readonly string[]): string {
  return names.map((name) => pg.escapeIdentifier(name)).join(', ')
}
