import type { Database } from '../../src/database/database.ts'
import type { Place } from './secret-forms.ts'
import { runSql } from './test-parts.ts'

/** Every column of every table that there is, whichever migration made it: what a dump would show. Bytes are in hexadecimal. */
export async function dumpDatabase(database: Database): Promise<Place[]> {
  const columns = await runSql<{ table: string; column: string }>(database, selectColumns)
  return Promise.all(
    columns.map(async ({ table, column }) => {
      const rows = await runSql<{ value: string }>(
        database,
        `select "${column}"::text as value from ${table} where "${column}" is not null`,
      )
      return { name: `${table}.${column}`, text: rows.map(({ value }) => value).join('\n') }
    }),
  )
}

const selectColumns = `
  select quote_ident(table_schema) || '.' || quote_ident(table_name) as table, column_name as column
  from information_schema.columns
  join information_schema.tables using (table_schema, table_name)
  where table_type = 'BASE TABLE'
    and table_schema not in ('pg_catalog', 'information_schema')
  order by 1, 2`
