import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { lockStatement, lockText } from './advisory-locks.ts'
import { type Database, sqlState, statement, type Tx } from './database.ts'
import { explainMissingRights } from './role-rights.ts'

const migrationsFolder = new URL('../../prisma/migrations/', import.meta.url)

export interface Migration {
  readonly name: string
  readonly sql: string
}

const extensions = ['btree_gin', 'pg_trgm', 'unaccent']

/** Thrown when the role may not create an extension, or the server does not have it. */
export class ExtensionRefusedError extends Error {
  constructor(extension: string, cause: unknown) {
    super(
      `The database needs the PostgreSQL extensions ${extensions.join(', ')}, and ${extension} could not be created. ` +
        'They come with PostgreSQL (on some systems in a package postgresql-contrib), and every role with the right ' +
        'CREATE on the database may create them. Let one such role run: ' +
        `${extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS ${name};`).join(' ')} Then start again.`,
      { cause },
    )
    this.name = 'ExtensionRefusedError'
  }
}

/** Returns the migrations of this version, oldest first. */
export function readMigrations(): Migration[] {
  return readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(new URL(`${name}/migration.sql`, migrationsFolder), 'utf8') }))
}

/**
 * Migrates the database to this version and returns the names of the applied migrations. It is one transaction under an
 * advisory lock: processes that start together wait for each other, and a failed migration leaves no changes. The table
 * is Prisma's own, so `prisma migrate status` agrees.
 * @param only names of the migrations to run; undefined: all of this version
 * @throws ExtensionRefusedError, RefusedSettingError when the role lacks a right
 */
export function migrate(database: Database, only?: ReadonlySet<string>): Promise<string[]> {
  return explainMissingRights(database, async () => {
    await createHistory(database)
    return runPending(database, only)
  })
}

/**
 * Creates the history table when it is missing: a role without the right to create tables can start on a migrated
 * database.
 */
async function createHistory(database: Database): Promise<void> {
  const [found] = await database.query<{ exists: boolean }>(selectHistoryTable)
  if (found?.exists) return
  // One script is one transaction, and leaves none open when it fails.
  await database.runScript(`${lockText('migrations')}; ${historyTable}`)
}

function runPending(database: Database, only?: ReadonlySet<string>): Promise<string[]> {
  const migrations = readMigrations().filter(({ name }) => only?.has(name) ?? true)
  return database.inTransaction(async (tx) => {
    await tx.query(disableTimeout)
    await tx.query(lockHistory)
    const applied = await tx.query<{ migration_name: string; checksum: string }>(selectApplied)
    const checksums = new Map(applied.map((row) => [row.migration_name, row.checksum]))
    const pending = migrations.filter((migration) => isPending(migration, checksums))
    for (const migration of pending) {
      for (const sql of statementsOf(migration.sql)) await runStatement(tx, sql)
      await tx.query(recordApplied, [randomUUID(), checksumOf(migration.sql), migration.name])
    }
    return pending.map(({ name }) => name)
  })
}

async function runStatement(tx: Tx, sql: string): Promise<void> {
  try {
    await tx.query({ name: '', text: sql })
  } catch (error) {
    const [, extension] = /^create extension if not exists (\w+)/im.exec(sql) ?? []
    if (extension !== undefined && refusals.has(sqlState(error))) throw new ExtensionRefusedError(extension, error)
    throw error
  }
}

/** SQL states of refused extensions: no right to create it; no such extension, in older and newer servers. */
const refusals: ReadonlySet<string | undefined> = new Set(['42501', '58P01', '0A000'])

function isPending({ name, sql }: Migration, checksums: ReadonlyMap<string, string>): boolean {
  const checksum = checksums.get(name)
  if (checksum === undefined) return true
  if (checksum !== checksumOf(sql)) throw new Error(`Migration ${name} was changed after this database ran it.`)
  return false
}

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** Splits a migration: it has semicolons only at the end of a statement, at the end of a line. */
function statementsOf(sql: string): string[] {
  return sql
    .split(/;\s*$/m)
    .map((part) => part.trim())
    .filter((part) => part.replace(/^--.*$/gm, '').trim() !== '')
}

const historyTable = `
create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
);`

const selectHistoryTable = statement('', `select to_regclass('_prisma_migrations') is not null as exists`)
const disableTimeout = statement('', 'set local statement_timeout = 0')
const lockHistory = lockStatement('', 'migrations')

const selectApplied = statement(
  'select_applied_migrations',
  `select migration_name, checksum
   from _prisma_migrations
   where finished_at is not null and rolled_back_at is null`,
)

const recordApplied = statement(
  'record_applied_migration',
  `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
   values ($1, $2, $3, now(), 1)`,
)
