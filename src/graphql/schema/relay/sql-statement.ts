import { type Statement, unpreparedStatement, type Value } from '../../../database/database.ts'
import type { Prisma } from '../../../generated/prisma/client.ts'

/**
 * Returns the arguments of `Database.query` for SQL that is composed of parts. It is planned for each execution, since
 * one plan for all values could not start at a cursor. Prisma's `$queryRaw` takes three times as long for the same.
 */
export function sqlOf({ text, values }: Prisma.Sql): [Statement, Value[]] {
  return [unpreparedStatement('', text), values as Value[]]
}
