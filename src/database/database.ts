import type { PrismaClient } from '../generated/prisma/client.ts'

export type Value =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | readonly (string | number | boolean | Date | null)[]

/** SQL with a name, under which it is prepared once per connection. */
export interface Statement {
  readonly name: string
  readonly text: string
  /** Set: it is not prepared, but planned each time. */
  readonly isPlannedAnew?: true
}

/** `statement('claim_deliveries', 'select …')`. Same name, same text. */
export function statement(name: string, text: string): Statement {
  return { name, text }
}

/**
 * SQL that PostgreSQL plans each time. The plan of a prepared statement is kept until the next analyze: one that was made
 * while the tables were empty reads all of them when they have grown meanwhile, which autovacuum may notice minutes later.
 */
export function plannedAnew(name: string, text: string): Statement {
  return { name, text, isPlannedAnew: true }
}

export interface Queryable {
  /** Rows as objects keyed by column; int8 as number, jsonb parsed, timestamps as Date. */
  query<Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]>
}

declare const openTransaction: unique symbol

/** An open transaction. Only `inTransaction` makes one, so what takes a Tx cannot run outside. */
export interface Tx extends Queryable {
  readonly [openTransaction]: true
}

/**
 * A PostgreSQL database (docs/decisions/0001).
 * When the database is away every method rejects within two seconds with an AppError `unavailable`.
 */
export interface Database extends Queryable {
  /** For reading; transactions that write are SQL under `inTransaction`. */
  readonly prisma: PrismaClient
  /** Commits what `work` wrote when it resolves; `work` runs again after a deadlock or serialization failure. */
  inTransaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Runs statements that are separated by semicolons: migrations alone. */
  runScript(sql: string): Promise<void>
  /** Calls back on every NOTIFY of the channel, and after each reconnect, since some may have been missed. */
  listen(channel: string, onNotify: () => void): Promise<{ stop(): Promise<void> }>
  close(): Promise<void>
}

const transactionAttempts = 3

/** `work` again after a deadlock or serialization failure, which PostgreSQL asks its callers to do. */
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

/** The five characters of a PostgreSQL error, or a Node error's code. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505'
}
