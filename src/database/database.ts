import type { PrismaClient } from '../generated/prisma/client.ts'

export type Value =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | readonly (string | number | boolean | Date | null)[]

/** Named SQL. Unless `isUnprepared` says otherwise, a connection prepares it once under its name, and plans it for any values. */
export interface Statement {
  readonly name: string
  readonly text: string
  /** Set for SQL that is not prepared, but planned for each execution. */
  readonly isUnprepared?: true
  /** Set for SQL that a transaction sends before it knows that it has begun. */
  readonly isOpening?: true
}

/**
 * Defines a statement that is often executed and reads few rows: `statement('claim_deliveries', 'select …')`. Its plan is made
 * for any values, and kept for two seconds (docs/decisions/0050). Statements with the same name have the same text.
 */
export function statement(name: string, text: string): Statement {
  return { name, text }
}

/**
 * Defines SQL that PostgreSQL plans for each execution and its values. It is for statements that are rare or read many rows, where the
 * best plan depends on a limit, a period or a list.
 */
export function unpreparedStatement(name: string, text: string): Statement {
  return { name, text, isUnprepared: true }
}

/**
 * Marks a statement that changes no data: it reads, or locks. A transaction that has not begun yet sends it behind its `begin` and
 * its first statement, in the same packet. If `begin` fails, it is executed alone.
 */
export function opening(read: Statement): Statement {
  return { ...read, isOpening: true }
}

export interface Queryable {
  /** Returns rows as objects keyed by column; int8 as number, jsonb parsed, timestamps as Date. */
  query<Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]>
}

declare const openTransaction: unique symbol

/**
 * Open transaction. Only `inTransaction` creates one, so functions with a Tx parameter cannot run outside. Statements are
 * executed in the order of their calls, whether a result is awaited or not. Those that `work` does not await are sent
 * together with the commit, in one round trip; if one fails, nothing is committed and `inTransaction` rejects.
 */
export interface Tx extends Queryable {
  readonly [openTransaction]: true
}

/**
 * Leaves calls that have sent their last statement to the commit, which takes these statements along and rejects if one of
 * them fails. Await it: it rejects if a call has failed before it sent anything, which PostgreSQL would not notice. A call
 * must send all its statements at once, and lie within five functions.
 */
export async function leaveToCommit(...calls: readonly Promise<unknown>[]): Promise<void> {
  const errors: unknown[] = []
  for (const call of calls) call.catch((error: unknown) => errors.push(error))
  for (let turn = 0; turn < turnsOfErrors; turn++) await undefined
  if (errors.length > 0) throw errors[0]
}

/** Turns of the microtask queue for an error to arrive: each async function that it passes takes up to three. */
const turnsOfErrors = 15

/**
 * A PostgreSQL database (docs/decisions/0001).
 * When the database is unavailable every method rejects within two seconds with an AppError `unavailable`.
 */
export interface Database extends Queryable {
  /** For reads; transactions that write use SQL in `inTransaction`. */
  readonly prisma: PrismaClient
  /** Commits the writes of `work` when it resolves; `work` runs again after a deadlock or serialization failure. */
  inTransaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Runs statements that are separated by semicolons; only for migrations. */
  runScript(sql: string): Promise<void>
  /**
   * Calls back with the payload of every NOTIFY of the channel, and with '' after each reconnect, since notifications may
   * have been missed.
   */
  listen(channel: string, onNotify: (payload: string) => void): Promise<{ stop(): Promise<void> }>
  /** Tells the connection that listens for this database from those of others. */
  readonly listenerId: number
  /** Returns the number of connections of the pool, and of callers that wait for one. */
  poolUse(): PoolUse
  close(): Promise<void>
}

export interface PoolUse {
  readonly idle: number
  readonly busy: number
  readonly waiting: number
}

const transactionAttempts = 3

/** Repeats `work` after a deadlock or serialization failure, as PostgreSQL requires of its clients. */
export async function retryingConflicts<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === transactionAttempts || !isConflict(error)) throw error
    }
  }
}

function isConflict(error: unknown): boolean {
  const code = sqlState(error)
  return code === '40001' || code === '40P01'
}

/** Returns the five characters of a PostgreSQL error, or the code of a Node error. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505'
}

/** Resolves when the database responds. */
export async function ping(database: Queryable): Promise<void> {
  await database.query(selectOne)
}

const selectOne = statement('select_one', 'select 1')
