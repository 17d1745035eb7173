import { createBatchStarts } from './batch-starts.ts'
import { createFairQueue } from './fair-queue.ts'

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
 * Writes items that arrive together in one batch: those of one turn of the event loop, and those that came while another
 * batch was written. A single item does not wait for others. A failed batch is halved until the failing item is alone, so
 * that only that item fails.
 *
 * When more items wait than a batch takes, the groups take turns, so that one group with many items does not delay the
 * others. When too many wait, a group with less than its share may still add some, up to twice the limits in all.
 */
export function createBatcher<Item, Result>(options: {
  readonly maxItems: number
  readonly inFlight: number
  /** Milliseconds after which another batch starts beside one that is running; 0 by default. */
  readonly besideAfterMs?: number
  readonly maxWaiting: number
  /** Byte limit for waiting items. */
  readonly maxWaitingBytes?: { readonly max: number; readonly of: (item: Item) => number }
  /** Group of an item, such as its workspace; items of a group keep their order. Without it all are one group. */
  readonly groupOf?: (item: Item) => string
  readonly whenFull: () => Error
  /**
   * Returns whether a failure concerns the whole batch (the database is unavailable), so that halving it is useless.
   */
  readonly failsTogether: (error: unknown) => boolean
  readonly write: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>
}): Batcher<Item, Result> {
  const bytesOf = (item: Item) => options.maxWaitingBytes?.of(item) ?? 0
  const queue = createFairQueue<Waiting<Item, Result>>({
    maxItems: options.maxWaiting,
    maxBytes: options.maxWaitingBytes?.max ?? Number.POSITIVE_INFINITY,
    bytesOf: ({ item }) => bytesOf(item),
    groupOf: ({ item }) => options.groupOf?.(item) ?? '',
  })
  const { inFlight, maxItems, besideAfterMs = 0 } = options
  let whenIdle: (() => void)[] = []
  const isIdle = () => queue.size === 0 && starts.running === 0

  const resolveIdle = () => {
    if (!isIdle()) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
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

  const starts = createBatchStarts(
    { inFlight, besideAfterMs },
    { isEmpty: () => queue.size === 0, isFull: () => queue.size >= maxItems },
    () => settle(queue.take(maxItems)),
    resolveIdle,
  )

  return {
    get waiting() {
      return queue.size
    },
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        if (!queue.add({ item, resolve, reject })) return reject(options.whenFull())
        starts.startSoon()
      }),
    idle: () =>
      new Promise<void>((resolve) => {
        whenIdle.push(resolve)
        resolveIdle()
      }),
  }
}
