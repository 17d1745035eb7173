import type { Database, Tx } from '../../src/database/database.ts'
import { unavailable } from '../../src/platform/errors.ts'

/** The same database, but in its transactions something happens right after a statement: a crash, another worker. */
export function interceptedAfter(database: Database, name: string, intercept: () => Promise<void>): Database {
  return {
    ...database,
    inTransaction: (work) =>
      database.inTransaction((tx) => {
        const query: Tx['query'] = async <Row>(...[statement, values]: Parameters<Tx['query']>) => {
          const rows = await tx.query<Row>(statement, values)
          if (statement.name === name) await intercept()
          return rows
        }
        return work({ ...tx, query })
      }),
  }
}

/** Dies there, as a process that is killed: the transaction is never committed. */
export function crashingAfter(database: Database, name: string): Database {
  return interceptedAfter(database, name, () => Promise.reject(new Error('crashed')))
}

/** What the first transaction with the statement did is committed, and its caller learns only that the database is away. */
export function losingAnswerAfter(database: Database, name: string): Database {
  let wasAsked = false
  let isLost = false
  const watched = interceptedAfter(database, name, async () => {
    wasAsked = true
  })
  return {
    ...database,
    inTransaction: async (work) => {
      const result = await watched.inTransaction(work)
      if (!wasAsked || isLost) return result
      isLost = true
      throw unavailable()
    },
  }
}
