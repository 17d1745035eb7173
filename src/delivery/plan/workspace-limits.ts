/** Slots of one workspace, even if the claims are slow: those of a full claim, since smaller ones cost almost as much. */
const minWindow = 50
const maxWindow = 4000
/** A claim is slow if it takes longer than `slowMs` and than `slowRatio` times the fastest recent claim. */
const slowMs = 30
const slowRatio = 2.5
/** Factor by which the fastest recent time grows with each claim, so that old values lose weight. */
const quickestGrowth = 1.01
const growth = 8
const shrinkage = 0.7

/**
 * Limits the slots of one workspace by the duration of claims. Without it, fast receivers keep the machine so busy that
 * the first delivery of another workspace waits behind them. Slow receivers do not slow claims down, and an attempt that
 * waits for one releases its slot after a while.
 */
export interface Pace {
  /** Maximum slots of one workspace. */
  readonly window: number
  /** Records the duration of a claim. */
  recordClaim(ms: number): void
}

export function createPace(): Pace {
  let window = 64
  let quickestMs = Number.POSITIVE_INFINITY
  return {
    get window() {
      return Math.floor(window)
    },
    recordClaim: (ms) => {
      quickestMs = Math.min(ms, quickestMs * quickestGrowth)
      const isSlow = ms > Math.max(slowMs, quickestMs * slowRatio)
      window = isSlow ? Math.max(minWindow, window * shrinkage) : Math.min(maxWindow, window + growth)
    },
  }
}
