import { createTally } from './tally.ts'

/** Pool of slots that limits how many attempts a worker starts at a time. */
export interface SlotPool {
  readonly free: number
  /** Returns the number of slots of a holder. */
  heldBy(holder: string): number
  /** Acquires a slot for a holder and returns its release function; it is released after `holdMs` at the latest. */
  acquire(holder: string): () => void
}

/**
 * Creates a pool whose slots are held for a limited time: an attempt that waits longer uses memory but no CPU, and slow
 * receivers do not block the others.
 */
export function createSlotPool(options: {
  readonly count: number
  readonly holdMs: number
  /** Called when a slot is released; `wasFull` is true if none was free before. */
  readonly onRelease: (wasFull: boolean) => void
}): SlotPool {
  const { count, holdMs, onRelease } = options
  const holders = createTally()

  const acquire = (holder: string) => {
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      clearTimeout(timer)
      holders.remove(holder)
      onRelease(holders.total === count - 1)
    }
    const timer = setTimeout(release, holdMs)
    holders.add(holder)
    return release
  }

  return {
    get free() {
      return count - holders.total
    },
    heldBy: holders.of,
    acquire,
  }
}
