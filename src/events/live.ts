import type { Database } from '../database/database.ts'
import type { Log } from '../log.ts'
import { type BoundedBuffer, createBoundedBuffer, leavingAtOnce } from './bounded-buffer.ts'
import type { LoggedEvent } from './catalogue.ts'
import { headPosition, readEventsAfter } from './log.ts'
import { startReadingLoop } from './reading-loop.ts'
import type { Wake } from './wake.ts'

// Of what is in the log already. Live, each batch is offered in one go, so it must fit into a buffer many times: a
// subscriber that keeps up is not to be closed because many events were committed at once. And it is sent to everyone
// within one turn of the event loop, in which nobody else is served.
const catchUpSize = 500
const liveSize = 16

export interface LiveEvents {
  /**
   * The events of a workspace in order, each once: what is in the log after the position first, then live; without a
   * position what comes from now on.
   * The iteration throws SlowSubscriberError when the reader is too slow, and ends when `stop` is called.
   */
  subscribe(request: { readonly workspaceId: string; readonly after?: number }): AsyncGenerator<LoggedEvent>
  /** What comes from now on, all that waits at a time. */
  subscribeInBatches(workspaceId: string): AsyncGenerator<readonly LoggedEvent[]>
  readonly subscriberCount: number
  stop(): Promise<void>
}

/** One reader of the log for all live subscribers of this process, from its end on. */
export async function startLiveEvents(database: Database, wake: Wake, log: Log): Promise<LiveEvents> {
  const audience = createAudience()
  let position = await headPosition(database)
  let stopped = false

  const loop = startReadingLoop('live', log, async () => {
    const events = await readEventsAfter(database, { position, limit: liveSize })
    for (const event of events) {
      audience.tell(event)
      position = event.position
    }
    return events.length === liveSize
  })
  const stopWaking = wake.onWake('events', loop.wake)

  /**
   * Reads the log until it has come as far as the live reader, and attaches in the same turn of the event loop: so
   * nothing is missed at the seam; what the catch-up has read beyond the live reader is not sent again.
   */
  async function* subscribe({ workspaceId, after }: { workspaceId: string; after?: number }, left: AbortSignal) {
    const isOver = () => stopped || left.aborted
    let seen = after ?? position
    while (seen < position && !isOver()) {
      const upTo = position
      const missed = await readEventsAfter(database, { position: seen, limit: catchUpSize, workspaceId })
      for (const event of missed) yield event
      const last = missed.at(-1)?.position ?? 0
      seen = missed.length === catchUpSize ? last : Math.max(last, upTo)
    }
    if (!isOver()) yield* audience.listen({ workspaceId, seen, left }, (buffer) => buffer.items())
  }

  return {
    subscribe: (request) => {
      const leaving = new AbortController()
      return leavingAtOnce(subscribe(request, leaving.signal), () => leaving.abort())
    },
    subscribeInBatches: (workspaceId) => {
      const leaving = new AbortController()
      const seat = { workspaceId, seen: position, left: leaving.signal }
      return leavingAtOnce(
        audience.listen(seat, (buffer) => buffer.batches()),
        () => leaving.abort(),
      )
    },
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
