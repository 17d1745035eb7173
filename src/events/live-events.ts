import type { Database } from '../database/database.ts'
import type { Log } from '../platform/log.ts'
import { type BoundedBuffer, cancellable, createBoundedBuffer } from './bounded-buffer.ts'
import { headPosition, readEventsAfter } from './event-log.ts'
import type { LoggedEvent } from './event-types.ts'
import { createLogEndCheck } from './log-end.ts'
import { startPollLoop } from './poll-loop.ts'
import type { Signals } from './signals.ts'

// Batch sizes: catch-up from the log, and live. A live batch is offered at once, so it must fit into a buffer many
// times: many events in one commit must not close a subscriber that keeps up. It is also sent to all subscribers within
// one turn of the event loop, which blocks everything else.
const catchUpSize = 500
const liveSize = 16

export interface LiveEvents {
  /**
   * Yields the events of a workspace in order, each once: first those in the log after the position, then live ones.
   * Without a position it yields the events committed after this has resolved. The iteration throws SlowSubscriberError
   * when its reader is too slow, and ends when `stop` is called.
   */
  subscribe(request: LiveRequest): Promise<AsyncGenerator<LoggedEvent>>
  /** Yields live events without a position, all waiting events at once. */
  subscribeInBatches(workspaceId: string): Promise<AsyncGenerator<readonly LoggedEvent[]>>
  readonly subscriberCount: number
  /** Position up to which the log was read; undefined without subscribers. */
  readonly position: number | undefined
  stop(): Promise<void>
}

interface LiveRequest {
  readonly workspaceId: string
  readonly after?: number
}

/** Position up to which the log is read, while there are subscribers. */
interface Watch {
  position: number
  readonly logEnd: ReturnType<typeof createLogEndCheck>
}

/** Counts the subscribers. The first one starts the watch at its position, the last one ends it. */
function createWatches(database: Database) {
  let current: Watch | undefined
  let watchers = 0
  return {
    get current() {
      return current
    },
    enter: (position: number): Watch => {
      watchers += 1
      current ??= { position, logEnd: createLogEndCheck(database, position) }
      return current
    },
    leave: () => {
      watchers -= 1
      if (watchers === 0) current = undefined
    },
  }
}

/** Starts one reader of the log for all live subscribers of this process. Without subscribers it reads nothing. */
export function startLiveEvents(database: Database, signals: Signals, log: Log): LiveEvents {
  const registry = createSubscriberRegistry()
  const watches = createWatches(database)
  let stopped = false

  const loop = startPollLoop('live', log, async () => {
    const current = watches.current
    if (current === undefined) return false
    const end = await current.logEnd.findLoss()
    if (end !== undefined) {
      log.warn({ position: current.position, log_end: end }, 'live.log_lost_its_end')
      current.position = end
      registry.rewind(end)
    }
    const request = { position: current.position, limit: liveSize }
    const events = await current.logEnd.watch(readEventsAfter(database, request))
    // Stops when all subscribers have left, or new ones have started a watch with a position of their own.
    if (current !== watches.current) return false
    for (const event of events) {
      if (current.logEnd.add(event)) registry.publish(event)
      current.position = event.position
    }
    return events.length === liveSize
  })
  const stopWaking = signals.subscribe('events', loop.wake)

  /**
   * Reads the log up to the live reader's position and attaches in the same turn of the event loop, so that no event is
   * missed between the two. Events that the catch-up read beyond that position are not sent again. A subscriber counts
   * from its first `next`: one that is dropped earlier holds no resources.
   */
  async function* follow<Item>({ workspaceId, seen: from, signal }: Subscription, head: number, shape: Shape<Item>) {
    const isOver = () => stopped || signal.aborted
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
      if (!isOver()) yield* registry.listen({ workspaceId, seen, signal }, shape.live)
    } finally {
      watches.leave()
    }
  }

  const open = async <Item>({ workspaceId, after }: LiveRequest, shape: Shape<Item>) => {
    const cancellation = new AbortController()
    const head = watches.current?.position ?? (await headPosition(database))
    const subscription = { workspaceId, seen: after ?? head, signal: cancellation.signal }
    return cancellable(follow(subscription, head, shape), () => cancellation.abort())
  }

  return {
    subscribe: (request) => open(request, oneByOne),
    subscribeInBatches: (workspaceId) => open({ workspaceId }, inBatches),
    get subscriberCount() {
      return registry.size()
    },
    get position() {
      return watches.current?.position
    },
    stop: async () => {
      stopped = true
      stopWaking()
      await loop.stop()
      registry.closeAll()
    },
  }
}

/** Converts missed and live events to the items that a subscriber reads. */
interface Shape<Item> {
  missed(events: readonly LoggedEvent[]): Iterable<Item>
  live(buffer: Buffered): AsyncGenerator<Item>
}

const oneByOne: Shape<LoggedEvent> = { missed: (events) => events, live: (buffer) => buffer.items() }
const inBatches: Shape<readonly LoggedEvent[]> = { missed: (events) => [events], live: (buffer) => buffer.batches() }

interface Subscription {
  readonly workspaceId: string
  readonly seen: number
  readonly signal: AbortSignal
}

/** Creates the registry of live subscribers, by workspace. */
function createSubscriberRegistry() {
  const subscribers = new Map<string, Set<Subscriber>>()
  let closed = false

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
    publish: (event: LoggedEvent) => {
      for (const { buffer, seen } of subscribers.get(event.workspaceId) ?? [])
        if (event.position > seen) buffer.offer(event)
    },
    async *listen<Item>(
      { workspaceId, seen, signal }: Subscription,
      itemsOf: (buffer: Buffered) => AsyncGenerator<Item>,
    ) {
      const subscriber = { seen, buffer: createBoundedBuffer<LoggedEvent>(({ body }) => Buffer.byteLength(body)) }
      if (closed || signal.aborted) return
      signal.addEventListener('abort', subscriber.buffer.end)
      attach(workspaceId, subscriber)
      try {
        yield* itemsOf(subscriber.buffer)
      } finally {
        detach(workspaceId, subscriber)
      }
    },
    /** Lets subscribers have events after the position that they have seen positions beyond. */
    rewind: (position: number) => {
      for (const set of subscribers.values())
        for (const subscriber of set) subscriber.seen = Math.min(subscriber.seen, position)
    },
    size: () => [...subscribers.values()].reduce((count, set) => count + set.size, 0),
    closeAll: () => {
      closed = true
      for (const set of subscribers.values()) for (const { buffer } of set) buffer.end()
    },
  }
}

type Buffered = BoundedBuffer<LoggedEvent>

/** `seen`: last position that the catch-up has sent, or the end of the log when that is lower after a failover. */
interface Subscriber {
  seen: number
  readonly buffer: Buffered
}
