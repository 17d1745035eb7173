/** Attempts that a workspace may have begun and not ended, or a quarter of a second ago, however slow the claims are. */
const smallest = 8
const largest = 4000
/** Above this a claim waits for others: for the processor, the event loop or the disk. */
const slowMs = 30
const growth = 8
const shrinkage = 0.7

/**
 * How many places one workspace may have at a time, by how long claims take: receivers that are quick would otherwise keep
 * the machine so busy that the first delivery of another workspace waits behind all of it. Receivers that are slow make no
 * claim slower, and an attempt that waits for one gives its place back after a while.
 */
export interface Pace {
  /** Places of one workspace. */
  readonly window: number
  /** Tells how long a claim took. */
  claimed(ms: number): void
}

export function createPace(): Pace {
  let window = 64
  return {
    get window() {
      return Math.floor(window)
    },
    claimed: (ms) => {
      window = ms > slowMs ? Math.max(smallest, window * shrinkage) : Math.min(largest, window + growth)
    },
  }
}
