import { readConfig } from '../config/config.ts'
import { migrate } from '../database/migrate.ts'
import { openDatabase } from '../database/open.ts'
import { createLog } from '../platform/log.ts'
import type { Result } from './output/output.ts'

/** `rex migrate`: migrates the database to this version, and returns the applied migrations. */
export async function runMigrations(): Promise<Result> {
  const config = readConfig()
  const database = await openDatabase(config, createLog(config.logLevel, process.stderr))
  try {
    const applied = await migrate(database)
    const text = applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Ran ${name}`).join('\n')
    return { json: { applied }, text, ids: applied }
  } finally {
    await database.close()
  }
}
