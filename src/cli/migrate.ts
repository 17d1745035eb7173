import { readConfig } from '../config/config.ts'
import { withDirectConnection } from '../database/connection/direct-connection.ts'
import { migrate } from '../database/migrate.ts'
import { openDatabase } from '../database/open.ts'
import { createLog } from '../platform/log.ts'
import type { Result } from './output/output.ts'

/** `rex migrate`: migrates the database to this version, and returns the applied migrations. */
export async function runMigrations(): Promise<Result> {
  const config = readConfig()
  const log = createLog(config.logLevel, process.stderr)
  const database = await openDatabase(config, log)
  try {
    const applied = await withDirectConnection(database, log, migrate)
    const text = applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Ran ${name}`).join('\n')
    return { json: { applied }, text, ids: applied }
  } finally {
    await database.close()
  }
}
