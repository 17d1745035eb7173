import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Migration } from '../migrate.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'

/** Database of Rex 0.1 in the data folder, opened for reading with the engine that wrote it. */
export interface PgliteFiles {
  /** Returns the names of its migrations, oldest first. */
  migrations(): Promise<string[]>
  tables(): Promise<string[]>
  /** Yields the rows of a table in PostgreSQL's notation of composite values, 500 at a time. */
  rows(table: string): AsyncGenerator<string[]>
  /** Returns the last value of each sequence that has one. */
  sequences(): Promise<{ readonly name: string; readonly last: string }[]>
  close(): Promise<void>
}

/** Version of PGlite in Rex 0.1. */
const pglitePackage = '@electric-sql/pglite@0.5.16'
const rowsAtATime = 500

export function pgliteFolderOf(dataFolder: string): string {
  return join(dataFolder, 'database')
}

export function hasPgliteFiles(dataFolder: string): boolean {
  return existsSync(join(pgliteFolderOf(dataFolder), 'PG_VERSION'))
}

/** Opens the files. @throws EmbeddedServerError when Rex 0.1 is running on the folder, or PGlite is not installed */
export async function openPgliteFiles(dataFolder: string): Promise<PgliteFiles> {
  refuseWhileLocked(dataFolder)
  const { PGlite, extensions } = await loadPglite()
  const pglite = await PGlite.create(pgliteFolderOf(dataFolder), { extensions })
  const read = async <Row extends z.ZodType>(row: Row, sql: string): Promise<z.infer<Row>[]> =>
    z.array(row).parse((await pglite.query(sql)).rows)
  const names = async (sql: string) => (await read(z.object({ name: z.string() }), sql)).map(({ name }) => name)
  return {
    migrations: () => names(selectMigrations),
    tables: () => names(selectTables),
    rows: (table) => rowsOf(table),
    sequences: () => read(z.object({ name: z.string(), last: z.string() }), selectSequences),
    close: () => pglite.close(),
  }

  async function* rowsOf(table: string): AsyncGenerator<string[]> {
    // A cursor exists only within a transaction.
    await pglite.exec(`begin; declare copied cursor for select t::text as row from "${table}" t`)
    try {
      for (;;) {
        const rows = await read(z.object({ row: z.string() }), `fetch ${rowsAtATime} from copied`)
        if (rows.length === 0) return
        yield rows.map(({ row }) => row)
      }
    } finally {
      await pglite.exec('rollback')
    }
  }
}

const selectMigrations = `select migration_name as name from _prisma_migrations where finished_at is not null order by 1`
const selectTables = `
  select table_name as name
  from information_schema.tables
  where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_prisma_migrations'
  order by 1`
const selectSequences = `
  select sequencename as name, last_value::text as last
  from pg_sequences
  where schemaname = 'public' and last_value is not null`

async function loadPglite() {
  try {
    const { PGlite } = await import('@electric-sql/pglite')
    const { btree_gin } = await import('@electric-sql/pglite/contrib/btree_gin')
    const { pg_trgm } = await import('@electric-sql/pglite/contrib/pg_trgm')
    const { unaccent } = await import('@electric-sql/pglite/contrib/unaccent')
    return { PGlite, extensions: { btree_gin, pg_trgm, unaccent } }
  } catch (error) {
    const command = `npm install --no-save ${pglitePackage}`
    throw new EmbeddedServerError(`the engine of Rex 0.1 is not installed: run "${command}" and try again`, error)
  }
}

/** Throws while Rex 0.1 is running: it then holds an exclusive SQLite lock on the file `lock`. */
function refuseWhileLocked(dataFolder: string): void {
  const file = join(dataFolder, 'lock')
  if (!existsSync(file)) return
  const lock = new DatabaseSync(file)
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    throw new EmbeddedServerError(`Rex 0.1 is running in the data folder ${dataFolder}: stop it first`, error)
  } finally {
    lock.close()
  }
}

/**
 * Checks the migrations.
 * @throws EmbeddedServerError when the files have a migration that this version does not know
 */
export function checkMigrations(applied: readonly string[], known: readonly Migration[]): void {
  const names = new Set(known.map(({ name }) => name))
  const unknown = applied.find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new EmbeddedServerError(`a newer version of Rex wrote the files (migration ${unknown})`)
}
