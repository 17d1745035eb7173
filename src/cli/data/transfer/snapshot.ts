import type pg from 'pg'
import copy from 'pg-copy-streams'
import { CliError } from '../../frame/cli-error.ts'
import { inTransaction, quotedList } from './data-client.ts'
import type { DataSet, OnBytes, TableData } from './data-set.ts'
import { checkKnown, readApplied, readDigest, readSequences, readTables, type Table } from './tables.ts'

/**
 * Runs work with all data of a database as they are at one moment, while the service may run and write.
 * @throws CliError for a database that holds no data of Rex
 */
export async function withSnapshot<Result>(
  client: pg.Client,
  onBytes: OnBytes,
  work: (data: DataSet) => Promise<Result>,
): Promise<Result> {
  return inTransaction(client, 'begin isolation level repeatable read read only', async () => {
    const migrations = await readApplied(client)
    if (migrations.length === 0) throw new CliError('The database of the settings holds no data of Rex.')
    checkKnown(migrations, 'the database')
    const tables = await readTables(client)
    return work({
      migrations,
      tables: () => dataOfTables(client, tables, onBytes),
      // A sequence is outside of the snapshot: it is read after the rows, and never lower than they need.
      sequences: () => readSequences(client, tables),
    })
  })
}

async function* dataOfTables(client: pg.Client, tables: readonly Table[], onBytes: OnBytes): AsyncGenerator<TableData> {
  for (const table of tables)
    yield { ...table, rows: rowsOf(client, table, onBytes), digest: () => readDigest(client, table) }
}

async function* rowsOf(client: pg.Client, { name, columns }: Table, onBytes: OnBytes): AsyncGenerator<Buffer> {
  const rows = client.query(copy.to(`copy ${quotedList([name])} (${quotedList(columns)}) to stdout`))
  for await (const chunk of rows) {
    const bytes = Buffer.from(chunk)
    onBytes(name, bytes.length)
    yield bytes
  }
}
