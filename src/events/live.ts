import type { Database } from '../database/database.ts'
import type { Log } from '../log.ts'
import type { LoggedEvent } from './catalogue.ts'
import { headPosition, readEventsAfter } from './log.ts'
import { startReadingLoop } from './reading-loop.ts'
import type { Wake } from './wake.ts'

const batchSize = 500
const maxBufferedEvents = 256
const maxBufferedBytes = 1024 * 1024

/** A subscriber's buffer is full. Its socket is closed with 4290; it resumes from its last cursor. */
export class SlowSubscriberError extends Error {
  constructor() {
    super('This subscriber cannot keep up. Resume from the last cursor.')
    this.name = 'SlowSubscriberError'
  }
}

export interface LiveEvents {
  /**
   * The events of a workspace in order, each once: what is in the log after the position first, then live; without a
   * position what comes from now on.
   * The iteration throws SlowSubscriberError when the reader is too slow, and ends when `stop` is called.
   */
  subscribe(request: { readonly workspaceId: string; readonly after?: number }): AsyncGenerator<LoggedEvent>
  readonly subscriberCount: number
  stop(): Promise<void>
}

/** One reader of the log for all live subscribers of this process, from its end on. */
export async function startLiveEvents(database: Database, wake: Wake, log: Log): Promise<LiveEvents> {
  const subscribers = new Map<string, Set<Subscriber>>()
  let position = await headPosition(database)
  let stopped = false

  const loop = startReadingLoop('live', log, async () => {
    const events = await readEventsAfter(database, { position, limit: batchSize })
    for (const event of events) {
      for (const subscriber of subscribers.get(event.workspaceId) ?? []) subscriber.offer(event)
      position = event.position
    }
    return events.length === batchSize
  })
  const stopWaking = wake.onWake('events', loop.wake)

  const attach = (workspaceId: string, subscriber: Subscriber) => {
    const others = subscribers.get(workspaceId) ?? new Set()
    subscribers.set(workspaceId, others.add(subscriber))
  }
  const detach = (workspaceId: string, subscriber: Subscriber) => {
    const others = subscribers.get(workspaceId)
    others?.delete(subscriber)
    if (others?.size === 0) subscribers.delete(workspaceId)
  }

  /**
   * Reads the log until it has come as far as the live reader, and attaches in the same turn of the event loop: so
   * nothing is missed at the seam; what the catch-up has read beyond the live reader is not sent again.
   */
  async function* subscribe({ workspaceId, after }: { workspaceId: string; after?: number }) {
    let seen = after ?? position
    while (seen < position && !stopped) {
      const upTo = position
      const missed = await readEventsAfter(database, { position: seen, limit: batchSize, workspaceId })
      for (const event of missed) yield event
      seen =
        missed.length === batchSize ? (missed.at(-1)?.position ?? upTo) : Math.max(missed.at(-1)?.position ?? 0, upTo)
    }
    const subscriber = createSubscriber(seen)
    attach(workspaceId, subscriber)
    try {
      if (!stopped) yield* subscriber.events()
    } finally {
      detach(workspaceId, subscriber)
    }
  }

  return {
    subscribe: (request) => subscribe(request),
    get subscriberCount() {
      return [...subscribers.values()].reduce((count, set) => count + set.size, 0)
    },
    stop: async () => {
      stopped = true
      stopWaking()
      await loop.stop()
      for (const set of subscribers.values()) for (const subscriber of set) subscriber.end()
    },
  }
}

interface Subscriber {
  offer(event: LoggedEvent): void
  end(): void
  events(): AsyncGenerator<LoggedEvent>
}

/** A buffer of one subscriber's own: another one's slowness or tenant never shows in it. */
function createSubscriber(seen: number): Subscriber {
  let buffered: LoggedEvent[] = []
  let bytes = 0
  let state: 'open' | 'ended' | 'overflown' = 'open'
  let signal: () => void = () => {}

  const finish = (how: 'ended' | 'overflown') => {
    state = how
    buffered = []
    signal()
  }

  return {
    offer: (event) => {
      if (state !== 'open' || event.position <= seen) return
      bytes += event.body.length
      if (buffered.length >= maxBufferedEvents || bytes > maxBufferedBytes) return finish('overflown')
      buffered.push(event)
      signal()
    },
    end: () => finish('ended'),
    async *events() {
      while (state === 'open') {
        const event = buffered.shift()
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            signal = resolve
          })
          continue
        }
        bytes -= event.body.length
        yield event
      }
      if (state === 'overflown') throw new SlowSubscriberError()
    },
  }
}
