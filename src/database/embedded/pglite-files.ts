import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Migration } from '../migrate.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'

/** The database of Rex 0.1 in the data folder, opened for reading with the engine that wrote it. */
export interface PgliteFiles {
  /** The names of the migrations that it has run, oldest first. */
  migrations(): Promise<string[]>
  tables(): Promise<string[]>
  /** The rows of a table as PostgreSQL writes composite values, some hundred at a time. */
  rows(table: string): AsyncGenerator<string[]>
  /** The last value of each sequence that has one. */
  sequences(): Promise<{ readonly name: string; readonly last: string }[]>
  close(): Promise<void>
}

/** The version that Rex 0.1 came with. */
const pglitePackage = '@electric-sql/pglite@0.5.16'
const rowsAtATime = 500

export function pgliteFolderOf(dataFolder: string): string {
  return join(dataFolder, 'database')
}

export function hasPgliteFiles(dataFolder: string): boolean {
  return existsSync(join(pgliteFolderOf(dataFolder), 'PG_VERSION'))
}

/** @throws EmbeddedServerError when Rex 0.1 still runs on the folder, or PGlite is not installed */
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
    // A cursor lives in a transaction.
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

/** Rex 0.1 holds an exclusive lock of SQLite on the file `lock` while it runs. */
function refuseWhileLocked(dataFolder: string): void {
  const file = join(dataFolder, 'lock')
  if (!existsSync(file)) return
  const lock = new DatabaseSync(file)
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    throw new EmbeddedServerError(`Rex 0.1 runs in the data folder ${dataFolder}: stop it first`, error)
  } finally {
    lock.close()
  }
}

/** @throws EmbeddedServerError when the files have run a migration that this version does not know */
export function checkMigrations(applied: readonly string[], known: readonly Migration[]): void {
  const names = new Set(known.map(({ name }) => name))
  const unknown = applied.find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new EmbeddedServerError(`a newer version of Rex wrote the files (migration ${unknown})`)
}
