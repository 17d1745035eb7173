import type { Database } from '../../database/database.ts'
import { waitAtMost } from '../../platform/timeout.ts'
import { type KnownReader, readServerFacts, type ServerFacts } from './server-facts.ts'

/** Facts of the server that are at most a few seconds old while the database responds. */
export interface CachedFacts {
  /** Resolves within a second or so, whatever the database does, with what is known by then. */
  current(): Promise<ServerFacts>
}

interface Options {
  /** Readers of the log that this process knows; called before each reading. */
  readonly readers?: () => readonly KnownReader[]
  /** Readings within this time share one result. */
  readonly freshMs?: number
  /** Maximum wait for a reading that is under way. */
  readonly waitMs?: number
}

/** Creates the cache. It reads only when it is asked. */
export function createCachedFacts(
  database: Database,
  { readers = () => [], freshMs = 5000, waitMs = 1000 }: Options = {},
): CachedFacts {
  let known: ServerFacts = { isDatabaseSilent: false }
  let reading: Promise<unknown> = Promise.resolve()
  let isReading = false
  let readAt = Number.NEGATIVE_INFINITY

  const publish = (facts: ServerFacts) => {
    known = facts
  }
  const read = async () => {
    isReading = true
    await readServerFacts(database, readers(), { before: known, publish }).finally(() => {
      readAt = performance.now()
      isReading = false
    })
  }
  return {
    current: async () => {
      if (!isReading && performance.now() - readAt >= freshMs) reading = read()
      await waitAtMost(reading, waitMs)
      return known
    },
  }
}
