import pg from 'pg'
import type { Database } from '../src/database/database.ts'

/** Statements that may take as long as they want. */
export interface Scripts extends AsyncDisposable {
  run(sql: string): Promise<unknown>
}

/** On a server over a connection of its own, since Rex ends statements after some seconds. */
export async function openScripts(database: Database, url: string | undefined): Promise<Scripts> {
  if (url === undefined) return { run: (sql) => database.runScript(sql), [Symbol.asyncDispose]: async () => {} }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { run: (sql) => client.query(sql), [Symbol.asyncDispose]: () => client.end() }
}
