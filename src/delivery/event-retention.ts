import { type Database, unpreparedStatement } from '../database/database.ts'

/** Events that one step reads, each with the deliveries of up to 1,000 endpoints. */
const batchEvents = 100
/** Deliveries that one step deletes, with their attempts. */
const batchDeliveries = 1000

/**
 * Deletes events older than `days`, step by step, with their deliveries and attempts; each step returns whether more may
 * be left. Open and held deliveries stay with their events, and so do events that the fan-out has not read yet. The last
 * deleted position is stored, so that a stream that resumes before it reports the gap.
 */
export function createEventPrune(database: Database, days: number): () => Promise<boolean> {
  let position = 0
  return async () => {
    const deleted = await database.query(deleteOldDeliveries, [position, days, batchEvents, batchDeliveries])
    // These events may have more deliveries: they are read again, and deleted with their last delivery.
    if (deleted.length === batchDeliveries) return true
    const [batch] = await database.query<{ position: number | null; looked: number }>(deleteOldEvents, [
      position,
      days,
      batchEvents,
    ])
    const more = batch?.looked === batchEvents
    // The next run starts from the beginning, because deliveries that were open may have ended since.
    position = more ? (batch.position ?? 0) : 0
    return more
  }
}

/** The next old events. Parameters: position, days, events. Index: event_position_idx, from the oldest. */
const old = `old as (
     select workspace_id, id, position
     from event
     where position > $1::bigint
       and position <= (select coalesce(min(position), 0) from reader_position)
       and created_at < now() - $2::float8 * interval '1 day'
     order by position
     limit $3
   )`

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
   select max(position) as position, count(*)::int as looked
   from old`,
)
