/** State of the items that wait for a batch. */
interface Waiting {
  readonly isEmpty: () => boolean
  readonly isFull: () => boolean
}

/** Starts batches, and knows how many are running. */
export interface BatchStarts {
  /** Starts batches when all that arrives in this turn of the event loop has been added. */
  startSoon(): void
  readonly running: number
}

/**
 * Decides when batches start. When none is running, the next one starts with all that waits. Beside a running batch it
 * starts when it is full, or when the running one has taken `besideAfterMs`. So batches are large while the database is
 * fast, and one that waits for a lock does not stop the others.
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

  const waitMs = (): number => {
    if (running === 0) return 0
    if (running >= inFlight) return Number.POSITIVE_INFINITY
    return isFull() ? 0 : lastStart + besideAfterMs - performance.now()
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
