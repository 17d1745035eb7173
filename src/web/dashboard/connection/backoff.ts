/** Returns the wait before a retry: half a second, doubled each time up to 15 seconds, with random jitter. */
export function backoffMs(failures: number, random = Math.random()): number {
  return Math.min(500 * 2 ** failures, 15_000) * (0.5 + random / 2)
}

/** Sleeps; ends early when the browser is online again or the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

/** Throttles the work: many calls within `ms` run it once, `ms` after the first call. */
export function throttleTrailing(ms: number, work: () => void): () => void {
  let isScheduled = false
  return () => {
    if (isScheduled) return
    isScheduled = true
    setTimeout(() => {
      isScheduled = false
      work()
    }, ms)
  }
}
