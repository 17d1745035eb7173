/** Half a second, and twice as long each time up to 15, none the same as another's. */
export function backoffMs(failures: number, random = Math.random()): number {
  return Math.min(500 * 2 ** failures, 15_000) * (0.5 + random / 2)
}

/** Ends early when the browser is online again, and when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
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

/** Many calls that come close together are one, the first of them this much later. */
export function gathered(ms: number, work: () => void): () => void {
  let isComing = false
  return () => {
    if (isComing) return
    isComing = true
    setTimeout(() => {
      isComing = false
      work()
    }, ms)
  }
}
