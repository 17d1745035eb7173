import type { Database } from '../database/database.ts'
import { fanOutReader } from '../delivery/delivery-erasure.ts'
import { readServerFacts, type ServerFacts } from '../server/facts/server-facts.ts'

/** Reads the facts of the server once, as its status page and its metrics show them. */
export function readFacts(database: Database): Promise<ServerFacts> {
  // Without a worker fan-out has no position: it is behind from the first event on.
  return readServerFacts(database, [{ reader: fanOutReader, position: 0 }])
}
