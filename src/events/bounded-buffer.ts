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
  offer(item: Item): void
  readonly end: () => void
  /** What was offered, in order; throws SlowSubscriberError once too much waits, ends after `end`. */
  items(): AsyncGenerator<Item>
}

/** Holds 256 items or 1 MiB, as `bytesOf` counts. */
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

  return {
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
    async *items() {
      while (state === 'open') {
        const item = buffered.shift()
        if (item === undefined) {
          await new Promise<void>((resolve) => {
            signal = resolve
          })
          continue
        }
        bytes -= bytesOf(item)
        yield item
      }
      if (state === 'overflown') throw new SlowSubscriberError()
    },
  }
}

/** A generator takes `return` only once what it waits for has come, in a quiet workspace never: this ends the wait. */
export function leavingAtOnce<Item>(items: AsyncGenerator<Item>, leave: () => void): AsyncGenerator<Item> {
  const end = items.return.bind(items)
  items.return = (value) => {
    leave()
    return end(value)
  }
  return items
}
