import { randomInt } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import { unavailable } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { waitAtMost } from '../platform/timeout.ts'
import { PlanningClient } from './connection/planning-client.ts'
import { beginPooled, PooledClient, queryInTransactions, unprepared } from './connection/pooled-session.ts'
import { beginName, type RowsQueryConfig } from './connection/rows-query.ts'
import { directUrlOf, isPooledUrl, type ServerAddress } from './connection/server-address.ts'
import { createServerProbe } from './connection/server-probe.ts'
import { createSockets } from './connection/sockets.ts'
import {
  type Database,
  type Queryable,
  retryingConflicts,
  type Statement,
  sqlState,
  type Tx,
  unpreparedStatement,
  type Value,
} from './database.ts'
import { createNotifications, type Notifications, noNotifications } from './notifications.ts'
import { applySessionSettings, SessionClient, statementTimeoutMs } from './session.ts'
import { failStatementSpan, startStatementSpan } from './statement-spans.ts'

/** Name of the service's sessions; `rex move` finds a running service by it. */
export const applicationName = 'rex'
/** Name of the session in which a process listens: the only one that a pooler does not keep after its end. */
export const listenerName = 'rex-listen'

const connectTimeoutMs = 1500
const responseTimeoutMs = statementTimeoutMs + 2000
const closeTimeoutMs = 1000
/** The system then asks an idle connection each second, and ends it after ten questions without an answer. */
const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 5000 }

/** Database with its pool, on which a read is repeated that failed on a replica. */
export interface PooledDatabase extends Database {
  readonly pool: pg.Pool
}

/** Connects to a PostgreSQL server, with a pool that Prisma and the plain statements share. */
export function connectPostgresql(address: string | ServerAddress, log: Log, maxConnections = 12): PooledDatabase {
  const { url, ...rest } = typeof address === 'string' ? { url: address } : address
  const sockets = createSockets()
  const prepare = async (client: pg.ClientBase) => {
    const server = await applySessionSettings(client, connectTimeoutMs)
    if (client instanceof SessionClient) sockets.setServer(client.connection.stream, server)
  }
  const session = isPooledUrl(url) ? pooledSession : ownSession(prepare)
  const options = { stream: sockets.open, ...keepAlive, application_name: applicationName }
  const pool = session.prepare(
    new pg.Pool({
      ...options,
      ...session.options,
      connectionString: url,
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      // A connection sends a statement while it waits for the result of the one before.
      pipeline: true,
    }),
  )
  pool.on('error', (error) => log.warn({ err: error }, 'database.connection_lost'))
  // The pool stops listening when it hands a connection over, and the end of its session may arrive in the same packet as
  // the result before: an error that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', ignoreLoss))
  const prisma = new PrismaClient({ adapter: new SchemaAdapter(pool) })
  const listenUrl = directUrlOf({ url, ...rest })
  const probe = session.isOwn
    ? createServerProbe({ ...options, connectionString: url, connectionTimeoutMillis: connectTimeoutMs }, prepare)
    : () => {}
  const probing = <Result>(work: Promise<Result>): Promise<Result> => {
    work.catch(probe)
    return work
  }
  const listenerId = randomInt(2 ** 31)
  const notifications: Notifications =
    listenUrl === undefined
      ? noNotifications
      : createNotifications(
          { ...options, connectionString: listenUrl, application_name: listenerName },
          prepare,
          log,
          listenerId,
        )
  return {
    pool,
    prisma,
    query: (statement, values) => probing(retryingConflicts(() => run(pool, session.form(statement), values))),
    inTransaction: (work) => probing(retryingConflicts(() => transact(pool, session, work))),
    runScript: async (sql) => {
      await pool.query(sql)
    },
    listen: notifications.listen,
    listenerId,
    poolUse: () => ({ idle: pool.idleCount, busy: pool.totalCount - pool.idleCount, waiting: pool.waitingCount }),
    close: async () => {
      await waitAtMost(
        prisma.$disconnect().then(() => pool.end()),
        closeTimeoutMs,
      )
      sockets.destroy()
    },
  }
}

/** Sets Prisma's schema, which is `public` by default, to that of the search path, which plain statements use. */
class SchemaAdapter extends PrismaPg {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    super(pool)
    this.#pool = pool
  }

  override async connect() {
    const [row] = await run<{ schema: string | null }>(this.#pool, selectSchema)
    return new PrismaPg(this.#pool, { schema: row?.schema ?? 'public' }).connect()
  }
}

/** Not prepared, since the pool may be that of a pooler. */
const selectSchema = unpreparedStatement('select_current_schema', 'select current_schema() as schema')

async function run<Row>(
  client: pg.Pool | pg.PoolClient,
  { name, text, isUnprepared }: Statement,
  values: readonly Value[] = [],
  begins = false,
): Promise<Row[]> {
  const span = startStatementSpan(name)
  try {
    const settings = isUnprepared ? { query_timeout: responseTimeoutMs } : nameAndTimeout(name)
    const query: RowsQueryConfig = { readsRows: true, ...settings, text, values: [...values], begins }
    const { rows } = await client.query<Row & pg.QueryResultRow>(query)
    span?.end()
    return rows
  } catch (error) {
    if (span !== undefined) failStatementSpan(span, error)
    throw isUnavailable(error) ? unavailable(error) : error
  }
}

async function transact<Result>(pool: pg.Pool, session: Session, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error)
  })
  const sent: Promise<unknown>[] = []
  let isEnded = false
  const errors: unknown[] = []
  const gather = <Row>(statement: Statement, values?: readonly Value[], begins?: boolean) => {
    if (client instanceof SessionClient) client.gatherWrites()
    return run<Row>(client, statement, values, begins)
  }
  let mayWrite = false
  let waiting = 0
  let begun: Promise<void> | undefined
  const beginBy = (begins: Promise<unknown>) => {
    begun = begins.then(() => {
      mayWrite = true
      if (client instanceof SessionClient) client.hasBegin = session.isOwn
    })
    begun.catch(ignoreLoss)
    return begun
  }
  const sendInOrder = <Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]> => {
    const sendNow = (begins?: boolean) => gather<Row>(session.form(statement), values, begins)
    if (begun === undefined && client instanceof SessionClient && client.hasBegin) {
      const rows = sendNow(true)
      void beginBy(rows)
      return rows
    }
    begun ??= beginBy(gather(session.begin))
    if (waiting === 0 && (mayWrite || statement.isOpening)) return sendNow()
    waiting++
    return begun.then(() => {
      waiting--
      return isEnded ? refuseLate() : sendNow()
    })
  }
  const send = <Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]> => {
    const rows = isEnded ? refuseLate() : sendInOrder<Row>(statement, values)
    rows.catch((error: unknown) => errors.push(error)) // `work` may leave it to the commit.
    sent.push(rows)
    return rows
  }
  const tx: Queryable = { query: send }
  let broken = false
  try {
    const result = await work(tx as Tx)
    if (begun === undefined) return result
    await begun
    void send(commit) // PostgreSQL rolls back instead if a statement has failed.
    isEnded = true
    await Promise.all(sent)
    return result
  } catch (error) {
    isEnded = true
    const isRolledBack = await run(client, session.form(rollback)).then(
      () => true,
      () => false,
    )
    const first = sqlState(error) === abortedTransaction ? errors[0] : error
    // Error of a planning setting, which the connection sends itself: a cancel may hit it.
    const cause = sqlState(first) === abortedTransaction ? unavailable(first) : first
    // The name of a server that only reads may lead to another one meanwhile.
    broken = !isRolledBack || isReadOnly(cause)
    throw cause
  } finally {
    client.release(broken)
  }
}

/** The current statement rejects with the same error, or else the next one does. */
function ignoreLoss(): void {}

/** Refuses a statement after the end: nothing would roll it back, and the connection may be another tenant's by then. */
async function refuseLate(): Promise<never> {
  throw new Error('The transaction has ended: its work must await everything that uses it.')
}

function isReadOnly(error: unknown): boolean {
  return sqlState(error instanceof Error ? error.cause : undefined) === '25006'
}

/** Returns the timeout of a statement for an unresponsive server; a migration has no name and no timeout. */
function nameAndTimeout(name: string): { name?: string; query_timeout?: number } {
  return name === '' ? {} : { name, query_timeout: responseTimeoutMs }
}

/** Error of the statements behind the one that has failed. */
const abortedTransaction = '25P02'

const begin = { name: beginName, text: 'begin isolation level read committed' }
const commit = { name: 'commit', text: 'commit' }
const rollback = { name: 'rollback', text: 'rollback' }

/** Ways in which statements run in the sessions of a server. */
interface Session {
  /** Whether a connection stays with one session of the server. */
  readonly isOwn: boolean
  readonly options: pg.PoolConfig
  readonly begin: Statement
  prepare(pool: pg.Pool): pg.Pool
  form(statement: Statement): Statement
}

/** Sessions of their own, which keep settings and prepared statements. */
const ownSession = (onConnect: (client: pg.ClientBase) => Promise<void>): Session => ({
  isOwn: true,
  options: { Client: PlanningClient, onConnect },
  begin,
  prepare: (pool) => pool,
  form: (statement) => statement,
})

/** Sessions of a pooler, which keep nothing from one transaction to the next. */
const pooledSession: Session = {
  isOwn: false,
  options: { Client: PooledClient },
  begin: beginPooled,
  prepare: queryInTransactions,
  form: unprepared,
}

// 53100: disk full; 53200: out of memory; 58030: input or output error.
const unavailableStates = new Set(['25006', '57P01', '57P02', '57P03', '53100', '53200', '53300', '57014', '58030'])

/**
 * Returns whether an error means that the server is unavailable for all clients, rather than that the statement is
 * wrong.
 */
function isUnavailable(error: unknown): boolean {
  const code = sqlState(error)
  if (code === undefined)
    return error instanceof Error && /terminated|timeout|closed|not queryable/i.test(error.message)
  return unavailableStates.has(code) || code.startsWith('08') || /^E[A-Z]{4,}$/.test(code)
}
