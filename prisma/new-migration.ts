import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedServer } from '../src/database/embedded/embedded-server.ts'
import { migrate } from '../src/database/migrate.ts'
import { connectPostgresql } from '../src/database/postgresql.ts'
import { createLog } from '../src/platform/log.ts'
import { sqlFromDatabaseToSchema } from './schema-engine.ts'

const name = process.argv[2]
if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Usage: npm run db:migration -- name_in_lower_case')
  process.exit(1)
}

const sql = await sqlOfChanges()
if (sql === '') {
  console.log('The migrations agree with the schema: there is nothing to write.')
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = new URL(`./migrations/${stamp}_${name}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('migration.sql', folder), sql)
  console.log(`Wrote prisma/migrations/${stamp}_${name}/migration.sql. Read it before you commit it.`)
}

/** Compares the schema with a migrated database on a server that lives as long as this takes. */
async function sqlOfChanges(): Promise<string> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'rex-migration-'))
  const log = createLog('warn')
  const server = await startEmbeddedServer({ dataFolder, log })
  try {
    const database = connectPostgresql(server.url, log)
    await migrate(database)
    await database.close()
    return await sqlFromDatabaseToSchema(server.url)
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
