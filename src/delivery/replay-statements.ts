import { workspaceLockStatement } from '../database/advisory-locks.ts'
import { statement, unpreparedStatement } from '../database/database.ts'
import { subjectPattern } from '../events/event-log.ts'
import { reachedText } from '../events/position.ts'

// The statements of replay.ts, which explains each of them.

// Index: webhook_endpoint_pkey. The share lock prevents a delete before the commit.
export const lockWorkspaceEndpoint = statement(
  'lock_endpoint_for_replay',
  `select id
   from webhook_endpoint
   where workspace_id = $1
     and id = $2
   for share`,
)

/**
 * Selects the events of the range whose delivery to this endpoint ended in one of the statuses, or that had no delivery
 * although the endpoint wants them. As in the fan-out, excludes events of erased contacts and, of those without a
 * delivery, the ones about its own health and the test events of other endpoints.
 * Parameters: workspace, endpoint, from, to, statuses, never sent.
 */
const matching = `
   from event
   join webhook_endpoint endpoint on endpoint.workspace_id = event.workspace_id and endpoint.id = $2
   left join delivery d
     on d.workspace_id = event.workspace_id and d.event_id = event.id and d.endpoint_id = endpoint.id
   where event.workspace_id = $1
     and event.created_at >= $3::timestamptz
     and event.created_at < coalesce($4::timestamptz, now())
     and event.redacted_at is null
     and (d.status = any ($5::text[]::delivery_status[])
          or ($6::boolean and d.id is null and event.endpoint_id is null
              and (event.type = any (endpoint.events) or '*' = any (endpoint.events))
              and case
                when event.type like 'webhook.%' then substring(event.body from ${subjectPattern}) is distinct from endpoint.id
                else true
              end))`

// Indexes: event_workspace_id_created_at_idx, delivery_workspace_id_event_id_endpoint_id_key.
export const countMatching = unpreparedStatement('count_replay', `select count(*)::int as matched ${matching}`)

// Index: event_workspace_id_created_at_idx. The end of a page of events, as a time; null for the last page. Events of the
// same millisecond stay together.
export const selectPageEnd = unpreparedStatement(
  'select_replay_page_end',
  `select greatest(created_at, $2::timestamptz + interval '1 millisecond')::timestamptz(3) as until
   from event
   where workspace_id = $1
     and created_at >= $2::timestamptz
     and created_at < coalesce($3::timestamptz, now())
   order by created_at
   offset $4::int
   limit 1`,
)

// One at a time per workspace: two concurrent counts would both find space for the last replay.
export const lockCount = workspaceLockStatement('lock_replay_count', 'replayCount')

// Index: replay_running_idx.
export const insertReplay = unpreparedStatement(
  'insert_replay',
  `insert into replay
     (workspace_id, endpoint_id, "from", "to", status, include_never_sent, id, matched, last_position)
   select $1::text, $2::text, $3::timestamptz, coalesce($4::timestamptz, now()), $5::text[]::delivery_status[],
          $6::boolean, $7::text, $8::int, (select coalesce(max(position), 0) from event where workspace_id = $1)
   where (select count(*) from replay where workspace_id = $1 and completed_at is null) < $9::int
   returning id`,
)

const reached = reachedText('$2', 'replay.workspace_id')

// Indexes: replay_running_idx, delivery_open_idx, reader_position_pkey. A replay follows the fan-out: it would wait for the
// events that both add, and the fan-out for it. Counts waiting deliveries only up to the limit. The lock prevents that
// the endpoint is disabled or deleted before the commit.
export const lockNextReplay = unpreparedStatement(
  'lock_next_replay',
  `select replay.workspace_id, replay.id, replay.endpoint_id, replay."from", replay."to",
          replay.status::text[] as status, replay.include_never_sent, replay.position, replay.last_position,
          ${reached}::bigint as reached
   from replay
   join webhook_endpoint endpoint
     on endpoint.workspace_id = replay.workspace_id and endpoint.id = replay.endpoint_id
   where replay.completed_at is null
     and endpoint.status = 'ENABLED'
     and ${reached} >= least(replay.position + 1, replay.last_position)
     and (select count(*)
          from (select
                from delivery d
                where d.workspace_id = replay.workspace_id
                  and d.endpoint_id = replay.endpoint_id
                  and d.status in ('PENDING', 'RETRYING')
                  and d.next_attempt_at <= now()
                limit $1::int) waiting) < $1::int
   order by replay.created_at
   limit 1
   for update of replay skip locked
   for share of endpoint`,
)

// Index: event_workspace_id_position_key.
export const selectMatching = unpreparedStatement(
  'select_replay_events',
  `select event.id, event.position, event.contact_id, d.id as delivery_id
   ${matching}
     and event.position > $7::bigint
     and event.position <= $8::bigint
   order by event.position
   limit $9`,
)

// Index: event_workspace_id_position_key.
export const selectWindowEnd = unpreparedStatement(
  'select_replay_window_end',
  `select position
   from event
   where workspace_id = $1
     and position > $2::bigint
     and position <= $3::bigint
   order by position
   offset $4::int - 1
   limit 1`,
)

// Index: replay_pkey.
export const moveReplay = statement(
  'move_replay',
  `update replay
   set position = $3,
       enqueued = enqueued + $4::int,
       completed_at = case when $5::boolean then now() end
   where workspace_id = $1
     and id = $2`,
)
