import { createTally } from './tally.ts'

/** How many attempts a worker begins at a time. */
export interface AttemptSlots {
  readonly free: number
  /** How many a holder has. */
  takenBy(holder: string): number
  /** Takes one for a holder and returns what gives it back, at the latest when its time is over. */
  take(holder: string): () => void
}

/**
 * An attempt keeps its place for a while alone: one that waits longer costs memory and no processor, and however many
 * receivers are slow, the others go on.
 */
export function createAttemptSlots(options: {
  readonly count: number
  readonly keptMs: number
  /** Called when one is given back; `wasFull` says that none was free before. */
  readonly onFree: (wasFull: boolean) => void
}): AttemptSlots {
  const { count, keptMs, onFree } = options
  const holders = createTally()

  const take = (holder: string) => {
    let isKept = true
    const giveUp = () => {
      if (!isKept) return
      isKept = false
      clearTimeout(timer)
      holders.remove(holder)
      onFree(holders.total === count - 1)
    }
    const timer = setTimeout(giveUp, keptMs)
    holders.add(holder)
    return giveUp
  }

  return {
    get free() {
      return count - holders.total
    },
    takenBy: holders.of,
    take,
  }
}
