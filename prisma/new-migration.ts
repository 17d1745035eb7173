import { mkdirSync, writeFileSync } from 'node:fs'
import { embeddedDatabase, openPglite } from '../src/database/embedded.ts'
import { migrate } from '../src/database/migrate.ts'
import { sqlFromDatabaseToSchema } from './schema-engine.ts'

const name = process.argv[2]
if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Usage: npm run db:migration -- name_in_lower_case')
  process.exit(1)
}

const pglite = await openPglite('memory://')
const database = embeddedDatabase(pglite)
await migrate(database)
const sql = await sqlFromDatabaseToSchema(pglite)
await database.close()

if (sql === '') {
  console.log('The migrations agree with the schema: there is nothing to write.')
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = new URL(`./migrations/${stamp}_${name}/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('migration.sql', folder), sql)
  console.log(`Wrote prisma/migrations/${stamp}_${name}/migration.sql. Read it before you commit it.`)
}
