/** A subscriber's buffer is full. Its socket is closed with 4290; it resumes from its last cursor. */
export class SlowSubscriberError extends Error {
  constructor() {
    super('This subscriber cannot keep up. Resume from the last cursor.')
    this.name = 'SlowSubscriberError'
  }
}

const maxBufferedItems = 256
const maxBufferedBytes = 1024 * 1024

/** What waits for one subscriber: its slowness or tenant never shows in another's. */
export interface BoundedBuffer<Item> {
  /** Whether it takes more: not once it has ended or too much waits, however late its reader learns of that. */
  readonly isOpen: boolean
  offer(item: Item): void
  readonly end: () => void
  /** What was offered, in order, all that waits at a time; throws SlowSubscriberError once too much waits, ends after `end`. */
  batches(): AsyncGenerator<readonly Item[]>
  /** The same one by one. */
  items(): AsyncGenerator<Item>
}

/** Holds 256 items or 1 MiB, as `bytesOf` counts, beside the batch that was taken last. */
export function createBoundedBuffer<Item>(bytesOf: (item: Item) => number): BoundedBuffer<Item> {
  let buffered: Item[] = []
  let bytes = 0
  let state: 'open' | 'ended' | 'overflown' = 'open'
  let signal: () => void = () => {}

  const finish = (how: 'ended' | 'overflown') => {
    state = how
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
    if (state === 'overflown') throw new SlowSubscriberError()
  }

  return {
    get isOpen() {
      return state === 'open'
    },
    offer: (item) => {
      if (state !== 'open') return
      bytes += bytesOf(item)
      if (buffered.length >= maxBufferedItems || bytes > maxBufferedBytes) {
        finish('overflown')
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

/** A generator takes `return` only once what it waits for has come, in a quiet workspace never: this ends the wait. */
export function cancellable<Item>(items: AsyncGenerator<Item>, leave: () => void): AsyncGenerator<Item> {
  const end = items.return.bind(items)
  items.return = (value) => {
    leave()
    return end(value)
  }
  return items
}
