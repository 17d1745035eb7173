import type { Database, Tx } from '../../src/database/database.ts'

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
