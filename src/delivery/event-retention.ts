import { type Queryable, unpreparedStatement } from '../database/database.ts'

/** Events that one step reads, each with the deliveries of up to 1,000 endpoints. */
const batchEvents = 100
/** Deliveries that one step deletes, with their attempts. */
const batchDeliveries = 1000

/**
 * Distances in the log at which a run looks for old events behind newer ones, as a clock leaves them that was ahead for a
 * time. If fewer old ones follow than there are newer ones, it may miss them until those are old.
 */
const distances = Array.from({ length: 30 }, (_, nth) => (batchEvents / 2) * 2 ** nth)

/**
 * Deletes events older than `days`, step by step, with their deliveries and attempts; each step returns whether more may
 * be left. Open and held deliveries stay with their events, and so do events that the fan-out has not read yet. The last
 * deleted position is stored, so that a stream that resumes before it reports the gap. A run ends where the log is
 * newer: it does not read the remainder.
 */
export function createEventPrune(database: Queryable, days: number): () => Promise<boolean> {
  let position = 0

  /** Returns where the next step begins; undefined if no old event follows. */
  const positionAfter = async ({ last, looked, old }: Batch): Promise<number | undefined> => {
    if (last === null || looked < batchEvents) return undefined
    if (old > 0) return last
    const [next] = await database.query<{ distance: number }>(selectNextOld, [last, days, distances])
    if (next === undefined) return undefined
    // The event at half of the distance was looked at before, and is new.
    return next.distance === distances[0] ? last : last + next.distance / 2
  }

  return async () => {
    const deleted = await database.query(deleteOldDeliveries, [position, days, batchEvents, batchDeliveries])
    // These events may have more deliveries: they are read again, and deleted with their last delivery.
    if (deleted.length === batchDeliveries) return true
    const [batch] = await database.query<Batch>(deleteOldEvents, [position, days, batchEvents])
    const next = batch && (await positionAfter(batch))
    // The next run starts from the beginning, because deliveries that were open may have ended since.
    position = next ?? 0
    return next !== undefined
  }
}

/** The events that a step has read: the position of the last one, their number, and how many of them are old. */
interface Batch {
  readonly last: number | null
  readonly looked: number
  readonly old: number
}

/** Up to here the fan-out has read the log. */
const reached = '(select coalesce(min(position), 0) from reader_position)'
const isOld = "created_at < now() - $2::float8 * interval '1 day'"

/** The next events, and the old ones of them. Parameters: position, days, events. Index: event_position_idx. */
const old = `next as materialized ( -- Otherwise all newer events would be read to find the last old ones.
     select workspace_id, id, position, created_at
     from event
     where position > $1::bigint
       and position <= ${reached}
     order by position
     limit $3
   ),
   old as (
     select workspace_id, id
     from next
     where ${isOld}
   )`

// Index: event_position_idx, one entry per distance.
const selectNextOld = unpreparedStatement(
  'select_next_old_event',
  `select given.distance::float8
   from unnest($3::bigint[]) as given (distance)
   cross join lateral (
     select created_at
     from event
     where position > $1::bigint + given.distance
       and position <= ${reached}
     order by position
     limit 1
   ) event
   where ${isOld}
   order by given.distance
   limit 1`,
)

// Indexes: delivery_workspace_id_event_id_endpoint_id_key, attempt_workspace_id_delivery_id_number_key.
const deleteOldDeliveries = unpreparedStatement(
  'delete_old_deliveries',
  `with ${old},
   closed as (
     delete from delivery
     where (workspace_id, id) in (
       select d.workspace_id, d.id
       from old
       join delivery d on d.workspace_id = old.workspace_id and d.event_id = old.id
       where d.status in ('SUCCEEDED', 'FAILED', 'CANCELED')
         and d.completed_at < now() - $2::float8 * interval '1 day'
       limit $4
     )
       and status in ('SUCCEEDED', 'FAILED', 'CANCELED')
     returning workspace_id, id
   ),
   attempts as (
     delete from attempt a
     using closed
     where a.workspace_id = closed.workspace_id
       and a.delivery_id = closed.id
   )
   select id
   from closed`,
)

// Index: delivery_workspace_id_event_id_endpoint_id_key. An event is deleted once it has no delivery.
const deleteOldEvents = unpreparedStatement(
  'delete_old_events',
  `with ${old},
   events as (
     delete from event e
     using old
     where e.workspace_id = old.workspace_id
       and e.id = old.id
       and not exists (
         select
         from delivery d
         where d.workspace_id = old.workspace_id
           and d.event_id = old.id
       )
     returning e.workspace_id, e.position
   ),
   starts as (
     insert into log_start as stored (workspace_id, position)
     select workspace_id, max(position)
     from events
     group by workspace_id
     on conflict (workspace_id) do update
     set position = greatest(stored.position, excluded.position)
   )
   select max(position) as last, count(*)::int as looked, count(*) filter (where ${isOld})::int as old
   from next`,
)
