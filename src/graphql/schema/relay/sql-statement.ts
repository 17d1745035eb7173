import { type Statement, statement, unpreparedStatement, type Value } from '../../../database/database.ts'
import type { Prisma } from '../../../generated/prisma/client.ts'

/**
 * Returns the arguments of `Database.query` for SQL that is composed of parts. It is planned for each execution, since
 * one plan for all values could not start at a cursor. Prisma's `$queryRaw` takes three times as long for the same.
 */
export function sqlOf({ text, values }: Prisma.Sql): [Statement, Value[]] {
  return [unpreparedStatement('', text), values as Value[]]
}

/** Like `sqlOf`, but prepared: only where one plan is good for all values. */
export function preparedSql({ text, values }: Prisma.Sql): [Statement, Value[]] {
  return [preparedText(text), values as Value[]]
}

/** Each connection keeps its prepared statements, so their number is limited. */
const maxPrepared = 200
const prepared = new Map<string, Statement>()

/**
 * Returns a prepared statement for a text that depends on the selected columns; above the limit, one that is not
 * prepared. Use it only where one plan is good for all values.
 */
export function preparedText(text: string): Statement {
  const known = prepared.get(text)
  if (known !== undefined) return known
  if (prepared.size >= maxPrepared) return unpreparedStatement('', text)
  const added = statement(`select_page_${prepared.size}`, text)
  prepared.set(text, added)
  return added
}
