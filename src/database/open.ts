import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Database } from './database.ts'
import { meetDatabase } from './first-contact.ts'
import { connectPostgresql } from './postgresql.ts'

/** @throws RefusedSettingError when it cannot be used, FolderLockedError when another process has it */
export async function openDatabase({ databaseUrl, dataDir }: Config, log: Log): Promise<Database> {
  if (databaseUrl !== undefined) return meetDatabase(connectPostgresql(databaseUrl, log))
  // Only where it is used: PGlite is PostgreSQL itself, and takes its memory.
  const { openEmbedded } = await import('./embedded.ts')
  return openEmbedded(dataDir, log)
}
