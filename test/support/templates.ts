import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../../src/database/embedded.ts'
import { migrate } from '../../src/database/migrate.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { createLog } from '../../src/log.ts'
import { onServer } from './on-server.ts'

/** A migrated data folder to copy: a first start takes seconds, a copy a fraction of one. */
export async function makeTemplateFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-template-'))
  const database = await openEmbedded(folder)
  await migrate(database)
  await database.close()
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A migrated database on the server to copy. */
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
