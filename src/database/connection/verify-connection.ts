import { RefusedSettingError } from '../../config/setting-errors.ts'
import { type Database, sqlState } from '../database.ts'
import { problemOfServer, type Server, selectServer } from '../server-check.ts'

type Setting = 'DATABASE_URL' | 'DATABASE_DIRECT_URL'

/** Returns the database when Rex can use its server, and closes it otherwise. @throws RefusedSettingError */
export async function verifyConnection<Opened extends Database>(
  database: Opened,
  setting: Setting = 'DATABASE_URL',
): Promise<Opened> {
  try {
    await checkServer(database, setting)
    return database
  } catch (error) {
    await database.close()
    if (error instanceof RefusedSettingError) throw error
    throw new RefusedSettingError(setting, problemOf(error), error)
  }
}

async function checkServer(database: Database, setting: Setting): Promise<void> {
  const [server] = await database.query<Server>(selectServer)
  const problem = server === undefined ? 'the server does not return its properties.' : problemOfServer(server)
  if (problem !== undefined) throw new RefusedSettingError(setting, problem, undefined)
}

function problemOf(error: unknown): string {
  const cause = firstCause(error)
  const code = sqlState(cause) ?? ''
  // Errors of the driver have no state: for example a required password, or missing TLS.
  const message = cause instanceof Error ? cause.message : ''
  if (code.startsWith('28') || /^SASL/.test(message)) return 'the server refuses this user or password.'
  if (code === '3D000') return 'the server has no database of this name.'
  if (code === '42501')
    return 'the role may not connect to the database. Let its owner GRANT CONNECT ON DATABASE to it.'
  if (/SSL/.test(message)) return 'the server does not support TLS.'
  if (/^[0-9A-Z]{5}$/.test(code)) return `the server refuses the connection (${code}).`
  return `the server cannot be reached (${code || 'no answer'}).`
}

function firstCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? firstCause(error.cause) : error
}
