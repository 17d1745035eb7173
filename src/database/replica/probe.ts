import type pg from 'pg'
import { PooledClient } from '../connection/pooled-session.ts'
import { isPooledUrl } from '../connection/server-address.ts'
import { applicationName } from '../postgresql.ts'
import { SessionClient } from '../session.ts'

/** Connection that asks one question. The pool may be full of long statements, so it is another one. */
export interface Probe<Row> {
  /** Rejects when the server does not answer in time; the next call then connects again. */
  ask(): Promise<Row>
  close(): void
}

export function createProbe<Row extends pg.QueryResultRow>(url: string, text: string, timeoutMs: number): Probe<Row> {
  let connection: SessionClient | undefined
  const drop = () => {
    connection?.connection.stream.destroy()
    connection = undefined
  }
  const connect = async (): Promise<SessionClient> => {
    const Client = isPooledUrl(url) ? PooledClient : SessionClient
    const client = new Client({ connectionString: url, application_name: applicationName })
    connection = client
    client.on('error', () => {}) // The next question fails, and the one after it connects again.
    await client.connect()
    return client
  }
  const read = async (): Promise<Row> => {
    const client = connection ?? (await connect())
    const { rows } = await client.query<Row>(text)
    const [row] = rows
    if (row === undefined) throw new Error('Expected the server to return a row.')
    return row
  }
  return {
    ask: () =>
      inTime(read(), timeoutMs).catch((error: unknown) => {
        drop()
        throw error
      }),
    close: drop,
  }
}

/** Rejects after the time, unless only this process was busy: then the answer is read before an immediate runs. */
function inTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`no answer within ${timeoutMs} ms`))
    timer = setTimeout(() => setImmediate(giveUp), timeoutMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
