import { readConfig } from '../config/config.ts'
import { migrate } from '../database/migrate.ts'
import { openDatabase } from '../database/open.ts'
import { createLog } from '../platform/log.ts'

/** `rex migrate`: migrates the database to this version, and prints the applied migrations. */
export async function runMigrations(): Promise<void> {
  const config = readConfig()
  const database = await openDatabase(config, createLog(config.logLevel))
  try {
    const applied = await migrate(database)
    console.log(applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Ran ${name}`).join('\n'))
  } finally {
    await database.close()
  }
}
