/** Places that a workspace has, however slow the claims are. */
const smallest = 16
const largest = 4000
/** A claim that takes longer, and much longer than the quickest ones of late, waits for others. */
const slowMs = 30
const slowRatio = 2.5
/** How fast the quickest claim is forgotten, a claim. */
const forgetting = 1.01
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
  let quickestMs = Number.POSITIVE_INFINITY
  return {
    get window() {
      return Math.floor(window)
    },
    claimed: (ms) => {
      quickestMs = Math.min(ms, quickestMs * forgetting)
      const isSlow = ms > Math.max(slowMs, quickestMs * slowRatio)
      window = isSlow ? Math.max(smallest, window * shrinkage) : Math.min(largest, window + growth)
    },
  }
}
