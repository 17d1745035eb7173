import type { CaptureResult, PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { type CaptureWriter, createCaptureWriter } from '../../src/capture/write/writer.ts'
import type { Database, Queryable, Value } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { type Signals, startSignals } from '../../src/events/signals.ts'
import { createLog } from '../../src/platform/log.ts'
import { createTestDatabase, type OwnDatabase } from './test-database.ts'

export const silentLog = createLog('silent')

/** What stands below the surfaces, on a database of one test file's own. */
export interface TestParts {
  readonly own: OwnDatabase
  readonly database: Database
  readonly signals: Signals
  readonly writer: CaptureWriter
  /** Writes captures as if they had come at the same time. */
  captureAll(records: readonly PreparedCapture[]): Promise<PromiseSettledResult<CaptureResult>[]>
  sql<Row>(text: string, values?: readonly Value[]): Promise<Row[]>
  close(): Promise<void>
}

export async function openParts(): Promise<TestParts> {
  const own = await createTestDatabase()
  const database = await openOwn(own)
  const signals = await startSignals(database, silentLog)
  const writer = createCaptureWriter(database, signals)
  return {
    own,
    database,
    signals,
    writer,
    captureAll: (records) => Promise.allSettled(records.map((record) => writer.add(record))),
    sql: (text, values) => runSql(database, text, values),
    close: async () => {
      await writer.idle()
      await signals.stop()
      await database.close()
      await own.drop()
    },
  }
}

/** Opens the database as another process would. */
export async function openOwn({ environment }: OwnDatabase): Promise<Database> {
  return connectPostgresql(environment.DATABASE_URL, silentLog)
}

/** A statement of a test's own. */
export function runSql<Row>(database: Queryable, text: string, values: readonly Value[] = []): Promise<Row[]> {
  return database.query<Row>({ name: '', text }, values)
}

/** What came of work that is expected to succeed. */
export function valuesOf<Value>(results: readonly PromiseSettledResult<Value>[]): Value[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** The code of the AppError that the work rejects with; undefined when it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
}
