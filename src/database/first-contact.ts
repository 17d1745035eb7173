import { RefusedSettingError } from '../config.ts'
import { type Database, sqlState } from './database.ts'
import { ping } from './ping.ts'

/** Asks a server whether it takes us, and gives it up when it does not. @throws RefusedSettingError */
export async function meetDatabase(database: Database): Promise<Database> {
  try {
    await ping(database)
    return database
  } catch (error) {
    await database.close()
    throw new RefusedSettingError('DATABASE_URL', problemOf(error), error)
  }
}

function problemOf(error: unknown): string {
  const cause = firstCause(error)
  const code = sqlState(cause) ?? ''
  // What the driver misses: a password that the server asks for, or TLS that it does not speak.
  const message = cause instanceof Error ? cause.message : ''
  if (code.startsWith('28') || /^SASL/.test(message)) return 'the server refuses this user or password.'
  if (code === '3D000') return 'the server has no database of this name.'
  if (/SSL/.test(message)) return 'the server does not speak TLS.'
  if (/^[0-9A-Z]{5}$/.test(code)) return `the server refuses the connection (${code}).`
  return `the server cannot be reached (${code || 'no answer'}).`
}

function firstCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? firstCause(error.cause) : error
}
