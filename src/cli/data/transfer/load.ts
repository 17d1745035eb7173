import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import copy from 'pg-copy-streams'
import { lockText } from '../../../database/advisory-locks.ts'
import { withDirectConnection } from '../../../database/connection/direct-connection.ts'
import { migrate } from '../../../database/migrate.ts'
import type { OpenedDatabase } from '../../../database/open.ts'
import { createLog } from '../../../platform/log.ts'
import { CliError } from '../../frame/cli-error.ts'
import { inTransaction, quotedList, withDataClient } from './data-client.ts'
import type { DataSet, Digest, TableData } from './data-set.ts'
import { checkKnown, readApplied, readDigest, readTables } from './tables.ts'

/** Tables with rows that the migrations write. */
const seededTables: ReadonlySet<string> = new Set(['cursor_seal'])

const silent = createLog('silent')

/** Digests of the written tables. */
export type LoadedTables = ReadonlyMap<string, Digest>

/**
 * Writes all data into an empty database in one transaction: an interrupted load leaves no rows. It first migrates the
 * database to the level of the data, and afterwards to this version.
 * @throws CliError when the database is not empty, or holds other rows than the data afterwards
 */
export async function loadData(target: OpenedDatabase, data: DataSet, place: string): Promise<LoadedTables> {
  const level = new Set(data.migrations.map(({ name }) => name))
  checkKnown(data.migrations, 'the data')
  return withDataClient(target, async (client) => {
    await checkLevel(client, level, place)
    await checkEmpty(client, place)
    await withDirectConnection(target, silent, (direct) => migrate(direct, level))
    const loaded = await inTransaction(client, 'begin isolation level read committed', () =>
      loadAll(client, data, place),
    )
    await withDirectConnection(target, silent, migrate)
    return loaded
  })
}

async function checkLevel(client: pg.Client, level: ReadonlySet<string>, place: string): Promise<void> {
  const newer = (await readApplied(client)).find(({ name }) => !level.has(name))
  if (newer === undefined) return
  throw new CliError(
    `${place} has the tables of a newer version than the data (migration ${newer.name}). Drop and create it, and run this again.`,
  )
}

async function checkEmpty(client: pg.Client, place: string): Promise<void> {
  for (const { name } of await readTables(client)) {
    if (seededTables.has(name)) continue
    const { rows } = await client.query<{ filled: boolean }>(
      `select exists (select from ${quotedList([name])}) as filled`,
    )
    if (rows[0]?.filled) throw new CliError(`${place} is not empty (table ${name}). Give a database without data.`)
  }
}

async function loadAll(client: pg.Client, data: DataSet, place: string): Promise<LoadedTables> {
  // A service that starts meanwhile waits for its migrations until the commit, and then finds the data.
  await client.query(lockText('migrations'))
  const tables = await readTables(client)
  const names = tables.map(({ name }) => name)
  await client.query(`lock table ${quotedList(names)} in access exclusive mode`)
  await checkEmpty(client, place)
  for (const name of seededTables) await client.query(`delete from ${quotedList([name])}`)
  const loaded = new Map<string, Digest>()
  for await (const table of data.tables()) {
    if (!names.includes(table.name)) throw new CliError(`The data have an unknown table (${table.name}).`)
    loaded.set(table.name, await loadTable(client, table))
  }
  for (const { name, last } of await data.sequences())
    await client.query('select setval($1::text::regclass, $2::text::bigint)', [quotedList([name]), last])
  return loaded
}

/** Writes a table, and compares its rows and checksum with those of the data. */
async function loadTable(client: pg.Client, table: TableData): Promise<Digest> {
  const { name, columns } = table
  const into = client.query(copy.from(`copy ${quotedList([name])} (${quotedList(columns)}) from stdin`))
  await pipeline(Readable.from(table.rows, { objectMode: false }), into)
  const [expected, written] = [await table.digest(), await readDigest(client, table)]
  if (expected.rows === written.rows && expected.checksum === written.checksum) return written
  throw new CliError(
    `The rows of ${name} differ after the copy (${written.rows} of ${expected.rows}). Nothing is kept.`,
  )
}
