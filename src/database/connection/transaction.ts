import type pg from 'pg'
import { unavailable } from '../../platform/errors.ts'
import { type Queryable, type Statement, sqlState, type Tx, type Value } from '../database.ts'
import { SessionClient } from '../session.ts'
import { beginName } from './rows-query.ts'
import { runStatement } from './run-statement.ts'

/** How statements of a transaction are sent on the connections of a server. */
export interface TransactionForm {
  /** Whether a connection stays with one session of the server, which keeps what it has prepared. */
  readonly isOwn: boolean
  readonly begin: Statement
  form(statement: Statement): Statement
}

export const begin = { name: beginName, text: 'begin isolation level read committed' }
const commit = { name: 'commit', text: 'commit' }
const rollback = { name: 'rollback', text: 'rollback' }
/** Error of the statements behind the one that has failed. */
const abortedTransaction = '25P02'

/** Executes `work` in one transaction, once: `Database.inTransaction` says what it promises. */
export async function transact<Result>(
  pool: pg.Pool,
  form: TransactionForm,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error)
  })
  const statements = sendInOrder(client, form)
  const sent: Promise<unknown>[] = []
  const errors: unknown[] = []
  let isEnded = false
  const send = <Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]> => {
    const rows = isEnded ? refuseLate() : statements.send<Row>(statement, values)
    rows.catch((error: unknown) => errors.push(error)) // `work` may leave it to the commit.
    sent.push(rows)
    return rows
  }
  const tx: Queryable = { query: send }
  let broken = false
  try {
    const result = await work(tx as Tx)
    await statements.begun
    if (statements.begun !== undefined) void send(commit) // PostgreSQL rolls back instead if a statement has failed.
    isEnded = true
    await Promise.all(sent)
    return result
  } catch (error) {
    isEnded = true
    statements.refuseWaiting()
    const isRolledBack = statements.begun === undefined || (await isDone(runStatement(client, form.form(rollback))))
    const first = sqlState(error) === abortedTransaction ? errors[0] : error
    // Error of a planning setting, which the connection sends itself: a cancel may hit it.
    const cause = sqlState(first) === abortedTransaction ? unavailable(first) : first
    // The name of a server that only reads may lead to another one meanwhile.
    broken = !isRolledBack || isReadOnly(cause)
    throw cause
  } finally {
    client.release(broken)
  }
}

/** Sends the statements of a transaction, in the order of their calls. */
interface OrderedStatements {
  send<Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]>
  /** Refuses what waits for the begin. */
  refuseWaiting(): void
  /** Resolves when the transaction has begun; undefined before the first statement. */
  readonly begun: Promise<void> | undefined
}

/**
 * A prepared statement that comes first takes `begin` along, if the connection has prepared that too: without a Sync between
 * them, PostgreSQL skips the statement if `begin` fails. Otherwise `begin` is sent by itself. Openings that follow are sent in the same
 * packet. Everything else waits until the transaction has begun: it would be committed alone if `begin` failed.
 */
function sendInOrder(client: pg.PoolClient, { isOwn, begin: first, form }: TransactionForm): OrderedStatements {
  const session = client instanceof SessionClient ? client : undefined
  let begun: Promise<void> | undefined
  let mayWrite = false
  let waiting = 0
  let isRefused = false

  const sendNow = <Row>(statement: Statement, values?: readonly Value[], begins?: boolean): Promise<Row[]> => {
    session?.gatherWrites()
    return runStatement<Row>(client, statement, values, begins)
  }
  const beginWith = async (beginning: Promise<unknown>): Promise<void> => {
    await beginning
    mayWrite = true
    if (session !== undefined) session.hasBegin = isOwn
  }
  const afterBegin = async <Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]> => {
    waiting++
    await begun
    waiting--
    return isRefused ? refuseLate() : sendNow<Row>(statement, values)
  }
  return {
    send: <Row>(statement: Statement, values?: readonly Value[]): Promise<Row[]> => {
      const formed = form(statement)
      if (begun === undefined) {
        const isPrepared = formed.name !== '' && !formed.isUnprepared
        const rows = session?.hasBegin && isPrepared ? sendNow<Row>(formed, values, true) : undefined
        begun = beginWith(rows ?? sendNow(first))
        begun.catch(() => {}) // The first statement rejects with the same error, or else the next one does.
        if (rows !== undefined) return rows
      }
      const maySend = waiting === 0 && (mayWrite || statement.isOpening)
      return maySend ? sendNow<Row>(formed, values) : afterBegin<Row>(formed, values)
    },
    refuseWaiting: () => {
      isRefused = true
    },
    get begun() {
      return begun
    },
  }
}

/** Refuses a statement after the end: nothing would roll it back, and the connection may be another tenant's by then. */
async function refuseLate(): Promise<never> {
  throw new Error('The transaction has ended: its work must await everything that uses it.')
}

async function isDone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch {
    return false
  }
}

function isReadOnly(error: unknown): boolean {
  return sqlState(error instanceof Error ? error.cause : undefined) === '25006'
}
