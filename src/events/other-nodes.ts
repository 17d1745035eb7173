import { otherListenersText } from '../database/advisory-locks.ts'
import { type Database, statement } from '../database/database.ts'

const checkEveryMs = 1000

/** Knows whether other nodes listen to this database. */
export interface OtherNodes {
  /** Resolves with whether there were others in the last second; with true while that cannot be read. */
  exist(): Promise<boolean>
  /** Call when another node has been heard. */
  meet(): void
}

/** Looks for nodes that listen, at most once a second, and only when asked. */
export function createOtherNodes(database: Database): OtherNodes {
  let checkedAt = Number.NEGATIVE_INFINITY
  let last: Promise<boolean> = Promise.resolve(true)
  return {
    exist: () => {
      if (performance.now() - checkedAt >= checkEveryMs) {
        checkedAt = performance.now()
        last = database.query<{ exist: boolean }>(findOtherListeners, [database.listenerId]).then(
          ([row]) => row?.exist ?? true,
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

const findOtherListeners = statement('find_other_listeners', otherListenersText)
