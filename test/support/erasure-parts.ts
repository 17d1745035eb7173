import { createApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Database } from '../../src/database/database.ts'
import { createLog } from '../../src/platform/log.ts'
import { createGraphqlClient, type GraphqlClient } from './graphql-client.ts'
import { createTestDatabase } from './test-database.ts'
import { openOwn, runSql } from './test-parts.ts'

export type Json = Record<string, unknown>

/** A Rex whose database can be looked into once the process has stopped. */
export interface OpenableRex {
  readonly url: string
  readonly graphql: GraphqlClient
  /** Stops it, and looks at what it has left. */
  lookInto<Result>(look: (database: Database) => Promise<Result>): Promise<Result>
  stop(): Promise<void>
}

export async function startOpenableRex(settings: Record<string, string>): Promise<OpenableRex> {
  const own = await createTestDatabase()
  const key = 'test-admin-key-0123456789-0123456789'
  const config = readConfig({ PORT: '0', REX_API_KEY: key, REX_DRAIN_MS: '0', ...own.environment, ...settings })
  const app = createApp(config, createLog('silent'))
  const { url } = await app.start()
  return {
    url,
    graphql: createGraphqlClient({ url, key }),
    lookInto: async (look) => {
      await app.stop()
      const database = await openOwn(own)
      return look(database).finally(() => database.close())
    },
    stop: async () => {
      await app.stop()
      await own.drop()
    },
  }
}

/** Every row of every table in which a text stands, in whichever column, as `table: row`, by workspace. */
export async function rowsWith(database: Database, text: string): Promise<Map<string, string[]>> {
  const tables = await runSql<{ name: string }>(
    database,
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
     order by 1`,
  )
  const found = new Map<string, string[]>()
  for (const { name } of tables) {
    const rows = await runSql<{ row: string; workspace: string | null }>(
      database,
      `select t::text as row, to_jsonb(t) ->> 'workspace_id' as workspace from "${name}" t where t::text ilike $1`,
      [`%${text}%`],
    )
    for (const { row, workspace } of rows)
      found.set(workspace ?? '', [...(found.get(workspace ?? '') ?? []), `${name}: ${row}`])
  }
  return found
}

/** The tables in which rows stand, each once. */
export function tablesOf(rows: readonly string[] | undefined): string[] {
  return [...new Set((rows ?? []).map((row) => row.slice(0, row.indexOf(':'))))]
}
