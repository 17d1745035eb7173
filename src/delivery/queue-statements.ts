import { statement } from '../database/database.ts'

// The statements of queue.ts, which says what each is for.

/** Of a claim, for each endpoint, however many have something due. */
const smallestShare = 8

export const insertDeliveries = statement(
  'insert_deliveries',
  `insert into delivery
     (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, trigger, next_attempt_at)
   select workspace_id, id, endpoint_id, event_id, event_position, contact_id, status::delivery_status,
          trigger::attempt_trigger,
          case when status = 'PENDING' then now() + $9::float8 * interval '1 second' end
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
     as owed (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, trigger)
   on conflict (workspace_id, event_id, endpoint_id) do nothing
   returning id`,
)

export const lockClaims = statement('lock_claims', 'select pg_advisory_xact_lock(7239157)')

// Indexes: delivery_open_idx (which endpoints have something due, step by step, and what of theirs is, in order),
// delivery_lease_idx (how much each has in flight), delivery_lane_idx (whether a contact's earlier event is still
// open, or in flight though an erasure has cancelled it; a scalar sub-select, since a join might be planned over the
// whole index; and `is not null`, which the planner takes to hold for nearly all rows: by `=` it expects next to none,
// and then sorts all that is due). What each endpoint may have is bounded by its share of the claim, since what is
// looked at is what a claim costs; `leaves_some` tells of places that it left free for that. What a disabled workspace
// owes waits (workspace_ended_idx). The rows that were
// locked are reached by their ctid: nobody else can move them, and the planner cannot mistake how many they are.
export const claimDue = statement(
  'claim_deliveries',
  `with recursive busy (workspace_id, endpoint_id, next_attempt_at) as (
     (select workspace_id, endpoint_id, next_attempt_at
      from delivery
      where status in ('PENDING', 'RETRYING')
      order by workspace_id, endpoint_id, next_attempt_at
      limit 1)
     union all
     select next.workspace_id, next.endpoint_id, next.next_attempt_at
     from busy
     cross join lateral (
       select workspace_id, endpoint_id, next_attempt_at
       from delivery
       where status in ('PENDING', 'RETRYING')
         and (workspace_id, endpoint_id) > (busy.workspace_id, busy.endpoint_id)
       order by workspace_id, endpoint_id, next_attempt_at
       limit 1
     ) next
   ),
   free as (
     select e.workspace_id, e.id as endpoint_id, in_flight.count as in_flight,
            case when e.probe_at is null then e.max_in_flight when e.probe_at <= now() then 1 else 0 end
              - in_flight.count as places
     from busy
     join webhook_endpoint e on e.workspace_id = busy.workspace_id and e.id = busy.endpoint_id
     cross join lateral (
       select count(*)
       from delivery leased
       where leased.workspace_id = e.workspace_id
         and leased.endpoint_id = e.id
         and leased.lease_until > now()
     ) in_flight
     where e.status = 'ENABLED'
       and busy.next_attempt_at <= now()
       and not exists (select from workspace w
                       where w.id = e.workspace_id and (w.disabled_at is not null or w.deleted_at is not null))
   ),
   shared as (
     select workspace_id, endpoint_id, in_flight, places,
            least(places, $1::int, greatest(ceil($1::numeric / count(*) over ()), ${smallestShare})) as share
     from free
     where places > 0
       and exists (
         select
         from delivery waiting
         where waiting.workspace_id = free.workspace_id
           and waiting.endpoint_id = free.endpoint_id
           and waiting.status in ('PENDING', 'RETRYING')
           and waiting.next_attempt_at <= now()
           and (waiting.lease_until is null or waiting.lease_until <= now())
       )
   ),
   due as (
     select candidate.row_id, shared.share < shared.places as may_leave_some, shared.share,
            row_number() over (partition by shared.workspace_id, shared.endpoint_id) as nth,
            shared.in_flight + row_number() over (partition by shared.workspace_id, shared.endpoint_id) as turn
     from shared
     cross join lateral (
       select d.ctid as row_id
       from delivery d
       where d.workspace_id = shared.workspace_id
         and d.endpoint_id = shared.endpoint_id
         and d.status in ('PENDING', 'RETRYING')
         and d.next_attempt_at <= now()
         and (d.lease_until is null or d.lease_until <= now())
         and (d.contact_id is null or (
           select case when earliest.event_position = d.event_position then true end
           from delivery earliest
           where earliest.workspace_id = d.workspace_id
             and earliest.endpoint_id = d.endpoint_id
             and earliest.contact_id = d.contact_id
             and (earliest.status in ('PENDING', 'RETRYING', 'HELD') or earliest.lease_until > now())
           order by earliest.event_position
           limit 1
         ) is not null)
       order by d.next_attempt_at, d.event_position
       limit shared.share
       for update of d skip locked
     ) candidate
   ),
   claimed as (
     update delivery d
     set lease_until = now() + $2::int * interval '1 millisecond',
         lease_token = d.lease_token + 1,
         lease_owner = $3
     where d.ctid = any (array(select row_id from due order by turn limit $1::int))
     returning d.*
   )
   select c.workspace_id, c.id, c.endpoint_id, c.lease_token, c.attempt_count, c.retry_count, c.throttle_count,
          c.trigger, c.leads_with_previous, endpoint.url, endpoint.secret, endpoint.accepts_previous,
          endpoint.failure_count > 0 or endpoint.failing_announced as endpoint_fails,
          case when endpoint.previous_secret_expires_at > now() then endpoint.previous_secret end as previous_secret,
          event.id as event_id, event.type as event_type,
          event.body as event_body,
          (select coalesce(bool_or(may_leave_some and nth = share), false) or count(*) >= $1 from due) as leaves_some
   from claimed c
   join event on event.workspace_id = c.workspace_id and event.id = c.event_id
   join webhook_endpoint endpoint on endpoint.workspace_id = c.workspace_id and endpoint.id = c.endpoint_id
   order by c.event_position`,
)

// Indexes: delivery_pkey, delivery_open_idx. What was held during the attempt stays held unless the attempt settled it
// for good. What is tried again with the secrets exchanged keeps its place in the queue, before all that has waited.
// What an erasure cancelled during the attempt stays so, and nothing of the answer is kept: it may echo the person.
export const settleClaimed = statement(
  'settle_deliveries',
  `with given as (
     select *
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::float8[], $6::boolean[], $7::text[],
                 $8::timestamptz[], $9::int[], $10::int[], $11::text[], $12::text[], $13::boolean[])
       as settlement (workspace_id, delivery_id, lease_token, status, delay_seconds, uses_retry, attempt_id, started_at,
                      duration_ms, response_status, response_body, error, lead_with_previous)
   ),
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
     join delivery before on before.workspace_id = given.workspace_id and before.id = given.delivery_id
     where d.workspace_id = given.workspace_id
       and d.id = given.delivery_id
       and d.lease_token = given.lease_token
       and d.lease_until is not null
     returning d.workspace_id, d.id, d.endpoint_id, d.status, d.attempt_count, before.trigger
   ),
   recorded as (
     insert into attempt
       (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms, response_status, response_body, error)
     select given.workspace_id, given.attempt_id, given.delivery_id, settled.attempt_count, settled.trigger,
            given.started_at, given.duration_ms, given.response_status,
            case when settled.status <> 'CANCELED' then given.response_body end, given.error::attempt_error
     from settled
     join given on given.workspace_id = settled.workspace_id and given.delivery_id = settled.id
   )
   select settled.id as delivery_id,
          exists (
            select
            from delivery waiting
            where waiting.workspace_id = settled.workspace_id
              and waiting.endpoint_id = settled.endpoint_id
              and waiting.status in ('PENDING', 'RETRYING')
              and waiting.next_attempt_at <= now()
              and waiting.lease_until is null
          ) as more_is_due
   from settled`,
)

// Index: delivery_pkey.
export const endLeases = statement(
  'return_leases',
  `update delivery d
   set lease_until = null
   from unnest($1::text[], $2::text[], $3::int[]) as returned (workspace_id, id, lease_token)
   where d.workspace_id = returned.workspace_id
     and d.id = returned.id
     and d.lease_token = returned.lease_token`,
)

// Index: delivery_lease_idx, which holds only what is leased.
export const endLostLeases = statement(
  'return_lost_leases',
  `update delivery
   set lease_until = null
   where lease_until is not null
     and lease_owner = $1
     and id <> all ($2::text[])`,
)

// Index: delivery_open_idx. What is in flight keeps its lease, so that its attempt is recorded.
export const holdOpen = statement(
  'hold_deliveries',
  `update delivery
   set status = 'HELD',
       next_attempt_at = null
   where workspace_id = $1
     and endpoint_id = $2
     and status in ('PENDING', 'RETRYING')`,
)

// Index: delivery_lane_idx. All fall due at once, so that the oldest event goes first.
export const releaseHeld = statement(
  'release_deliveries',
  `update delivery
   set status = case when attempt_count = 0 then 'PENDING' else 'RETRYING' end::delivery_status,
       next_attempt_at = now()
   where workspace_id = $1
     and endpoint_id = $2
     and status = 'HELD'`,
)

// Index: delivery_lane_idx. Without its lease an attempt in flight settles nothing.
export const cancelOpen = statement(
  'cancel_deliveries',
  `update delivery
   set status = 'CANCELED',
       next_attempt_at = null,
       lease_until = null,
       completed_at = now()
   where workspace_id = $1
     and endpoint_id = $2
     and status in ('PENDING', 'RETRYING', 'HELD')`,
)

// Index: delivery_workspace_id_contact_id_id_idx. What is in flight keeps its lease: the contact's next event, which
// tells of the erasure, waits for the attempt to end, and the attempt is recorded.
export const cancelOfContact = statement(
  'cancel_deliveries_of_contact',
  `with canceled as (
     update delivery
     set status = 'CANCELED',
         next_attempt_at = null,
         lease_until = case when lease_until > now() then lease_until end,
         completed_at = now()
     where workspace_id = $1
       and contact_id = $2
       and status in ('PENDING', 'RETRYING', 'HELD')
     returning id
   )
   select count(*)::int as canceled
   from canceled`,
)

// Index: delivery_pkey. Due now, with what is left of its schedule.
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

// Index: delivery_pkey. Due now, with a schedule as new.
export const replayNow = statement(
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
     and status = any ($3::text[]::delivery_status[])
     and (lease_until is null or lease_until <= now())
   returning id`,
)
