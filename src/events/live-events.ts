import type { Database } from '../database/database.ts'
import type { Log } from '../platform/log.ts'
import { type BoundedBuffer, cancellable, createBoundedBuffer } from './bounded-buffer.ts'
import type { LoggedEvent } from './event-types.ts'
import { headPosition, readEventsAfter } from './log.ts'
import { startReadingLoop } from './poll-loop.ts'
import type { Signals } from './signals.ts'

// Of what is in the log already. Live, each batch is offered in one go, so it must fit into a buffer many times: a
// subscriber that keeps up is not to be closed because many events were committed at once. And it is sent to everyone
// within one turn of the event loop, in which nobody else is served.
const catchUpSize = 500
const liveSize = 16

export interface LiveEvents {
  /**
   * The events of a workspace in order, each once: what is in the log after the position first, then live; without a
   * position what is committed once this has resolved. The iteration throws SlowSubscriberError when its reader is too
   * slow, and ends when `stop` is called.
   */
  subscribe(request: LiveRequest): Promise<AsyncGenerator<LoggedEvent>>
  /** The same without a position, all that waits at a time. */
  subscribeInBatches(workspaceId: string): Promise<AsyncGenerator<readonly LoggedEvent[]>>
  readonly subscriberCount: number
  stop(): Promise<void>
}

interface LiveRequest {
  readonly workspaceId: string
  readonly after?: number
}

/** The time in which somebody is subscribed: the log is read from `position` on. */
interface Watch {
  position: number
}

/** Counts who watches. The first begins a watch where it wants to, the last ends it. */
function createWatches() {
  let current: Watch | undefined
  let watchers = 0
  return {
    get current() {
      return current
    },
    enter: (position: number): Watch => {
      watchers += 1
      current ??= { position }
      return current
    },
    leave: () => {
      watchers -= 1
      if (watchers === 0) current = undefined
    },
  }
}

/** One reader of the log for all live subscribers of this process. While there is none it reads nothing. */
export function startLiveEvents(database: Database, signals: Signals, log: Log): LiveEvents {
  const audience = createAudience()
  const watches = createWatches()
  let stopped = false

  const loop = startReadingLoop('live', log, async () => {
    const current = watches.current
    if (current === undefined) return false
    const events = await readEventsAfter(database, { position: current.position, limit: liveSize })
    // Nobody watches any more, or others do, who have a position of their own.
    if (current !== watches.current) return false
    for (const event of events) {
      audience.tell(event)
      current.position = event.position
    }
    return events.length === liveSize
  })
  const stopWaking = signals.subscribe('events', loop.wake)

  /**
   * Reads the log until it has come as far as the live reader, and attaches in the same turn of the event loop: so
   * nothing is missed at the seam; what the catch-up has read beyond the live reader is not sent again. A subscriber
   * counts from its first `next` on: one that is dropped before holds nothing.
   */
  async function* follow<Taken>({ workspaceId, seen: from, left }: Seat, head: number, shape: Shape<Taken>) {
    const isOver = () => stopped || left.aborted
    if (isOver()) return
    const current = watches.enter(head)
    loop.wake()
    try {
      let seen = from
      while (seen < current.position && !isOver()) {
        const upTo = current.position
        const missed = await readEventsAfter(database, { position: seen, limit: catchUpSize, workspaceId })
        if (missed.length > 0) yield* shape.missed(missed)
        const last = missed.at(-1)?.position ?? 0
        seen = missed.length === catchUpSize ? last : Math.max(last, upTo)
      }
      if (!isOver()) yield* audience.listen({ workspaceId, seen, left }, shape.live)
    } finally {
      watches.leave()
    }
  }

  const open = async <Taken>({ workspaceId, after }: LiveRequest, shape: Shape<Taken>) => {
    const leaving = new AbortController()
    const head = watches.current?.position ?? (await headPosition(database))
    const seat = { workspaceId, seen: after ?? head, left: leaving.signal }
    return cancellable(follow(seat, head, shape), () => leaving.abort())
  }

  return {
    subscribe: (request) => open(request, oneByOne),
    subscribeInBatches: (workspaceId) => open({ workspaceId }, inBatches),
    get subscriberCount() {
      return audience.size()
    },
    stop: async () => {
      stopped = true
      stopWaking()
      await loop.stop()
      audience.dismiss()
    },
  }
}

/** How a subscriber takes what it missed, and what comes. */
interface Shape<Taken> {
  missed(events: readonly LoggedEvent[]): Iterable<Taken>
  live(buffer: Buffered): AsyncGenerator<Taken>
}

const oneByOne: Shape<LoggedEvent> = { missed: (events) => events, live: (buffer) => buffer.items() }
const inBatches: Shape<readonly LoggedEvent[]> = { missed: (events) => [events], live: (buffer) => buffer.batches() }

interface Seat {
  readonly workspaceId: string
  readonly seen: number
  readonly left: AbortSignal
}

/** Who listens, by workspace. */
function createAudience() {
  const subscribers = new Map<string, Set<Subscriber>>()
  let dismissed = false

  const attach = (workspaceId: string, subscriber: Subscriber) => {
    const others = subscribers.get(workspaceId) ?? new Set()
    subscribers.set(workspaceId, others.add(subscriber))
  }
  const detach = (workspaceId: string, subscriber: Subscriber) => {
    const others = subscribers.get(workspaceId)
    others?.delete(subscriber)
    if (others?.size === 0) subscribers.delete(workspaceId)
  }

  return {
    tell: (event: LoggedEvent) => {
      for (const { buffer, seen } of subscribers.get(event.workspaceId) ?? [])
        if (event.position > seen) buffer.offer(event)
    },
    async *listen<Taken>({ workspaceId, seen, left }: Seat, take: (buffer: Buffered) => AsyncGenerator<Taken>) {
      const subscriber = { seen, buffer: createBoundedBuffer<LoggedEvent>(({ body }) => Buffer.byteLength(body)) }
      if (dismissed || left.aborted) return
      left.addEventListener('abort', subscriber.buffer.end)
      attach(workspaceId, subscriber)
      try {
        yield* take(subscriber.buffer)
      } finally {
        detach(workspaceId, subscriber)
      }
    },
    size: () => [...subscribers.values()].reduce((count, set) => count + set.size, 0),
    dismiss: () => {
      dismissed = true
      for (const set of subscribers.values()) for (const { buffer } of set) buffer.end()
    },
  }
}

type Buffered = BoundedBuffer<LoggedEvent>

/** `seen`: what the catch-up has sent already. */
interface Subscriber {
  readonly seen: number
  readonly buffer: Buffered
}
