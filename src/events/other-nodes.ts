import { listenersText } from '../database/advisory-locks.ts'
import { type Database, statement } from '../database/database.ts'

const checkEveryMs = 1000

/** Knows whether other nodes listen to this database. */
export interface OtherNodes {
  /** Resolves with whether there were others in the last second; with true while that cannot be read. */
  exist(): Promise<boolean>
  /** Call when another node has been heard. */
  meet(): void
}

/** Counts the nodes that listen, at most once a second, and only when asked. */
export function createOtherNodes(database: Database): OtherNodes {
  let checkedAt = Number.NEGATIVE_INFINITY
  let last: Promise<boolean> = Promise.resolve(true)
  return {
    exist: () => {
      if (performance.now() - checkedAt >= checkEveryMs) {
        checkedAt = performance.now()
        last = database.query<{ count: number }>(countListeners).then(
          ([row]) => (row?.count ?? 0) > 1,
          () => true,
        )
      }
      return last
    },
    meet: () => {
      checkedAt = performance.now()
      last = Promise.resolve(true)
    },
  }
}

const countListeners = statement('count_listeners', listenersText)
