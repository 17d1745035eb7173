/** State of the items that wait for a batch. */
interface Waiting {
  readonly isEmpty: () => boolean
  readonly isFull: () => boolean
}

/** Items that must be expected until a batch may start beside another one: waiting for fewer makes it hardly larger. */
const minExpected = 4
/** Weight of the last interval in the mean of the intervals between items. */
const lastWeight = 1 / 8

/** Starts batches, and knows how many are running. */
export interface BatchStarts {
  /** Call it for each item: starts batches when all that arrives in this turn of the event loop has been added. */
  startSoon(): void
  readonly running: number
}

/**
 * Decides when batches start. When none is running, the next one starts with all that waits. Beside a running batch it
 * starts when it is full, or when the running one has taken `besideAfterMs`. So batches are large while the database is
 * fast, and one that waits for a lock does not stop the others. While few items arrive, it starts at once.
 * @param write takes a batch from what waits, and writes it; never rejects
 * @param onEnd called after each batch
 */
export function createBatchStarts(
  { inFlight, besideAfterMs }: { readonly inFlight: number; readonly besideAfterMs: number },
  { isEmpty, isFull }: Waiting,
  write: () => Promise<void>,
  onEnd: () => void,
): BatchStarts {
  let running = 0
  let lastStart = 0
  let isScheduled = false
  let isTimed = false
  let lastArrival = 0
  let meanIntervalMs = 0

  const recordArrival = () => {
    const now = performance.now()
    meanIntervalMs += (Math.min(now - lastArrival, besideAfterMs) - meanIntervalMs) * lastWeight
    lastArrival = now
  }

  const waitMs = (): number => {
    if (running === 0) return 0
    if (running >= inFlight) return Number.POSITIVE_INFINITY
    if (isFull() || meanIntervalMs * minExpected > besideAfterMs) return 0
    return lastStart + besideAfterMs - performance.now()
  }

  const startIn = (ms: number) => {
    if (isTimed || ms === Number.POSITIVE_INFINITY) return
    isTimed = true
    setTimeout(() => {
      isTimed = false
      start()
    }, ms)
  }

  const start = () => {
    while (!isEmpty()) {
      const ms = waitMs()
      if (ms > 0) return startIn(ms)
      running++
      lastStart = performance.now()
      void write().finally(() => {
        running--
        start()
        onEnd()
      })
    }
  }

  return {
    startSoon: () => {
      recordArrival()
      if (isScheduled || running >= inFlight) return
      isScheduled = true
      setImmediate(() => {
        isScheduled = false
        start()
      })
    },
    get running() {
      return running
    },
  }
}
