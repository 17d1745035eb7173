import { statement, unpreparedStatement } from '../../database/database.ts'
import { isDueFrom, knownStarts, nextStart } from './due-starts.ts'

// The statements of queue.ts, which explains each of them.
//
// A statement that reaches rows by their ids must not imply the condition of a partial index. Without statistics (a new
// installation, autovacuum behind or off) the planner takes such an index for almost empty, scans all of its workspace
// for each row, and compares the ids. So these statements say which statuses end a delivery, not which are open, and hide
// `lease_until is not null` in an expression; test/flow/queue-plans.test.ts counts the rows that they read.

// Makes the next delivery of each contact due whose delivery has ended; `ended` is a query of the same statement. The row
// is always written, because a claim may be putting it into its lane at the same time. Index: delivery_lane_idx.
function nextInLaneOf(ended: 'settled' | 'returned'): string {
  return `later as materialized ( -- Inlined, its sub-select would run for each row of delivery.
     select ${ended}.workspace_id, (
       select d.id
       from delivery d
       where d.workspace_id = ${ended}.workspace_id
         and d.endpoint_id = ${ended}.endpoint_id
         and d.contact_id = ${ended}.contact_id
         and d.event_position > ${ended}.event_position
         and (d.status in ('PENDING', 'RETRYING', 'HELD') or d.lease_until is not null)
       order by d.event_position
       limit 1
     ) as id
     from ${ended}
     where ${ended}.status in ('SUCCEEDED', 'FAILED', 'CANCELED')
   ),
   next_of_lane as (
     update delivery d
     set next_attempt_at = case when d.waits_in_lane then now() else d.next_attempt_at end,
         waits_in_lane = false
     from later
     where d.workspace_id = later.workspace_id
       and d.id = later.id -- Not by ctid: a claim that puts the row into its lane changes it.
       and d.status not in ('SUCCEEDED', 'FAILED', 'HELD', 'CANCELED')
     returning d.workspace_id, d.endpoint_id
   )`
}

// Indexes: delivery_pkey, delivery_open_idx, delivery_lane_idx (the contact's next event, which may wait for this one to
// end). A delivery that was held during the attempt stays held, unless the attempt succeeded or failed finally. A retry with the other secret keeps its place in the queue. A delivery that an erasure
// cancelled during the attempt stays cancelled, and its response is not stored, because it may contain the person's data.
export const settleClaimed = statement(
  'settle_deliveries',
  `with given as (
     select *
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::float8[], $6::boolean[], $7::text[],
                 $8::text[], $9::timestamptz[], $10::int[], $11::int[], $12::text[], $13::text[], $14::boolean[],
                 $15::text[], $16::boolean[])
       as settlement (workspace_id, delivery_id, lease_token, status, delay_seconds, uses_retry, attempt_id, trigger,
                      started_at, duration_ms, response_status, response_body, error, lead_with_previous, detail, inside)
   ),
   ${knownStarts(17)},
   settled as (
     update delivery d
     set status = case
           when d.status = 'CANCELED' or (given.status = 'RETRYING' and d.status = 'HELD') then d.status
           else given.status::delivery_status
         end,
         attempt_count = d.attempt_count + 1,
         retry_count = d.retry_count + given.uses_retry::int,
         throttle_count = d.throttle_count
           + (given.status = 'RETRYING' and not given.uses_retry and given.lead_with_previous is null)::int,
         leads_with_previous = given.lead_with_previous,
         trigger = 'AUTOMATIC',
         next_attempt_at = case
           when given.status <> 'RETRYING' or d.status in ('HELD', 'CANCELED') then null
           when given.lead_with_previous is not null then d.next_attempt_at
           else now() + given.delay_seconds * interval '1 second'
         end,
         lease_until = null,
         completed_at = case
           when d.status = 'CANCELED' then d.completed_at
           when given.status in ('SUCCEEDED', 'FAILED') then now()
         end
     from given
     where d.workspace_id = given.workspace_id
       and d.id = given.delivery_id
       and d.lease_token = given.lease_token
       and coalesce(d.lease_until > '-infinity', false)
     returning d.workspace_id, d.id, d.endpoint_id, d.contact_id, d.event_position, d.status, d.attempt_count
   ),
   ${nextInLaneOf('settled')},
   recorded as (
     insert into attempt
       (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms, response_status, response_body, error,
        detail, inside)
     select given.workspace_id, given.attempt_id, given.delivery_id, settled.attempt_count,
            given.trigger::attempt_trigger, given.started_at, given.duration_ms, given.response_status,
            case when settled.status <> 'CANCELED' then given.response_body end, given.error::attempt_error,
            case when settled.status <> 'CANCELED' then given.detail end, given.inside
     from settled
     join given on given.workspace_id = settled.workspace_id and given.delivery_id = settled.id
   )
   select array(select id from settled) as ids,
          exists (select from next_of_lane) or coalesce(bool_or(looked.is_due), false) as more_is_due,
          coalesce(json_agg(looked), '[]') as starts
   from (
     select endpoint.workspace_id, endpoint.endpoint_id, first.event_position is not null as is_due,
            ${nextStart('first')}
     from (
       select distinct workspace_id, endpoint_id
       from settled
     ) endpoint
     left join known on known.workspace_id = endpoint.workspace_id and known.endpoint_id = endpoint.endpoint_id
     left join lateral (
       select d.next_attempt_at, d.event_position
       from delivery d
       where d.workspace_id = endpoint.workspace_id
         and d.endpoint_id = endpoint.endpoint_id
         and ${isDueFrom('known')}
       order by d.next_attempt_at, d.event_position
       limit 1
     ) first on true
   ) looked`,
)

// Indexes: delivery_pkey, delivery_lane_idx. A delivery that was cancelled meanwhile has ended: the contact's next event,
// which reports an erasure, need not wait for it.
export const endLeases = statement(
  'return_leases',
  `with returned as (
     update delivery d
     set lease_until = null
     from unnest($1::text[], $2::text[], $3::int[]) as given (workspace_id, id, lease_token)
     where d.workspace_id = given.workspace_id
       and d.id = given.id
       and d.lease_token = given.lease_token
     returning d.workspace_id, d.endpoint_id, d.contact_id, d.event_position, d.status
   ),
   ${nextInLaneOf('returned')}
   select count(*)::int as returned
   from returned`,
)

// Index: delivery_lease_idx, which contains only leased deliveries.
export const endLostLeases = statement(
  'return_lost_leases',
  `update delivery
   set lease_until = null
   where lease_until is not null
     and lease_owner = $1
     and id <> all ($2::text[])`,
)

// Indexes: webhook_endpoint_pkey, delivery_lane_idx (the contact's open deliveries per endpoint, without reading those
// that have ended). A delivery in flight keeps its lease: the contact's next event, which reports the erasure, waits for
// the attempt to end, and the attempt is recorded.
export const cancelOfContact = unpreparedStatement(
  'cancel_deliveries_of_contact',
  `with page as (
     select open.id
     from webhook_endpoint e
     cross join lateral (
       select d.id
       from delivery d
       where d.workspace_id = e.workspace_id
         and d.endpoint_id = e.id
         and d.contact_id = $2
         and d.status in ('PENDING', 'RETRYING', 'HELD')
       limit $3::int
     ) open
     where e.workspace_id = $1
     limit $3::int
   ),
   canceled as (
     update delivery
     set status = 'CANCELED',
         next_attempt_at = null,
         lease_until = case when lease_until > now() then lease_until end,
         completed_at = now()
     where workspace_id = $1
       and id = any (array(select id from page))
       and status not in ('SUCCEEDED', 'FAILED', 'CANCELED')
       and (not $4::boolean or (select count(*) from page) = $3::int)
     returning id
   )
   select count(*)::int as canceled
   from canceled`,
)

// Index: delivery_pkey. Due now, with the rest of its retry schedule.
export const retryNow = statement(
  'retry_delivery',
  `update delivery
   set status = case when attempt_count = 0 then 'PENDING' else 'RETRYING' end::delivery_status,
       trigger = 'MANUAL',
       next_attempt_at = now(),
       completed_at = null
   where workspace_id = $1
     and id = $2`,
)

// Index: delivery_pkey. Due now, with a new retry schedule.
export const replayNow = unpreparedStatement(
  'replay_deliveries',
  `update delivery d
   set status = case when attempt_count = 0 then 'PENDING' else 'RETRYING' end::delivery_status,
       trigger = 'REPLAY',
       retry_count = 0,
       throttle_count = 0,
       next_attempt_at = now(),
       completed_at = null
   where workspace_id = $1
     and id = any ($2::text[])
     and status::text = any ($3::text[])
     and (lease_until is null or lease_until <= now())
   returning id`,
)
