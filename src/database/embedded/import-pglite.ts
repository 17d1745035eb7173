import { renameSync } from 'node:fs'
import pg from 'pg'
import { type Database, statement, type Tx } from '../database.ts'
import { migrate, readMigrations } from '../migrate.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'
import { checkMigrations, openPgliteFiles, type PgliteFiles, pgliteFolderOf } from './pglite-files.ts'

/** What an import has copied. */
export interface Imported {
  readonly rows: number
  readonly tables: number
  /** Where the files of 0.1 are now. */
  readonly keptIn: string
}

/**
 * Copies the database of Rex 0.1 into an empty one, in one transaction, and renames the files of 0.1 after it: an import
 * that is interrupted can be run again.
 * @throws EmbeddedServerError when the target holds other data, or Rex 0.1 still runs
 */
export async function importPglite(dataFolder: string, target: Database): Promise<Imported> {
  const files = await openPgliteFiles(dataFolder)
  try {
    const applied = await files.migrations()
    checkMigrations(applied, readMigrations())
    await migrate(target, new Set(applied))
    const tables = await files.tables()
    const rows = await target.inTransaction((tx) => copyAll(tx, files, tables))
    await migrate(target)
    await files.close()
    return { rows, tables: tables.length, keptIn: keepFiles(dataFolder) }
  } catch (error) {
    await files.close().catch(() => {}) // The error of the import says more.
    throw error
  }
}

async function copyAll(tx: Tx, files: PgliteFiles, tables: readonly string[]): Promise<number> {
  await tx.query(liftTimeouts)
  const [filled] = await tx.query<{ is_filled: boolean }>(selectIsFilled)
  if (filled?.is_filled) throw new EmbeddedServerError('the database to import into holds data already')
  let copied = 0
  for (const table of tables) {
    // The migrations make some rows themselves.
    await tx.query(statement('', `delete from ${pg.escapeIdentifier(table)}`))
    for await (const rows of files.rows(table)) {
      await tx.query(insertInto(table), [rows])
      copied += rows.length
    }
  }
  for (const { name, last } of await files.sequences()) await tx.query(setSequence, [name, last])
  return copied
}

/** Same migrations, same columns in the same order. */
function insertInto(table: string) {
  const name = pg.escapeIdentifier(table)
  return statement(
    '',
    `insert into ${name} select (row).* from (select text::${name} as row from unnest($1::text[]) as text offset 0) rows`,
  )
}

const liftTimeouts = statement(
  '',
  `select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
)
const selectIsFilled = statement('', 'select exists (select from workspace) as is_filled')
const setSequence = statement('', 'select setval($1::text::regclass, $2::text::bigint)')

function keepFiles(dataFolder: string): string {
  const kept = `${pgliteFolderOf(dataFolder)}.imported`
  renameSync(pgliteFolderOf(dataFolder), kept)
  return kept
}
