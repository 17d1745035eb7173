import type { Database } from '../database/database.ts'
import type { Replica } from '../database/replica/replica.ts'
import type { SharedTimes } from '../platform/shared-times.ts'
import type { Viewer } from './viewer.ts'

/** Chooses where a viewer's lists are read, so that nobody misses what they wrote or were shown (docs/decisions/0039). */
export interface ReplicaReads {
  /** Returns the database of the replica, or the primary's. Never rejects. */
  databaseFor(viewer: Viewer): Promise<Database>
  /** Call after a write of the viewer's key and before its response. */
  noteWrite(viewer: Viewer): Promise<void>
  /** Call when a subscription has shown the viewer something, or begins. */
  noteShown(viewer: Viewer): Promise<void>
}

/** Time for which a key reads from the primary after a write. */
const ownWritesMs = 10_000

/** Returns the time for which the times of writes are kept: until the replica has them, or is not used. */
export function keepTimesMs(maxLagMs: number): number {
  return Math.max(ownWritesMs, maxLagMs) + 5000
}

export function createReplicaReads(primary: Database, replica: Replica, times: SharedTimes): ReplicaReads {
  return {
    databaseFor: async (viewer) => {
      // Taken before the times are asked for: a write that is not among them has not been answered yet.
      const { coveredUntil = 0 } = replica
      if (!replica.status.isInUse) return primary
      const unknown = [Number.POSITIVE_INFINITY]
      const [written = 0, shown = 0] = await times.latest([writtenBy(viewer), shownIn(viewer)]).catch(() => unknown)
      const isFresh = Math.max(written, shown) < coveredUntil && written + ownWritesMs < Date.now()
      return isFresh ? replica.database : primary
    },
    noteWrite: (viewer) => times.touch(writtenBy(viewer)),
    noteShown: (viewer) => times.touch(shownIn(viewer)),
  }
}

/** A session counts as the key that it was signed in with. */
function writtenBy({ apiKeyId }: Viewer): string {
  return `written:${apiKeyId}`
}

/** All subscribers of a workspace see the same events. */
function shownIn({ workspaceId }: Viewer): string {
  return `shown:${workspaceId}`
}
