import { setTimeout } from 'node:timers/promises'
import { decodeTime, encodeTime } from 'ulid'
import { type Database, unpreparedStatement } from '../database/database.ts'
import { type BoundedBuffer, cancellable, createBoundedBuffer } from '../events/bounded-buffer.ts'
import { startPollLoop } from '../events/poll-loop.ts'
import type { Signals } from '../events/signals.ts'
import type { Log } from '../platform/log.ts'

/** Feed of deliveries that were just created or attempted. */
export interface DeliveryUpdates {
  /**
   * Yields the deliveries of a workspace when they are created and after each attempt, from now on. A manual operation
   * appears with the attempt that follows it. Throws SlowSubscriberError if the reader is too slow.
   */
  subscribe(request: { readonly workspaceId: string; readonly endpointId?: string }): AsyncGenerator<DeliveryUpdate>
  stop(): Promise<void>
}

/** One object, shared by all its subscribers. */
interface DeliveryUpdate {
  readonly deliveryId: string
}

/** Time that each read goes back: covers the clock difference between nodes and the duration of a commit. */
const overlapMs = 2000
/** Pause between reads, so that one read covers many changes under load. Reading takes at most a fifth of the time. */
const pauseMs = 50
const pauseRatio = 4
/** Changes that one statement reads: fewer than a subscriber may buffer, so that it can read them before the next page. */
const pageSize = 100

/**
 * Reads the changes since its last read, only while there are subscribers. Ids are ordered by time, so the two primary
 * keys serve as the index. A change within the overlap is not emitted again.
 */
export function startDeliveryUpdates(database: Database, signals: Signals, log: Log): DeliveryUpdates {
  const subscribers = new Set<Subscriber>()
  const emitted = new Map<string, number>()
  let since = Date.now()

  const loop = startPollLoop('delivery updates', log, async () => {
    if (subscribers.size === 0) return false
    const workspaceIds = [...new Set([...subscribers].map(({ workspaceId }) => workspaceId))]
    const start = performance.now()
    let after = encodeTime(since - overlapMs, 10)
    for (let more = true; more; ) {
      const values = [workspaceIds, `dlv_${after}`, `att_${after}`, pageSize]
      const changes = await database.query<Change>(selectChanges, values)
      for (const change of changes) if (!emitted.has(change.id)) publish(change)
      more = changes.length === pageSize
      after = changes.at(-1)?.id.slice(4) ?? after
    }
    expireEmitted()
    await setTimeout(Math.max(pauseMs, (performance.now() - start) * pauseRatio))
    return false
  })

  const publish = (change: Change) => {
    const createdAt = decodeTime(change.id.slice(4))
    emitted.set(change.id, createdAt)
    since = Math.max(since, Math.min(createdAt, Date.now()))
    const update = { deliveryId: change.delivery_id }
    for (const subscriber of subscribers) {
      const { workspaceId, endpointId, buffer } = subscriber
      const isWanted = endpointId === undefined || endpointId === change.endpoint_id
      if (workspaceId === change.workspace_id && isWanted) buffer.offer(update)
      // A subscriber that was too slow may find out much later; it gets no more updates.
      if (!buffer.isOpen) subscribers.delete(subscriber)
    }
  }
  const expireEmitted = () => {
    for (const [id, createdAt] of emitted) if (createdAt < since - 2 * overlapMs) emitted.delete(id)
  }
  const stopWaking = [signals.subscribe('deliveries', loop.wake), signals.subscribe('attempts', loop.wake)]

  return {
    subscribe: ({ workspaceId, endpointId }) => {
      const buffer = createBoundedBuffer<DeliveryUpdate>(({ deliveryId }) => deliveryId.length)
      const subscriber = { workspaceId, endpointId, buffer }
      if (subscribers.size === 0) since = Date.now() + overlapMs
      subscribers.add(subscriber)
      const unsubscribe = () => {
        subscribers.delete(subscriber)
        buffer.end()
      }
      async function* items() {
        try {
          yield* buffer.items()
        } finally {
          unsubscribe()
        }
      }
      return cancellable(items(), unsubscribe)
    },
    stop: async () => {
      for (const stop of stopWaking) stop()
      await loop.stop()
      for (const { buffer } of subscribers) buffer.end()
    },
  }
}

interface Subscriber {
  readonly workspaceId: string
  readonly endpointId: string | undefined
  readonly buffer: BoundedBuffer<DeliveryUpdate>
}

interface Change {
  workspace_id: string
  id: string
  endpoint_id: string
  delivery_id: string
}

// Indexes: delivery_pkey, attempt_pkey, per workspace, so that at most one page is read of each.
const selectChanges = unpreparedStatement(
  'select_delivery_changes',
  `select change.*
   from unnest($1::text[]) as asked (workspace_id)
   cross join lateral (
     (select workspace_id, id, endpoint_id, id as delivery_id
      from delivery
      where workspace_id = asked.workspace_id
        and id > $2
      order by id
      limit $4)
     union all
     (select a.workspace_id, a.id, d.endpoint_id, d.id
      from attempt a
      join delivery d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
      where a.workspace_id = asked.workspace_id
        and a.id > $3
      order by a.id
      limit $4)
   ) change
   order by substr(change.id, 5)
   limit $4`,
)
