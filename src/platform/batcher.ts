/** Result of one item of a batch. */
export type Settled<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown }

export interface Batcher<Item, Result> {
  /** Resolves when the batch with the item has been written. Rejects with `whenFull()` when too many items wait. */
  add(item: Item): Promise<Result>
  /** Resolves when no item waits and no batch is being written. */
  idle(): Promise<void>
  readonly waiting: number
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes items that arrive together in one batch. A batch starts as soon as fewer than `inFlight` are running, with all
 * items that wait. There is no timer, so a single item does not wait for others. A failed batch is halved until the
 * failing item is alone, so that only that item fails.
 */
export function createBatcher<Item, Result>(options: {
  readonly maxItems: number
  readonly inFlight: number
  readonly maxWaiting: number
  /** Byte limit for waiting items. */
  readonly maxWaitingBytes?: { readonly max: number; readonly of: (item: Item) => number }
  readonly whenFull: () => Error
  /**
   * Returns whether a failure concerns the whole batch (the database is unavailable), so that halving it is useless.
   */
  readonly failsTogether: (error: unknown) => boolean
  readonly write: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>
}): Batcher<Item, Result> {
  let queue: Waiting<Item, Result>[] = []
  let waitingBytes = 0
  let running = 0
  let whenIdle: (() => void)[] = []

  const bytesOf = (item: Item) => options.maxWaitingBytes?.of(item) ?? 0
  const isFull = (bytes: number) =>
    queue.length >= options.maxWaiting ||
    waitingBytes + bytes > (options.maxWaitingBytes?.max ?? Number.POSITIVE_INFINITY)

  const pump = () => {
    while (running < options.inFlight && queue.length > 0) {
      const batch = queue.slice(0, options.maxItems)
      queue = queue.slice(options.maxItems)
      for (const { item } of batch) waitingBytes -= bytesOf(item)
      running++
      void settle(batch).finally(() => {
        running--
        pump()
      })
    }
    if (running === 0 && queue.length === 0) {
      for (const resolve of whenIdle) resolve()
      whenIdle = []
    }
  }

  const settle = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await options.write(batch.map(({ item }) => item))
      batch.forEach((waiting, index) => {
        const result = results[index]
        if (result?.ok) waiting.resolve(result.value)
        else waiting.reject(result?.error ?? new Error('The batch returned fewer results than items.'))
      })
    } catch (error) {
      await settleFailed(batch, error)
    }
  }

  const settleFailed = async (batch: readonly Waiting<Item, Result>[], error: unknown): Promise<void> => {
    if (batch.length === 1 || options.failsTogether(error)) {
      for (const { reject } of batch) reject(error)
      return
    }
    const middle = Math.ceil(batch.length / 2)
    await settle(batch.slice(0, middle))
    await settle(batch.slice(middle))
  }

  return {
    get waiting() {
      return queue.length
    },
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        const bytes = bytesOf(item)
        if (isFull(bytes)) return reject(options.whenFull())
        queue.push({ item, resolve, reject })
        waitingBytes += bytes
        pump()
      }),
    idle: () =>
      new Promise<void>((resolve) => {
        whenIdle.push(resolve)
        pump()
      }),
  }
}
