import { readConfig } from '../config/config.ts'
import { openDatabaseToImport } from '../database/open.ts'
import { createLog } from '../platform/log.ts'
import type { Result } from './output/output.ts'

/** `rex import-embedded`: imports the embedded database of Rex 0.1 into the new embedded one or into DATABASE_URL. */
export async function importEmbedded(): Promise<Result> {
  const config = readConfig()
  const log = createLog(config.logLevel, process.stderr)
  const { hasPgliteFiles } = await import('../database/embedded/pglite-files.ts')
  if (!hasPgliteFiles(config.dataDir))
    return { json: { rows: 0, tables: 0, keptIn: null }, text: `There is no database of Rex 0.1 in ${config.dataDir}.` }
  const { importPglite } = await import('../database/embedded/import-pglite.ts')
  const database = await openDatabaseToImport(config, log)
  try {
    const { rows, tables, keptIn } = await importPglite(config.dataDir, database)
    const text = `Imported ${rows} rows of ${tables} tables. The files of 0.1 are kept in ${keptIn}; you can delete them.`
    return { json: { rows, tables, keptIn }, text }
  } finally {
    await database.close()
  }
}
