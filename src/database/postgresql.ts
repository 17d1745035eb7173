import { randomInt } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Log } from '../platform/log.ts'
import { waitAtMost } from '../platform/timeout.ts'
import { PlanningClient } from './connection/planning-client.ts'
import { beginPooled, PooledClient, queryInTransactions, unprepared } from './connection/pooled-session.ts'
import { runStatement } from './connection/run-statement.ts'
import { directUrlOf, isPooledUrl, type ServerAddress } from './connection/server-address.ts'
import { createServerProbe } from './connection/server-probe.ts'
import { createSockets } from './connection/sockets.ts'
import { begin, type TransactionForm, transact } from './connection/transaction.ts'
import { type Database, retryingConflicts, unpreparedStatement } from './database.ts'
import { createNotifications, type Notifications, noNotifications } from './notifications.ts'
import { applySessionSettings, SessionClient } from './session.ts'

/** Name of the service's sessions; `rex move` finds a running service by it. */
export const applicationName = 'rex'
/** Name of the session in which a process listens: the only one that a pooler does not keep after its end. */
export const listenerName = 'rex-listen'

const connectTimeoutMs = 1500
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
    query: (statement, values) => probing(retryingConflicts(() => runStatement(pool, session.form(statement), values))),
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
    const [row] = await runStatement<{ schema: string | null }>(this.#pool, selectSchema)
    return new PrismaPg(this.#pool, { schema: row?.schema ?? 'public' }).connect()
  }
}

/** Not prepared, since the pool may be that of a pooler. */
const selectSchema = unpreparedStatement('select_current_schema', 'select current_schema() as schema')

/** The current statement rejects with the same error, or else the next one does. */
function ignoreLoss(): void {}

/** Ways in which statements run in the sessions of a server. */
interface Session extends TransactionForm {
  readonly options: pg.PoolConfig
  prepare(pool: pg.Pool): pg.Pool
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
