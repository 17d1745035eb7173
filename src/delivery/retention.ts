import { type Database, statement } from '../database/database.ts'

const batchEvents = 500

/**
 * Deletes events that are older than the days, batch by batch, with their deliveries and attempts; says if more may be
 * left. What is still open or held stays, and its event with it; so does what the fan-out has not read yet. Up to where
 * events are gone is kept: whoever resumes a stream before that is told of the gap.
 */
export function createEventPrune(database: Database, days: number): () => Promise<boolean> {
  let position = 0
  return async () => {
    const [batch] = await database.query<{ position: number | null; looked: number }>(deleteOldEvents, [
      position,
      days,
      batchEvents,
    ])
    const more = batch?.looked === batchEvents
    // From the beginning again next time: what was kept then may have ended since.
    position = more ? (batch.position ?? 0) : 0
    return more
  }
}

// Indexes: event_position_idx (its beginning is the oldest), delivery_workspace_id_event_id_endpoint_id_key,
// attempt_workspace_id_delivery_id_number_key.
const deleteOldEvents = statement(
  'delete_old_events',
  `with old as (
     select workspace_id, id, position
     from event
     where position > $1::bigint
       and position <= (select coalesce(min(position), 0) from reader_position)
       and created_at < now() - $2::float8 * interval '1 day'
     order by position
     limit $3
   ),
   closed as (
     delete from delivery d
     using old
     where d.workspace_id = old.workspace_id
       and d.event_id = old.id
       and d.status in ('SUCCEEDED', 'FAILED', 'CANCELED')
       and d.completed_at < now() - $2::float8 * interval '1 day'
     returning d.workspace_id, d.id, d.event_id
   ),
   attempts as (
     delete from attempt a
     using closed
     where a.workspace_id = closed.workspace_id
       and a.delivery_id = closed.id
   ),
   events as (
     delete from event e
     using old
     where e.workspace_id = old.workspace_id
       and e.id = old.id
       and (select count(*) from delivery d where d.workspace_id = old.workspace_id and d.event_id = old.id)
         = (select count(*) from closed where closed.workspace_id = old.workspace_id and closed.event_id = old.id)
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
