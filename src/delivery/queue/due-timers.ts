/** Wakes at the times of retries, so that a retry does not wait for the next poll. */
export interface DueTimers {
  /** Wakes once when a retry is due that was settled just now. */
  add(delayMs: number): void
  stop(): void
}

/** Retries that are due within one tick share a timer. */
const tickMs = 20
/** With more, the retries that come then wait for a poll, up to a second. */
const maxTimers = 1000
const maxDelayMs = 24 * 3600 * 1000

export function createDueTimers(wake: () => void): DueTimers {
  const timers = new Map<number, NodeJS.Timeout>()
  const start = (tick: number, ms: number) => {
    const end = () => {
      timers.delete(tick)
      wake()
    }
    timers.set(tick, setTimeout(end, ms).unref())
  }
  return {
    add: (delayMs) => {
      const now = performance.now()
      // A timer may end a millisecond early, and the retry would not be due yet.
      const tick = Math.ceil((now + delayMs + 1) / tickMs)
      if (delayMs > maxDelayMs || timers.has(tick) || timers.size >= maxTimers) return
      start(tick, tick * tickMs - now)
    },
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
