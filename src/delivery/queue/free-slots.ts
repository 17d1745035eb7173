import type { Pace } from '../plan/pace.ts'
import type { Allowance } from '../plan/shares.ts'
import { createAttemptSlots } from './attempt-slots.ts'
import { createTally } from './tally.ts'

/** Attempts that a worker begins at a time. */
const placeCount = 400
/** How long an attempt keeps its place: most receivers have answered by then. */
const placeMs = 250
/** What waits for receivers, all of it in memory. */
const maxInFlight = 4000

/** The room of a worker for attempts. */
export interface Room {
  /** How many more attempts may begin. */
  readonly free: number
  /**
   * How many of them may be a workspace's: no more than stays free besides, so that a workspace alone has half of the room,
   * two have two thirds of it, and however many there are, the next one finds some.
   */
  allowanceOf(workspaceId: string): Allowance
  /** Takes room for an attempt of a workspace and returns what gives it back. */
  take(workspaceId: string): () => void
}

/** `onFree` is called when there is room again for what found none. */
export function createRoom(onFree: () => void, pace: Pick<Pace, 'window'>): Room {
  const inFlight = createTally()
  let wasRefused = false

  const tell = (wasFull: boolean) => {
    if (!wasFull && !wasRefused) return
    wasRefused = false
    onFree()
  }
  const places = createAttemptSlots({ count: placeCount, keptMs: placeMs, onFree: tell })

  return {
    get free() {
      return Math.min(places.free, maxInFlight - inFlight.total)
    },
    allowanceOf: (workspaceId) => {
      const mine = inFlight.of(workspaceId)
      const begun = places.takenBy(workspaceId)
      const room = Math.min(maxInFlight - inFlight.total - mine, places.free - begun, pace.window - begun)
      if (room <= 0) wasRefused = true
      return { inFlight: mine, places: Math.max(room, 0) }
    },
    take: (workspaceId) => {
      const givePlaceBack = places.take(workspaceId)
      inFlight.add(workspaceId)
      return () => {
        const wasFull = inFlight.total >= maxInFlight
        inFlight.remove(workspaceId)
        givePlaceBack()
        tell(wasFull)
      }
    },
  }
}
