const firstMs = 100
const longestMs = 30_000
/** After so long without an end, the next one counts as the first. */
const calmMs = 60_000

/** Delays before processes that ended are started again: they double while processes keep ending. */
export function createRestartDelays(now: () => number = () => performance.now()): { next(): number } {
  let delayMs = 0
  let lastEnd = Number.NEGATIVE_INFINITY
  return {
    next: () => {
      const isCalm = now() - lastEnd > calmMs
      lastEnd = now()
      delayMs = isCalm ? firstMs : Math.min(delayMs * 2, longestMs)
      return delayMs
    },
  }
}
