import pg from 'pg'

/** How long a statement may take, and a transaction may wait for its next one. */
export const statementTimeoutMs = 15_000

/**
 * Settings that every session begins with, whatever the server, the database, the role or the environment say. They are
 * sent as startup parameters since PgBouncer keeps exactly these for a client on whichever server connection it uses, and
 * refuses those that it does not know (docs/decisions/0022).
 */
const startupSettings = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  standard_conforming_strings: 'on',
  timezone: 'UTC',
}

/**
 * Settings of a session that PgBouncer refuses as startup parameters, and does not keep when it pools transactions. But
 * for the timeouts they are PostgreSQL's own defaults: there, a server connection that misses them behaves differently
 * only where its role or database was given other ones.
 */
const sessionSettings = {
  array_nulls: 'on',
  default_transaction_isolation: 'read committed',
  extra_float_digits: '1',
  idle_in_transaction_session_timeout: String(statementTimeoutMs),
  idle_session_timeout: '0',
  intervalstyle: 'postgres',
  lock_timeout: '0',
  plan_cache_mode: 'auto',
  statement_timeout: String(statementTimeoutMs),
  transform_null_equals: 'off',
}

declare module 'pg' {
  interface Client {
    /** Not documented: test/flow/session.test.ts fails when it is no longer called. */
    getStartupConf(): Record<string, string>
  }
}

/** A connection with the settings that PgBouncer keeps. */
export class SessionClient extends pg.Client {
  override getStartupConf(): Record<string, string> {
    return { ...super.getStartupConf(), ...startupSettings }
  }
}

/** Makes the other settings: to be awaited before the first statement of a connection. */
export async function settleSession(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  const query: pg.QueryConfig & { query_timeout: number } = { text: setAll, query_timeout: timeoutMs }
  await client.query(query)
}

const setAll = `select ${Object.entries(sessionSettings)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')}`
