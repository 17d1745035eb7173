import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { PGlite, types } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { unaccent } from '@electric-sql/pglite/contrib/unaccent'
import pg from 'pg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { PrismaClient } from '../generated/prisma/client.ts'
import type { Log } from '../log.ts'
import { closeOurs, openPrivateFolder } from '../private-folder.ts'
import {
  type Database,
  type Queryable,
  retryingConflicts,
  type Statement,
  sqlState,
  type Tx,
  type Value,
} from './database.ts'
import { lockFolder } from './folder-lock.ts'

const parsers = { [types.INT8]: Number }

/**
 * PostgreSQL as WebAssembly in the data folder, or in memory. It survives a killed process but not a power cut, since
 * nothing it writes is ever synced, and it takes one process only: hence the lock.
 * @throws FolderLockedError when another process has the folder.
 */
export async function openEmbedded(dataDir: string, log?: Log): Promise<Database> {
  openPrivateFolder(dataDir, log)
  const lock = lockFolder(dataDir)
  try {
    const pglite = await openPglite(join(dataDir, 'database'))
    // The files of a new database are unpacked with rights for everybody, whatever the umask is.
    closeOurs(dataDir)
    return embeddedDatabase(pglite, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A PGlite with the extensions that the migrations ask for: they are files that it has to be given at each start. */
export function openPglite(dataDir: string): Promise<PGlite> {
  return PGlite.create(dataDir, { extensions: { btree_gin, pg_trgm, unaccent } })
}

/** The same over a PGlite that is open already: tests clone a migrated one. */
export function embeddedDatabase(pglite: PGlite, onClosed: () => void = () => {}): Database {
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) })
  const session: Session = { pglite, prepared: new Set() }
  return {
    kind: 'embedded',
    prisma,
    query: (statement, values) => thenYield(run(session, pglite, statement, values)),
    inTransaction: (work) => thenYield(retryingConflicts(() => transact(session, work))),
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

/** The one connection, and the names of the statements that are prepared on it. */
interface Session {
  readonly pglite: PGlite
  readonly prepared: Set<string>
}

function transact<Result>(session: Session, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return session.pglite.transaction((transaction) => {
    const tx: Queryable = { query: (statement, values) => run(session, transaction, statement, values) }
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

/**
 * Its `query` plans anew at every call, which costs up to nine times the execution; so what has a name is prepared in
 * SQL and executed with literals (measured for a claim: 2.9 ms against 0.3 ms).
 */
async function run<Row>(
  { prepared }: Session,
  client: Pick<PGlite, 'query' | 'exec'>,
  { name, text }: Statement,
  values: readonly Value[] = [],
): Promise<Row[]> {
  if (name !== '' && !prepared.has(name)) {
    await client.exec(`prepare ${name} as ${text}`).catch(unlessPrepared)
    prepared.add(name)
  }
  if (name === '') return (await client.query<Row>(text, [...values], { parsers })).rows
  const [result] = await client.exec(execute(name, values), { parsers })
  return rowsOf<Row>(result)
}

/** Two that come together with a statement's first use both prepare it: the second finds it there. */
function unlessPrepared(error: unknown): void {
  if (sqlState(error) !== '42P05') throw error
}

/** The simple protocol asks once where the extended one asks four times; its rows come without a type. */
function rowsOf<Row>(result: { readonly rows: readonly unknown[] } | undefined): Row[] {
  return (result?.rows ?? []) as Row[]
}

function execute(name: string, values: readonly Value[]): string {
  return values.length === 0 ? `execute ${name}` : `execute ${name} (${values.map(toLiteral).join(', ')})`
}

/** A literal without a type: PostgreSQL reads it as the type of the parameter. */
function toLiteral(value: Value): string {
  if (value === null) return 'null'
  return pg.escapeLiteral(Array.isArray(value) ? toArrayText(value) : toText(value as Scalar))
}

type Scalar = Exclude<Value, readonly unknown[] | null>

function toText(value: Scalar): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

function toArrayText(items: readonly (Scalar | null)[]): string {
  const elements = items.map((item) => (item === null ? 'null' : `"${toText(item).replace(/["\\]/g, '\\$&')}"`))
  return `{${elements.join(',')}}`
}
