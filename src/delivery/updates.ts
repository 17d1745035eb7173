import { setTimeout } from 'node:timers/promises'
import { decodeTime, encodeTime } from 'ulid'
import { type Database, statement } from '../database/database.ts'
import { type BoundedBuffer, cancellable, createBoundedBuffer } from '../events/bounded-buffer.ts'
import { startPollLoop } from '../events/poll-loop.ts'
import type { Signals } from '../events/signals.ts'
import type { Log } from '../platform/log.ts'

/** Which deliveries have just been made or attempted. */
export interface DeliveryUpdates {
  /**
   * The deliveries of a workspace as they come about and after each attempt, from now on; what a person does by hand
   * shows with the attempt that follows. Throws SlowSubscriberError when the reader is too slow.
   */
  subscribe(request: { readonly workspaceId: string; readonly endpointId?: string }): AsyncGenerator<DeliveryUpdate>
  stop(): Promise<void>
}

/** One object for all who are told of it. */
interface DeliveryUpdate {
  readonly deliveryId: string
}

/** How far nodes' clocks may be apart and a commit may take: so far back each reading looks again. */
const overlapMs = 2000
/** Under load one reading tells of all that came about meanwhile. It takes a fifth of the time at most. */
const pauseMs = 50
const pauseRatio = 4
/** Changes that one statement reads: less than a subscriber may be behind, who takes them before the next page comes. */
const pageSize = 100

/**
 * Reads what has come about since it last looked, only while somebody subscribes. Ids are ordered by time, so the two
 * primary keys serve as the index; what it has told within the overlap it does not tell again.
 */
export function startDeliveryUpdates(database: Database, signals: Signals, log: Log): DeliveryUpdates {
  const subscribers = new Set<Subscriber>()
  const told = new Map<string, number>()
  let since = Date.now()

  const loop = startPollLoop('delivery updates', log, async () => {
    if (subscribers.size === 0) return false
    const workspaceIds = [...new Set([...subscribers].map(({ workspaceId }) => workspaceId))]
    const start = performance.now()
    let after = encodeTime(since - overlapMs, 10)
    for (let more = true; more; ) {
      const values = [workspaceIds, `dlv_${after}`, `att_${after}`, pageSize]
      const changes = await database.query<Change>(selectChanges, values)
      for (const change of changes) if (!told.has(change.id)) tell(change)
      more = changes.length === pageSize
      after = changes.at(-1)?.id.slice(4) ?? after
    }
    forgetOld()
    await setTimeout(Math.max(pauseMs, (performance.now() - start) * pauseRatio))
    return false
  })

  const tell = (change: Change) => {
    const madeAt = decodeTime(change.id.slice(4))
    told.set(change.id, madeAt)
    since = Math.max(since, Math.min(madeAt, Date.now()))
    const update = { deliveryId: change.delivery_id }
    for (const subscriber of subscribers) {
      const { workspaceId, endpointId, buffer } = subscriber
      const isWanted = endpointId === undefined || endpointId === change.endpoint_id
      if (workspaceId === change.workspace_id && isWanted) buffer.offer(update)
      // One that was too slow may learn of it much later: nothing is read for it any more.
      if (!buffer.isOpen) subscribers.delete(subscriber)
    }
  }
  const forgetOld = () => {
    for (const [id, madeAt] of told) if (madeAt < since - 2 * overlapMs) told.delete(id)
  }
  const stopWaking = [signals.subscribe('deliveries', loop.wake), signals.subscribe('attempts', loop.wake)]

  return {
    subscribe: ({ workspaceId, endpointId }) => {
      const buffer = createBoundedBuffer<DeliveryUpdate>(({ deliveryId }) => deliveryId.length)
      const subscriber = { workspaceId, endpointId, buffer }
      if (subscribers.size === 0) since = Date.now() + overlapMs
      subscribers.add(subscriber)
      const leave = () => {
        subscribers.delete(subscriber)
        buffer.end()
      }
      async function* items() {
        try {
          yield* buffer.items()
        } finally {
          leave()
        }
      }
      return cancellable(items(), leave)
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

// Indexes: delivery_pkey, attempt_pkey, by workspace, so that no more is read of any than the page may hold.
const selectChanges = statement(
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
