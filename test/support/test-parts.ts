import type { CaptureRecord, CaptureResult } from '../../src/capture/write/prepared-capture.ts'
import { type CaptureWriter, createCaptureWriter } from '../../src/capture/write/writer.ts'
import type { Database, Queryable, Value } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { startWake, type Wake } from '../../src/events/signals.ts'
import { createLog } from '../../src/platform/log.ts'
import { createTestDatabase, type OwnDatabase } from './test-database.ts'

export const silentLog = createLog('silent')

/** What stands below the surfaces, on a database of one test file's own. */
export interface TestParts {
  readonly own: OwnDatabase
  readonly database: Database
  readonly wake: Wake
  readonly writer: CaptureWriter
  /** Writes captures as if they had come at the same time. */
  captureAll(records: readonly CaptureRecord[]): Promise<PromiseSettledResult<CaptureResult>[]>
  sql<Row>(text: string, values?: readonly Value[]): Promise<Row[]>
  close(): Promise<void>
}

export async function openParts(): Promise<TestParts> {
  const own = await createTestDatabase()
  const database = await openOwn(own)
  const wake = await startWake(database, silentLog)
  const writer = createCaptureWriter(database, wake)
  return {
    own,
    database,
    wake,
    writer,
    captureAll: (records) => Promise.allSettled(records.map((record) => writer.add(record))),
    sql: (text, values) => runSql(database, text, values),
    close: async () => {
      await writer.idle()
      await wake.stop()
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
