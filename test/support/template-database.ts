import { migrate } from '../../src/database/migrate.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { createLog } from '../../src/platform/log.ts'
import { onServer } from './on-server.ts'

/** Makes a migrated database on the server: tests copy it, which is faster than to migrate each of theirs. */
export async function makeTemplateDatabase(serverUrl: string): Promise<{ name: string; remove(): Promise<void> }> {
  const name = `rex_template_${process.pid}_${Date.now()}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const database = connectPostgresql(url.href, createLog('silent'))
  await migrate(database)
  await database.close()
  return { name, remove: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) }
}
