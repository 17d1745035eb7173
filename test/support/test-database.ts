import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { makeHostile } from './hostile-settings.ts'
import { onServer } from './on-server.ts'

/** A database of one test file's own, as the environment of a Rex. */
export interface OwnDatabase {
  readonly environment: { readonly REX_DATA_DIR: string; readonly DATABASE_URL: string }
  drop(): Promise<void>
}

/** Makes a migrated database: a copy of the run's template. */
export function createTestDatabase(): Promise<OwnDatabase> {
  return createFrom(inject('templateDatabase'))
}

/** Makes a database that no Rex has started on yet. */
export function createEmptyDatabase(): Promise<OwnDatabase> {
  return createFrom('template1')
}

async function createFrom(template: string): Promise<OwnDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-test-'))
  const serverUrl = inject('serverUrl')
  const name = `rex_test_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl, `create database ${name} template ${template} ${inject('copyStrategy')}`)
  await onServer(serverUrl, makeHostile(name))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    environment: { REX_DATA_DIR: folder, DATABASE_URL: url.href },
    drop: async () => {
      await onServer(serverUrl, `drop database if exists ${name} with (force)`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
