import type pg from 'pg'
import { SessionClient } from '../session.ts'

/**
 * Returns a function to call with each failure of a statement. After a timeout it makes a connection beside the pool,
 * whose connections may all wait for a server that is gone: it finds the server that has replaced it.
 */
export function createServerProbe(
  options: pg.ClientConfig,
  prepare: (client: pg.ClientBase) => Promise<void>,
): (failure: unknown) => void {
  let isProbing = false
  const probe = async () => {
    const client = new SessionClient(options)
    client.on('error', () => {}) // The current step rejects with it.
    try {
      await client.connect()
      await prepare(client)
    } catch {
      // There is none yet: the next timeout makes the next probe.
    } finally {
      await client.end().catch(() => {}) // It may not have connected.
      isProbing = false
    }
  }
  return (failure) => {
    if (isProbing || !isTimeout(failure)) return
    isProbing = true
    void probe()
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (/timeout/i.test(error.message) || isTimeout(error.cause))
}
