import { readConfig } from '../src/config/config.ts'
import { statement } from '../src/database/database.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { createLog } from '../src/platform/log.ts'
import { bootstrap } from '../src/workspaces/bootstrap.ts'

/**
 * Creates Rex's tables without the indexes that only Rex's lists need, for servers that store a contact, a submission and
 * an event. What remains are the primary keys and the unique e-mail of a workspace. Returns the id of the workspace.
 */
export async function createCaptureTables(environment: Readonly<Record<string, string>>): Promise<string> {
  const database = await openDatabase(readConfig(environment), createLog('silent'))
  try {
    await migrate(database)
    await bootstrap(database, { slug: 'default', configuredKey: undefined })
    await database.runScript(dropIndexes)
    const [workspace] = await database.query<{ id: string }>(selectWorkspace, [])
    if (workspace === undefined) throw new Error('The default workspace is missing.')
    return workspace.id
  } finally {
    await database.close()
  }
}

const selectWorkspace = statement('select_bench_workspace', `select id from workspace where slug = 'default'`)

const dropIndexes = `
  do $$ declare found record; begin
    for found in
      select indexrelid::regclass as name from pg_index
      where indrelid in ('contact'::regclass, 'submission'::regclass, 'event'::regclass) and not indisunique
    loop execute 'drop index ' || found.name; end loop;
  end $$`
