import { RefusedSettingError } from '../../config/setting-errors.ts'
import type { Log } from '../../platform/log.ts'
import { type Database, statement } from '../database.ts'
import { connectPostgresql } from '../postgresql.ts'
import type { ServerAddress } from './server-address.ts'
import { verifyConnection } from './verify-connection.ts'

/** Connections for work that needs one at a time, and a spare one. */
const maxConnections = 2

/** Runs work on connections to the server itself, where its address is known and differs; otherwise on the given ones. */
export async function withDirectConnection<Result>(
  database: Database & ServerAddress,
  log: Log,
  work: (direct: Database) => Promise<Result>,
): Promise<Result> {
  if (database.directUrl === undefined) return work(database)
  const direct = connectPostgresql(database.directUrl, log, maxConnections)
  try {
    return await work(direct)
  } finally {
    await direct.close()
  }
}

/** Checks that both addresses lead to one database. @throws RefusedSettingError, after it has closed the database */
export async function verifyDirectConnection(database: Database, directUrl: string, log: Log): Promise<void> {
  try {
    const direct = await verifyConnection(connectPostgresql(directUrl, log, 1), 'DATABASE_DIRECT_URL')
    try {
      if ((await idOf(direct)) === (await idOf(database))) return
    } finally {
      await direct.close()
    }
    throw new RefusedSettingError('DATABASE_DIRECT_URL', 'it names another database than DATABASE_URL.', undefined)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function idOf(database: Database): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>(selectId)
  return row?.id
}

/** The server's identifier stays the same on a replica that is promoted. */
const selectId = statement(
  'select_database_id',
  `select concat_ws('/', (select system_identifier from pg_control_system()), oid) as id
   from pg_database
   where datname = current_database()`,
)
