import type { OwnDatabase } from './test-database.ts'
import { openOwn, runSql } from './test-parts.ts'

/** Runs one statement on the database of an app, on a connection of its own. */
export async function runOn<Row>({ database }: { readonly database: OwnDatabase }, text: string): Promise<Row[]> {
  const own = await openOwn(database)
  try {
    return await runSql<Row>(own, text)
  } finally {
    await own.close()
  }
}
