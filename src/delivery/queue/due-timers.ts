/** Wakes at the times of retries, so that a retry does not wait for the next poll. */
export interface DueTimers {
  /** Wakes once when a retry is due that was settled just now. */
  add(delayMs: number): void
  stop(): void
}

/**
 * Retries that are due within one tick share a timer. A tick is the power of two below a hundredth of the delay, which has
 * a jitter of a fifth: so the retries of one step of the schedule have fewer than 100 timers, and each is late by a
 * hundredth at most.
 */
const tickPart = 0.01
const minTickMs = 16
/** Later ones wait for a poll, up to a second, as do those that come while there are too many timers. */
const maxDelayMs = 100_000
const maxTimers = 1000

export function createDueTimers(wake: () => void): DueTimers {
  const timers = new Map<number, NodeJS.Timeout>()
  const start = (dueAt: number, ms: number) => {
    const end = () => {
      timers.delete(dueAt)
      wake()
    }
    timers.set(dueAt, setTimeout(end, ms).unref())
  }
  return {
    add: (delayMs) => {
      if (delayMs > maxDelayMs || timers.size >= maxTimers) return
      const now = performance.now()
      const tickMs = Math.max(minTickMs, 2 ** Math.floor(Math.log2(delayMs * tickPart)))
      // A timer may end a millisecond early, and the retry would not be due yet.
      const dueAt = Math.ceil((now + delayMs + 1) / tickMs) * tickMs
      if (!timers.has(dueAt)) start(dueAt, dueAt - now)
    },
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
