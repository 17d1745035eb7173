import { readConfig } from '../config/config.ts'
import { openDatabaseToImport } from '../database/open.ts'
import { createLog } from '../platform/log.ts'

/** `rex import-embedded`: imports the embedded database of Rex 0.1 into the new embedded one or into DATABASE_URL. */
export async function importEmbedded(): Promise<void> {
  const config = readConfig()
  const log = createLog(config.logLevel)
  const { hasPgliteFiles } = await import('../database/embedded/pglite-files.ts')
  if (!hasPgliteFiles(config.dataDir)) return console.log(`There is no database of Rex 0.1 in ${config.dataDir}.`)
  const { importPglite } = await import('../database/embedded/import-pglite.ts')
  const database = await openDatabaseToImport(config, log)
  try {
    const { rows, tables, keptIn } = await importPglite(config.dataDir, database)
    console.log(
      `Imported ${rows} rows of ${tables} tables. The files of 0.1 are kept in ${keptIn}; you can delete them.`,
    )
  } finally {
    await database.close()
  }
}
