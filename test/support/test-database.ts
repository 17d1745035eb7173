import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestDatabase } from './global-setup.ts'
import { makeHostile } from './hostile-settings.ts'
import { onServer } from './on-server.ts'

/** A migrated database of one test file's own, as the environment of a Rex. */
export interface OwnDatabase {
  readonly kind: TestDatabase
  readonly environment: { readonly REX_DATA_DIR: string; readonly DATABASE_URL?: string }
  drop(): Promise<void>
}

/** Copies the template that the run made: a folder, or a database of the server. */
export async function createTestDatabase(kind: TestDatabase): Promise<OwnDatabase> {
  const { folder, remove } = await makeFolder()
  if (kind === 'postgresql') return onOwnServerDatabase(folder, remove, inject('templateDatabase') ?? undefined)
  await cp(inject('templateFolder'), folder, { recursive: true })
  return { kind, environment: { REX_DATA_DIR: folder }, drop: remove }
}

/** One that no Rex has started on yet. */
export async function createEmptyDatabase(kind: TestDatabase): Promise<OwnDatabase> {
  const { folder, remove } = await makeFolder()
  if (kind === 'postgresql') return onOwnServerDatabase(folder, remove)
  return { kind, environment: { REX_DATA_DIR: folder }, drop: remove }
}

async function makeFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-test-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function onOwnServerDatabase(
  folder: string,
  removeFolder: () => Promise<void>,
  template = 'template1',
): Promise<OwnDatabase> {
  const { url, drop } = await createOnServer(template)
  return {
    kind: 'postgresql',
    environment: { REX_DATA_DIR: folder, DATABASE_URL: url },
    drop: async () => {
      await drop()
      await removeFolder()
    },
  }
}

async function createOnServer(template: string): Promise<{ url: string; drop(): Promise<void> }> {
  const serverUrl = inject('postgresUrl')
  if (serverUrl === null) throw new Error('This run has no PostgreSQL.')
  const name = `rex_test_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl, `create database ${name} template ${template}`)
  await onServer(serverUrl, makeHostile(name))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) }
}
