import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { PGlite, types } from '@electric-sql/pglite'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { PrismaClient } from '../generated/prisma/client.ts'
import { type Database, type Queryable, retryingConflicts, type Statement, type Tx, type Value } from './database.ts'
import { lockFolder } from './folder-lock.ts'

const parsers = { [types.INT8]: Number }

/**
 * PostgreSQL as WebAssembly in the data folder, or in memory. It survives a killed process but not a power cut, since
 * nothing it writes is ever synced, and it takes one process only: hence the lock.
 * @throws FolderLockedError when another process has the folder.
 */
export async function openEmbedded(dataDir: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = lockFolder(dataDir)
  try {
    const pglite = await PGlite.create(join(dataDir, 'database'))
    return embeddedDatabase(pglite, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The same over a PGlite that is open already: tests clone a migrated one. */
export function embeddedDatabase(pglite: PGlite, onClosed: () => void = () => {}): Database {
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) })
  return {
    kind: 'embedded',
    prisma,
    query: (statement, values) => thenYield(run(pglite, statement, values)),
    inTransaction: (work) => thenYield(retryingConflicts(() => transact(pglite, work))),
    runScript: async (sql) => {
      await pglite.exec(sql)
    },
    listen: async (channel, onNotify) => {
      const stop = await pglite.listen(channel, onNotify)
      return { stop: () => stop() }
    },
    close: async () => {
      await prisma.$disconnect()
      await pglite.close()
      onClosed()
    },
  }
}

function transact<Result>(pglite: PGlite, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return pglite.transaction((transaction) => {
    const tx: Queryable = { query: (statement, values) => run(transaction, statement, values) }
    return work(tx as Tx)
  })
}

/**
 * PGlite runs on this thread and answers within the same turn of the event loop: loops that query again at once would
 * keep sockets and timers waiting for as long as there is work. So each turn holds one query or transaction of a caller.
 */
async function thenYield<Result>(work: Promise<Result>): Promise<Result> {
  const result = await work
  await setImmediate()
  return result
}

async function run<Row>(
  client: Pick<PGlite, 'query'>,
  { text }: Statement,
  values: readonly Value[] = [],
): Promise<Row[]> {
  const { rows } = await client.query<Row>(text, [...values], { parsers })
  return rows
}
