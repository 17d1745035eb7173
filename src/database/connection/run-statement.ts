import type pg from 'pg'
import { unavailable } from '../../platform/errors.ts'
import { type Statement, sqlState, type Value } from '../database.ts'
import { statementTimeoutMs } from '../session.ts'
import { failStatementSpan, startStatementSpan } from '../statement-spans.ts'
import type { RowsQueryConfig } from './rows-query.ts'
import { encodeTextArrays } from './text-arrays.ts'

const responseTimeoutMs = statementTimeoutMs + 2000

/**
 * Executes a statement and returns its rows.
 * @param begins whether it begins a transaction, on a connection that has prepared `begin`
 * @throws AppError `unavailable`, or the error of PostgreSQL
 */
export async function runStatement<Row>(
  client: pg.Pool | pg.PoolClient,
  { name, text, isUnprepared }: Statement,
  values: readonly Value[] = [],
  begins = false,
): Promise<Row[]> {
  const span = startStatementSpan(name)
  try {
    const settings = isUnprepared ? { query_timeout: responseTimeoutMs } : nameAndTimeout(name)
    const query: RowsQueryConfig = {
      readsRows: true,
      ...settings,
      text,
      values: encodeTextArrays(text, values),
      begins,
    }
    const { rows } = await client.query<Row & pg.QueryResultRow>(query)
    span?.end()
    return rows
  } catch (error) {
    if (span !== undefined) failStatementSpan(span, error)
    throw isUnavailable(error) ? unavailable(error) : error
  }
}

/** Returns the timeout of a statement for an unresponsive server; a migration has no name and no timeout. */
function nameAndTimeout(name: string): { name?: string; query_timeout?: number } {
  return name === '' ? {} : { name, query_timeout: responseTimeoutMs }
}

// 53100: disk full; 53200: out of memory; 55000: the database takes no connections; 58030: input or output error.
const unavailableStates = new Set([
  '25006',
  '55000',
  '57P01',
  '57P02',
  '57P03',
  '53100',
  '53200',
  '53300',
  '57014',
  '58030',
])

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
