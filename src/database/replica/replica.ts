import type { Log } from '../../platform/log.ts'
import { directUrlOf } from '../connection/server-address.ts'
import type { Database } from '../database.ts'
import type { OpenedDatabase } from '../open.ts'
import { connectPostgresql, type PooledDatabase } from '../postgresql.ts'
import { createProbe } from './probe.ts'
import { createReplicaCheck } from './replica-check.ts'
import { type ReplicaStatus, type ReplicaWatch, startReplicaWatch } from './replica-watch.ts'
import { type PrimaryState, type ReplicaState, selectPrimaryState, selectReplicaState } from './server-states.ts'

/** A streaming replica of the database, which serves reads (docs/decisions/0039). */
export interface Replica {
  /**
   * The database with the statements of its `query` and `prisma` on the replica. A statement that fails there runs once
   * more on the primary.
   */
  readonly database: Database
  readonly status: ReplicaStatus
  /** Time up to which the replica has every commit. */
  readonly coveredUntil: number | undefined
  /** Number of statements that failed on the replica and ran on the primary. */
  readonly repeatedCount: number
  close(): Promise<void>
}

/** A silent replica costs a statement at most `everyMs`, `primaryFirstMs` and `replicaTimeoutMs`. */
const times = {
  everyMs: 300,
  primaryFirstMs: 200,
  primaryTimeoutMs: 2000,
  replicaTimeoutMs: 500,
  backAfterMs: 5000,
}

interface ReplicaOptions {
  readonly url: string
  readonly primary: OpenedDatabase
  readonly maxLagMs: number
  readonly log: Log
}

/** Connects to the replica, and again whenever it comes back. It may be away, also at the start. */
export function startReplica({ url, primary, maxLagMs, log }: ReplicaOptions): Replica {
  let repeatedCount = 0
  // The watch logs each change; a line for each lost connection would repeat it.
  const quietLog = log.child({}, { level: 'error' })
  const connect = () => {
    const connected = connectPostgresql(url, quietLog, primary.pool.options.max)
    repeatOnPrimary(connected.pool, primary.pool, { isInUse: () => watch.status.isInUse, ...guards })
    return { connected, database: { ...primary, query: connected.query, prisma: connected.prisma } }
  }
  const guards: Pick<Guards, 'whileResponding' | 'onRepeat'> = {
    whileResponding: (work) => watch.whileResponding(work),
    onRepeat: () => {
      repeatedCount += 1
    },
  }
  let current = connect()
  const check = createReplicaCheck({
    primary: createProbe<PrimaryState>(directUrlOf(primary) ?? primary.url, selectPrimaryState, times.primaryTimeoutMs),
    replica: createProbe<ReplicaState>(url, selectReplicaState, times.replicaTimeoutMs),
    ...{ maxLagMs, primaryFirstMs: times.primaryFirstMs },
  })
  const watch: ReplicaWatch = startReplicaWatch({
    ...{ check, log, everyMs: times.everyMs, backAfterMs: times.backAfterMs },
    onAway: () => {
      void current.connected.close()
      current = connect()
    },
  })
  return {
    get database() {
      return current.database
    },
    get status() {
      return watch.status
    },
    get coveredUntil() {
      return check.coveredUntil
    },
    get repeatedCount() {
      return repeatedCount
    },
    close: async () => {
      watch.stop()
      await current.connected.close()
    },
  }
}

type Pool = PooledDatabase['pool']

interface Guards {
  isInUse(): boolean
  whileResponding<Result>(work: Promise<Result>): Promise<Result>
  onRepeat(): void
}

/**
 * Makes a pool repeat each failed statement on another one. Plain statements and Prisma's both pass here. Reads may be
 * repeated after any error, so there is no list of errors that may miss one.
 */
function repeatOnPrimary(pool: Pool, primary: Pool, { isInUse, whileResponding, onRepeat }: Guards): void {
  const repeat = ([query, ...rest]: unknown[]) => Reflect.apply(primary.query, primary, [unnamed(query), ...rest])
  pool.query = new Proxy(pool.query, {
    apply: async (query, self, parameters: unknown[]) => {
      if (!isInUse()) return repeat(parameters)
      try {
        return await whileResponding(Reflect.apply(query, self, parameters))
      } catch {
        onRepeat()
        return repeat(parameters)
      }
    },
  })
}

/** Returns the query without the name under which it would be prepared: the primary may be behind a pooler. */
function unnamed(query: unknown): unknown {
  return typeof query === 'object' ? { ...query, name: undefined } : query
}
