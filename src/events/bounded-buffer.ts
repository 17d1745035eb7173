/** Thrown when a subscriber's buffer is full. Its socket is closed with 4290; it resumes from its last cursor. */
export class SlowSubscriberError extends Error {
  constructor() {
    super('This subscriber cannot keep up. Resume from the last cursor.')
    this.name = 'SlowSubscriberError'
  }
}

const maxBufferedItems = 256
const maxBufferedBytes = 1024 * 1024

/** Items that wait for one subscriber: a slow subscriber or another tenant does not affect it. */
export interface BoundedBuffer<Item> {
  /** Whether it accepts items: false once it has ended or overflowed, even before its reader notices. */
  readonly isOpen: boolean
  offer(item: Item): void
  readonly end: () => void
  /** Yields the waiting items in order, all at once; throws SlowSubscriberError after an overflow, ends after `end`. */
  batches(): AsyncGenerator<readonly Item[]>
  /** Yields the same items one by one. */
  items(): AsyncGenerator<Item>
}

/** Creates a buffer of 256 items or 1 MiB, as `bytesOf` counts, in addition to the batch that was read last. */
export function createBoundedBuffer<Item>(bytesOf: (item: Item) => number): BoundedBuffer<Item> {
  let buffered: Item[] = []
  let bytes = 0
  let state: 'open' | 'ended' | 'overflowed' = 'open'
  let signal: () => void = () => {}

  const finish = (next: 'ended' | 'overflowed') => {
    state = next
    buffered = []
    signal()
  }

  async function* batches() {
    while (state === 'open') {
      const batch = buffered
      if (batch.length === 0) {
        await new Promise<void>((resolve) => {
          signal = resolve
        })
        continue
      }
      buffered = []
      bytes = 0
      yield batch
    }
    if (state === 'overflowed') throw new SlowSubscriberError()
  }

  return {
    get isOpen() {
      return state === 'open'
    },
    offer: (item) => {
      if (state !== 'open') return
      bytes += bytesOf(item)
      if (buffered.length >= maxBufferedItems || bytes > maxBufferedBytes) {
        finish('overflowed')
        return
      }
      buffered.push(item)
      signal()
    },
    end: () => {
      if (state === 'open') finish('ended')
    },
    batches,
    async *items() {
      for await (const batch of batches())
        for (const item of batch) {
          if (state !== 'open') break
          yield item
        }
    },
  }
}

/**
 * Makes `return` of a generator end its wait: by itself it takes effect only after the next item, which may never come.
 */
export function cancellable<Item>(items: AsyncGenerator<Item>, cancel: () => void): AsyncGenerator<Item> {
  const end = items.return.bind(items)
  items.return = (value) => {
    cancel()
    return end(value)
  }
  return items
}
