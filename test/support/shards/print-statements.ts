import { globSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Database, Statement } from '../../../src/database/database.ts'
import type { Log } from '../../../src/platform/log.ts'
import { definitionOf } from './statement-sources.ts'

/**
 * Prints the statements of the service as JSON. Imports every module that defines one, in a process of its own in which
 * `database.ts` keeps what they define, and calls the two functions that build a statement for each table.
 */
const repository = join(import.meta.dirname, '../../..')
/** The definitions themselves, and the import of an embedded database of 0.1 before the service starts. */
const notOfService = new Set(['src/database/database.ts', 'src/database/embedded/import-pglite.ts'])
const databaseUrl = pathToFileURL(join(repository, 'src/database/database.ts')).href
const recordingUrl = pathToFileURL(join(import.meta.dirname, 'recording-database.ts')).href

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    if (resolved.url !== databaseUrl || context.parentURL === recordingUrl) return resolved
    return { ...resolved, url: recordingUrl }
  },
})

for (const file of globSync('src/**/*.ts', { cwd: repository, exclude: ['src/generated/**'] }))
  if (definitionOf.test(readFileSync(join(repository, file), 'utf8')) && !notOfService.has(file))
    await import(pathToFileURL(join(repository, file)).href)

const { reencryptTable } = await import('../../../src/database/reencryption.ts')
const { createWorkspaceRemoval } = await import('../../../src/workspaces/workspace-removal.ts')
const database = emptyDatabase()
await reencryptTable(database, { reseal: () => '' } as never, {
  name: 'webhook_endpoint',
  columns: [{ name: 'secret' }],
})
await createWorkspaceRemoval(database, {} as Log)()

const { defined } = await import('./recording-database.ts')
console.log(JSON.stringify([...defined]))

/** A database in which one workspace is deleted, which has no rows. */
function emptyDatabase(): Database {
  const rows: Record<string, object[]> = {
    lock_deleted_workspaces: [{ id: 'ws_1', is_over: false }],
    select_tables_of_workspaces: [{ name: 'contact' }],
  }
  const query = async ({ name }: Statement) => rows[name] ?? []
  return { query, inTransaction: (work: (tx: unknown) => unknown) => work({ query }) } as unknown as Database
}
