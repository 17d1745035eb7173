import pg from 'pg'
import type { Database } from '../src/database/database.ts'

/** Runner for statements without a time limit. */
export interface Scripts extends AsyncDisposable {
  run(sql: string): Promise<unknown>
}

/** Opens a runner. On a server it has its own connection, because Rex cancels statements after some seconds. */
export async function openScripts(database: Database, url: string | undefined): Promise<Scripts> {
  if (url === undefined) return { run: (sql) => database.runScript(sql), [Symbol.asyncDispose]: async () => {} }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return { run: (sql) => client.query(sql), [Symbol.asyncDispose]: () => client.end() }
}
