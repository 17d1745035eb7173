import type pg from 'pg'
import { type Statement, unpreparedStatement } from '../database.ts'
import { SessionClient, sessionSettings } from '../session.ts'

/**
 * Settings of a session that last until the transaction ends: they leave nothing in a session that others use, too. The
 * search path becomes that of the role again, if another client of the pooler has left its own.
 */
export const localSettings = [
  ...Object.entries(sessionSettings).map(([name, value]) => `set local ${name} = '${value}'`),
  'set local search_path to default',
].join('; ')

/** Begins a transaction in one packet with its settings. */
export const beginPooled = unpreparedStatement('begin', `begin isolation level read committed; ${localSettings}`)
const commit = 'commit'

/** Startup parameters that PgBouncer keeps for a client; with its own defaults it refuses every other. */
const trackedParameters: ReadonlySet<string> = new Set([
  'user',
  'database',
  'application_name',
  'client_encoding',
  'datestyle',
  'standard_conforming_strings',
  'timezone',
])

/** Connection to a pooler. */
export class PooledClient extends SessionClient {
  override getStartupConf(): Record<string, string> {
    const parameters = Object.entries(super.getStartupConf())
    return Object.fromEntries(parameters.filter(([name]) => trackedParameters.has(name)))
  }
}

/** Returns the statement without a name that a session keeps: the next one may run in another session. */
export function unprepared(statement: Statement): Statement {
  return statement.name === '' ? statement : { ...statement, isUnprepared: true }
}

/**
 * Makes each statement of the pool, also those of Prisma, a transaction with the settings of Rex. It is sent in one
 * packet, and its result is returned after the commit.
 */
export function queryInTransactions(pool: pg.Pool): pg.Pool {
  const query = async (config: pg.QueryConfig | string): Promise<pg.QueryResult> => {
    const client = await pool.connect()
    let isBroken = true
    try {
      if (client instanceof SessionClient) client.gatherWrites()
      const [begun, result, ended] = await Promise.allSettled([
        client.query(beginPooled.text),
        client.query(config),
        client.query(commit),
      ])
      isBroken = ended.status === 'rejected'
      if (result.status === 'rejected') throw result.reason
      if (begun.status === 'rejected') throw begun.reason
      if (ended.status === 'rejected') throw ended.reason
      return result.value
    } finally {
      client.release(isBroken)
    }
  }
  return Object.assign(pool, { query })
}
