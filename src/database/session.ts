import pg from 'pg'
import { isRowsQueryConfig, type RowsCallback, RowsQuery } from './connection/rows-query.ts'

/** Maximum duration of a statement, and of a transaction's wait for its next statement. */
export const statementTimeoutMs = 15_000

/**
 * Settings with which every session starts, independent of the server, the database, the role and the environment. They
 * are startup parameters, since PgBouncer keeps exactly these for a client on any of its server connections, and
 * rejects unknown ones (docs/decisions/0022).
 */
const startupSettings = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  standard_conforming_strings: 'on',
  timezone: 'UTC',
}

/**
 * Session settings that PgBouncer rejects as startup parameters, and does not keep when it pools transactions. Except
 * for the timeouts and `jit` they are PostgreSQL's defaults: a pooled connection without them behaves differently only if
 * its role or database has other settings. JIT compiles for each execution, and decides by expected costs, which are high
 * for a limit that is not known.
 */
export const sessionSettings = {
  array_nulls: 'on',
  default_transaction_isolation: 'read committed',
  extra_float_digits: '1',
  idle_in_transaction_session_timeout: String(statementTimeoutMs),
  idle_session_timeout: '0',
  intervalstyle: 'postgres',
  jit: 'off',
  lock_timeout: '0',
  plan_cache_mode: 'auto',
  statement_timeout: String(statementTimeoutMs),
  transform_null_equals: 'off',
}

declare module 'pg' {
  interface Client {
    /** Undocumented: test/flow/session.test.ts fails when it is no longer called. */
    getStartupConf(): Record<string, string>
  }
}

/** Connection with the settings that PgBouncer keeps. */
export class SessionClient extends pg.Client {
  #gathers = false
  /** Whether the connection has prepared `begin`, so that the first statement of a transaction can take it along. */
  hasBegin = false

  constructor(config?: pg.ClientConfig) {
    super(config)
    const query = (...given: readonly unknown[]): unknown => {
      const [config, values, callback = values] = given
      if (!isRowsQueryConfig(config)) return Reflect.apply(super.query, this, given)
      const sendRows = (settle: RowsCallback) => super.query(new RowsQuery(config, settle))
      return callback === undefined ? promised(sendRows) : sendRows(callback as RowsCallback)
    }
    this.query = query as typeof this.query
  }

  override getStartupConf(): Record<string, string> {
    return { ...super.getStartupConf(), ...startupSettings }
  }

  /** Sends all statements until the next tick in one packet: each write is a system call that wakes the server. */
  gatherWrites(): void {
    if (this.#gathers) return
    this.#gathers = true
    const { stream } = this.connection
    stream.cork()
    process.nextTick(() => {
      this.#gathers = false
      stream.uncork()
    })
  }
}

/** Calls back as a promise. Its error has the stack of the caller, not that of the socket. */
async function promised(send: (callback: RowsCallback) => void): Promise<unknown> {
  try {
    return await new Promise((resolve, reject) =>
      send((error, result) => (result === undefined ? reject(error) : resolve(result))),
    )
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error)
    throw error
  }
}

/**
 * Applies the other settings; await it before the first statement of a connection. Returns when the server was started,
 * which differs after a restart and on another server.
 */
export async function applySessionSettings(client: pg.ClientBase, timeoutMs: number): Promise<string> {
  const query: pg.QueryConfig & { query_timeout: number } = { text: setAll, query_timeout: timeoutMs }
  const { rows } = await client.query<{ server: string }>(query)
  return rows[0]?.server ?? ''
}

const setAll = `select ${Object.entries(sessionSettings)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')}, pg_postmaster_start_time()::text as server`
