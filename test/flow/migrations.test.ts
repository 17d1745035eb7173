import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { sqlFromDatabaseToSchema } from '../../prisma/schema-engine.ts'
import type { Database } from '../../src/database/database.ts'
import { migrate, readMigrations } from '../../src/database/migrate.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { onServer } from '../support/on-server.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { runSql, silentLog } from '../support/test-parts.ts'

const names = readMigrations().map(({ name }) => name)

describe('the migrations', () => {
  let own: OwnDatabase
  let url: string

  beforeAll(async () => {
    own = await createTestDatabase()
    url = own.environment.DATABASE_URL
  })
  afterAll(() => own.drop())

  it('end where the schema is', async () => {
    expect(await sqlFromDatabaseToSchema(url)).toBe('')
  })

  // One after the other on one database: a difference stays.
  it.each([
    ['a column is missing', 'alter table contact drop column last_name', /ADD COLUMN +"last_name"/],
    ['a column is too many', 'alter table contact add column nickname text', /DROP COLUMN "nickname"/],
    ['an index is missing', 'drop index delivery_open_idx', /CREATE INDEX "delivery_open_idx"/],
    [
      'a unique key is missing',
      'drop index contact_workspace_id_email_key',
      /CREATE UNIQUE INDEX "contact_workspace_id_email_key"/,
    ],
    ['a table is missing', 'drop table attempt', /CREATE TABLE "attempt"/],
  ])('are seen to differ when %s', async (_, change, expected) => {
    expect(await sqlFromDatabaseToSchema(url)).not.toMatch(expected)
    await onServer(url, change)
    expect(await sqlFromDatabaseToSchema(url)).toMatch(expected)
  })
})

/** An empty database, and as many ways to it as a test wants. */
interface Empty {
  connect(role?: string): Promise<Database>
  drop(): Promise<void>
}

async function makeEmpty(): Promise<Empty> {
  const opened: Database[] = []
  const closeAll = () => Promise.all(opened.map((database) => database.close()))
  const keep = (database: Database) => {
    opened.push(database)
    return database
  }
  const serverUrl = inject('serverUrl')
  const name = `rex_test_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    connect: async (role) => {
      const ofRole = new URL(url)
      if (role !== undefined) ofRole.username = role
      return keep(connectPostgresql(ofRole.href, silentLog))
    },
    drop: async () => {
      await closeAll()
      await onServer(serverUrl, `drop database ${name} with (force)`)
    },
  }
}

describe('migrate', () => {
  let empty: Empty
  let database: Database

  beforeEach(async () => {
    empty = await makeEmpty()
    database = await empty.connect()
  })
  afterEach(() => empty.drop())

  const history = () =>
    runSql<{ migration_name: string; finished: boolean; checksum: string }>(
      database,
      `select migration_name, finished_at is not null as finished, checksum from _prisma_migrations order by migration_name`,
    )

  it('runs every migration once, and tells which', async () => {
    expect(await migrate(database)).toEqual(names)
    expect(await migrate(database)).toEqual([])
    const rows = await history()
    expect(rows.map(({ migration_name }) => migration_name)).toEqual(names)
    expect(rows.every(({ finished, checksum }) => finished && /^[0-9a-f]{64}$/.test(checksum))).toBe(true)
  })

  it('refuses a database that ran another text of a migration, and runs nothing', async () => {
    await migrate(database)
    await runSql(database, `update _prisma_migrations set checksum = repeat('0', 64) where migration_name = $1`, [
      names[0]!,
    ])
    await expect(migrate(database)).rejects.toThrow(`Migration ${names[0]} was changed after this database ran it.`)
    expect(await history()).toHaveLength(names.length)
  })

  it('leaves nothing behind when one fails, and can be run again', async () => {
    await runSql(database, 'create table webhook_endpoint (in_the_way int)')
    await expect(migrate(database)).rejects.toThrow()
    expect(await history()).toEqual([])
    const [{ workspace } = { workspace: true }] = await runSql<{ workspace: boolean }>(
      database,
      `select to_regclass('workspace') is not null as workspace`,
    )
    expect(workspace).toBe(false)
    await runSql(database, 'drop table webhook_endpoint')
    expect(await migrate(database)).toEqual(names)
  })

  it('does not touch what is stored', async () => {
    await migrate(database)
    await runSql(database, `insert into workspace (id, slug, name) values ('ws_1', 'acme', 'Acme')`)
    await migrate(database)
    expect(await runSql(database, 'select slug from workspace')).toEqual([{ slug: 'acme' }])
  })

  it('says which extensions it needs when the role may not create them', async () => {
    const role = `rex_test_${crypto.randomUUID().replaceAll('-', '')}`
    await runSql(database, `create role ${role} login`)
    await runSql(database, `grant all on schema public to ${role}`)
    const limited = await empty.connect(role)
    await expect(migrate(limited)).rejects.toThrow(/btree_gin, pg_trgm, unaccent.*CREATE EXTENSION IF NOT EXISTS/)
    await runSql(database, 'create extension btree_gin')
    await runSql(database, 'create extension unaccent')
    await runSql(database, 'create extension pg_trgm')
    expect(await migrate(limited)).toEqual(names)
    await runSql(database, `drop owned by ${role}`)
    await runSql(database, `drop role ${role}`)
  })

  it('is run by one of several processes that start together', async () => {
    const databases = [database, ...(await Promise.all([empty.connect(), empty.connect(), empty.connect()]))]
    const ran = await Promise.all(databases.map((database) => migrate(database)))
    expect(ran.filter((applied) => applied.length > 0)).toEqual([names])
    expect(await history()).toHaveLength(names.length)
  })
})
