import type { Backlogs } from '../../plan/backlogs.ts'
import type { Allowance } from '../../plan/shares.ts'
import type { Pace } from '../../plan/workspace-limits.ts'
import { createSlotPool } from './attempt-slots.ts'
import { createTally } from './tally.ts'

/** Attempts that a worker starts at a time. */
const slotCount = 400
/** Time for which an attempt holds its slot; most receivers respond within it. */
const slotHoldMs = 250
/** Attempts that may wait for receivers, all of them in memory. */
const maxInFlight = 4000

/** The free capacity of a worker for attempts. */
export interface Capacity {
  /** Number of attempts that may still start. */
  readonly free: number
  /**
   * Returns the number of attempts that a workspace may still start: at most as many as stay free. One workspace alone
   * gets half of the capacity, two get two thirds, and with any number of workspaces the next one finds some.
   */
  allowanceOf(workspaceId: string): Allowance
  /** Acquires capacity for an attempt of a workspace and returns its release function. */
  acquire(workspaceId: string): () => void
}

/** Creates the capacity of a worker; calls `onFree` when capacity is free again after a request for it was refused. */
export function createCapacity(
  onFree: () => void,
  pace: Pick<Pace, 'window'>,
  backlogs: Pick<Backlogs, 'windowOf'>,
): Capacity {
  const inFlight = createTally()
  let wasRefused = false

  const notifyIfWaiting = (wasFull: boolean) => {
    if (!wasFull && !wasRefused) return
    wasRefused = false
    onFree()
  }
  const places = createSlotPool({ count: slotCount, holdMs: slotHoldMs, onRelease: notifyIfWaiting })

  return {
    get free() {
      return Math.min(places.free, maxInFlight - inFlight.total)
    },
    allowanceOf: (workspaceId) => {
      const inFlightOfWorkspace = inFlight.of(workspaceId)
      const started = places.heldBy(workspaceId)
      const window = backlogs.windowOf(workspaceId)
      const available = Math.min(
        maxInFlight - inFlight.total - inFlightOfWorkspace,
        places.free - started,
        pace.window - started,
        window - started,
      )
      // A workspace that rests is claimed at the end of its rest: free capacity before it would cause an empty claim.
      if (available <= 0 && window > 0) wasRefused = true
      return { inFlight: inFlightOfWorkspace, places: Math.max(available, 0) }
    },
    acquire: (workspaceId) => {
      const releaseSlot = places.acquire(workspaceId)
      inFlight.add(workspaceId)
      return () => {
        const wasFull = inFlight.total >= maxInFlight
        inFlight.remove(workspaceId)
        releaseSlot()
        notifyIfWaiting(wasFull)
      }
    },
  }
}
