import { renameSync } from 'node:fs'
import pg from 'pg'
import { type Database, statement, type Tx } from '../database.ts'
import { migrate, readMigrations } from '../migrate.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'
import { checkMigrations, openPgliteFiles, type PgliteFiles, pgliteFolderOf } from './pglite-files.ts'

/** Result of an import. */
export interface Imported {
  readonly rows: number
  readonly tables: number
  /** Folder to which the files of 0.1 were moved. */
  readonly keptIn: string
}

/**
 * Copies the database of Rex 0.1 into an empty one, in one transaction, and then renames the files of 0.1: an
 * interrupted import can be repeated.
 * @throws EmbeddedServerError when the target holds other data, or Rex 0.1 is running
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
    await files.close().catch(() => {}) // The error of the import is more useful.
    throw error
  }
}

async function copyAll(tx: Tx, files: PgliteFiles, tables: readonly string[]): Promise<number> {
  await tx.query(disableTimeouts)
  const [filled] = await tx.query<{ is_filled: boolean }>(selectIsFilled)
  if (filled?.is_filled) throw new EmbeddedServerError('the target database of the import is not empty')
  let copied = 0
  for (const table of tables) {
    // Migrations insert some rows themselves.
    await tx.query(statement('', `delete from ${pg.escapeIdentifier(table)}`))
    for await (const rows of files.rows(table)) {
      await tx.query(insertInto(table), [rows])
      copied += rows.length
    }
  }
  for (const { name, last } of await files.sequences()) await tx.query(setSequence, [name, last])
  return copied
}

/** Builds the insert. Both databases ran the same migrations, so their columns have the same order. */
function insertInto(table: string) {
  const name = pg.escapeIdentifier(table)
  return statement(
    '',
    `insert into ${name} select (row).* from (select text::${name} as row from unnest($1::text[]) as text offset 0) rows`,
  )
}

const disableTimeouts = statement(
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
