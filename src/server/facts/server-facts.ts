import { type Database, ping, type Statement, type Value } from '../../database/database.ts'
import { withTimeout } from '../../platform/timeout.ts'
import {
  limitDuration,
  selectDueDeliveries,
  selectEndpointStates,
  selectHeldReasons,
  selectReaders,
  selectReadersBehind,
  selectTableBytes,
} from './fact-statements.ts'

/** State of the whole server, as the database knows it. A fact is missing when it could not be read yet. */
export interface ServerFacts {
  /** Whether the database did not respond to the last question. The other facts are then those of before. */
  readonly isDatabaseSilent: boolean
  /** Highest position of the event log. */
  readonly eventLogPosition?: number
  /** Readers of the log; `fanout_behind` is the sum over workspaces that fan-out catches up with separately. */
  readonly readers?: readonly ReaderLag[]
  readonly deliveries?: DueDeliveries
  /** Endpoints by state: `enabled`, `failing` (enabled, without a success since its last failure), `disabled`, … */
  readonly endpoints?: Counts
  /** Held submissions by their first reason; 10,000 at most are counted. */
  readonly held?: Counts
  /** Bytes of each table with its indexes. */
  readonly tableBytes?: Counts
}

/** Counts by name. */
export type Counts = ReadonlyMap<string, number>

interface ReaderLag {
  readonly reader: string
  /** Positions between the reader and the end of the log. */
  readonly lagEvents: number
  /** Age of the first event that it has not read; 0 when it has read all. */
  readonly lagSeconds: number
}

interface DueDeliveries {
  /** Deliveries that may be attempted now, or are in flight; at most 1,000 of an endpoint, and 20,000 in all, are counted. */
  readonly due: number
  readonly oldestDueSeconds: number
}

/** Reader of the log that this process knows, for one whose position is not stored, or not yet. */
export interface KnownReader {
  readonly reader: string
  readonly position: number
}

/** Time that the database has for its first response. */
const respondsWithinMs = 700

/**
 * Reads the facts one after the other, so that they use one connection. A fact that cannot be read, since its statement
 * takes longer than a second or the database is away, stays as it is in `before`.
 * @param publish called with what is known after each fact
 */
export async function readServerFacts(
  database: Database,
  readers: readonly KnownReader[] = [],
  { before, publish }: { readonly before?: ServerFacts; readonly publish?: (facts: ServerFacts) => void } = {},
): Promise<ServerFacts> {
  let facts: ServerFacts = { ...before, isDatabaseSilent: !(await responds(database)) }
  publish?.(facts)
  if (facts.isDatabaseSilent) return facts
  for (const read of [readLog, readDue, readEndpoints, readHeld, readTables]) {
    // The fact before it is better than none, and `isDatabaseSilent` reports the database.
    const fact = await read(database, readers).catch(() => ({}))
    facts = { ...facts, ...fact }
    publish?.(facts)
  }
  return facts
}

type Fact = Partial<ServerFacts>

function responds(database: Database): Promise<boolean> {
  return withTimeout(ping(database), respondsWithinMs).then(
    () => true,
    () => false,
  )
}

interface ReaderRow {
  readonly reader: string
  readonly head: number
  readonly lag_events: number
  readonly lag_seconds: number
}

async function readLog(database: Database, readers: readonly KnownReader[]): Promise<Fact> {
  const known = [readers.map(({ reader }) => reader), readers.map(({ position }) => position)]
  const rows = await query<ReaderRow>(database, selectReaders, known)
  const behind = await query<ReaderRow>(database, selectReadersBehind)
  const [first] = rows
  return {
    ...(first && { eventLogPosition: first.head }),
    readers: [...rows, ...behind].map((row) => ({
      reader: row.reader,
      lagEvents: row.lag_events,
      lagSeconds: row.lag_seconds,
    })),
  }
}

async function readDue(database: Database): Promise<Fact> {
  const [row] = await query<{ count: number; oldest_seconds: number }>(database, selectDueDeliveries)
  return { deliveries: { due: row?.count ?? 0, oldestDueSeconds: row?.oldest_seconds ?? 0 } }
}

async function readEndpoints(database: Database): Promise<Fact> {
  return { endpoints: await countsOf(database, selectEndpointStates) }
}

async function readHeld(database: Database): Promise<Fact> {
  return { held: await countsOf(database, selectHeldReasons) }
}

async function readTables(database: Database): Promise<Fact> {
  return { tableBytes: await countsOf(database, selectTableBytes) }
}

async function countsOf(database: Database, statement: Statement): Promise<Counts> {
  const rows = await query<{ name: string; count: number }>(database, statement)
  return new Map(rows.map(({ name, count }) => [name, count]))
}

/** Runs a statement with its own time limit, which ends with the transaction. */
function query<Row>(database: Database, statement: Statement, values?: readonly Value[]): Promise<Row[]> {
  return database.inTransaction(async (tx) => {
    void tx.query(limitDuration)
    return tx.query<Row>(statement, values)
  })
}
