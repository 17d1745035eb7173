import { lockStatement } from '../../database/advisory-locks.ts'
import { opening, statement } from '../../database/database.ts'
import { isDueFrom, knownStarts, nextStart } from './due-starts.ts'

// The statements of a claim; queue.ts explains it.

export const lockClaims = lockStatement('lock_claims', 'claims')

/** Comes after every id of a workspace (`ws_`) and an endpoint (`wh_`), in any collation: some have other letters after z. */
const afterAllIds = "'wz'"

// Index: delivery_open_idx, one step per workspace: to the next one with a known start, which needs no look at its entries,
// or to one in front of it with an open delivery.
export const selectOpenWorkspaces = opening(
  statement(
    'select_open_workspaces',
    `with recursive step (workspace_id, nth) as (
       select $1::text, 0
       union all
       select next.workspace_id, step.nth + 1
       from step
       cross join lateral (
         select coalesce(other.workspace_id, later.workspace_id) as workspace_id
         from (
           select min(given.workspace_id) as workspace_id
           from unnest($3::text[]) as given (workspace_id)
           where given.workspace_id > step.workspace_id
         ) later
         left join lateral (
           select workspace_id
           from delivery
           where status in ('PENDING', 'RETRYING')
             and workspace_id > step.workspace_id
             and workspace_id < coalesce(later.workspace_id, ${afterAllIds})
           order by workspace_id
           limit 1
         ) other on true
       ) next
       where step.nth < $2::int
         and next.workspace_id is not null
     )
     select workspace_id
     from step
     where nth > 0`,
  ),
)

// Indexes: delivery_open_idx, one step per endpoint, as above; webhook_endpoint_pkey; workspace_ended_idx (deliveries of a
// disabled workspace wait); delivery_lease_idx (attempts in flight per endpoint). No `exists`, because the planner might
// build a hash of all due deliveries for it.
export const selectBusyEndpoints = statement(
  'select_busy_endpoints',
  `with ${knownStarts(4)}
   select asked.workspace_id, busy.endpoint_id, in_flight.count::int as in_flight,
          case
            when e.status is distinct from 'ENABLED' or first.event_position is null then 0
            when ended.is_so then 0
            when e.probe_at is null then e.max_in_flight
            when e.probe_at <= now() then 1
            else 0
          end - in_flight.count::int as places,
          ${nextStart('first')}
   from unnest($1::text[], $2::text[]) as asked (workspace_id, after_id)
   cross join lateral (
     with recursive step (endpoint_id, nth) as (
       select asked.after_id, 0
       union all
       select next.endpoint_id, step.nth + 1
       from step
       cross join lateral (
         select coalesce(other.endpoint_id, later.endpoint_id) as endpoint_id
         from (
           select min(endpoint_id) as endpoint_id
           from known
           where workspace_id = asked.workspace_id
             and endpoint_id > step.endpoint_id
         ) later
         left join lateral (
           select endpoint_id
           from delivery
           where workspace_id = asked.workspace_id
             and endpoint_id > step.endpoint_id
             and endpoint_id < coalesce(later.endpoint_id, ${afterAllIds})
             and status in ('PENDING', 'RETRYING')
           order by endpoint_id
           limit 1
         ) other on true
       ) next
       where step.nth < $3::int
         and next.endpoint_id is not null
     )
     select endpoint_id
     from step
     where nth > 0
   ) busy
   left join webhook_endpoint e on e.workspace_id = asked.workspace_id and e.id = busy.endpoint_id
   cross join lateral (
     select count(*) > 0 as is_so
     from workspace
     where id = asked.workspace_id
       and (disabled_at is not null or deleted_at is not null)
   ) ended
   cross join lateral (
     select count(*)
     from delivery leased
     where leased.workspace_id = asked.workspace_id
       and leased.endpoint_id = busy.endpoint_id
       and leased.lease_until > now()
   ) in_flight
   left join known on known.workspace_id = asked.workspace_id and known.endpoint_id = busy.endpoint_id
   left join lateral (
     select d.next_attempt_at, d.event_position
     from delivery d
     where d.workspace_id = asked.workspace_id
       and d.endpoint_id = busy.endpoint_id
       and ${isDueFrom('known')}
     order by d.next_attempt_at, d.event_position
     limit 1
   ) first on true
   order by asked.workspace_id, busy.endpoint_id`,
)

// Indexes: delivery_open_idx (due deliveries in order), delivery_lane_idx (whether an earlier event of the contact is
// still open, or in flight although an erasure has cancelled it; a scalar sub-select, because a join might be planned over
// the whole index). A delivery that waits in its lane is not read again for a while, because otherwise every claim would
// read all events of a contact with thousands of them. The delivery before it makes it due when it ends. Locked rows are
// found by their ctid: no other transaction can move them, and the planner cannot misjudge their number.
export const claimDue = statement(
  'claim_deliveries',
  `with shared as (
     select *
     from unnest($4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[],
                 $11::int[], $12::timestamptz[], $13::bigint[])
       as given (workspace_id, endpoint_id, share, looks, places, in_flight, workspace_in_flight, workspace_places,
                 start_at, start_position)
   ),
   looked as (
     select shared.*, candidate.*
     from shared
     cross join lateral (
       select d.ctid as row_id, d.id, d.next_attempt_at, d.event_position,
              d.contact_id is null or (
                select earliest.event_position = d.event_position
                from delivery earliest
                where earliest.workspace_id = d.workspace_id
                  and earliest.endpoint_id = d.endpoint_id
                  and earliest.contact_id = d.contact_id
                  and (earliest.status in ('PENDING', 'RETRYING', 'HELD') or earliest.lease_until > now())
                order by earliest.event_position
                limit 1
              ) as is_first
       from delivery d
       where d.workspace_id = shared.workspace_id
         and d.endpoint_id = shared.endpoint_id
         and ${isDueFrom('shared')}
       order by d.next_attempt_at, d.event_position
       limit shared.looks
       for update of d skip locked
     ) candidate
   ),
   due as (
     select *, row_number() over (partition by workspace_id, endpoint_id order by next_attempt_at, event_position) as nth
     from looked
     where is_first
   ),
   turns as (
     select *, row_number() over (partition by workspace_id order by in_flight + nth, endpoint_id) as nth_of_workspace
     from due
     where nth <= share
   ),
   picked as (
     select workspace_id, endpoint_id, row_id
     from turns
     where nth_of_workspace <= workspace_places
     order by workspace_in_flight + nth_of_workspace, in_flight + nth
     limit $1::int
   ),
   claimed as (
     update delivery d
     set lease_until = statement_timestamp() + $2::int * interval '1 millisecond', -- After the wait for the lock.
         lease_token = d.lease_token + 1,
         lease_owner = $3,
         waits_in_lane = false
     where d.ctid = any (array(select row_id from picked))
     returning d.*
   ),
   counted as (
     select coalesce(bool_or(places > taken and (looked.count >= looks or firsts > taken)), false)
              as leaves_some,
            array(select workspace_id from looked where not is_first order by id) as blocked_workspace_ids,
            array(select id from looked where not is_first order by id) as blocked_ids
     from (
       select workspace_id, endpoint_id, looks, places, count(*), count(*) filter (where is_first) as firsts
       from looked
       group by workspace_id, endpoint_id, looks, places
     ) looked
     cross join lateral (
       select count(*) as taken
       from picked
       where picked.workspace_id = looked.workspace_id
         and picked.endpoint_id = looked.endpoint_id
     ) picked
   )
   select c.workspace_id, c.id, c.endpoint_id, c.lease_token, c.attempt_count, c.retry_count, c.throttle_count,
          c.trigger, c.leads_with_previous, endpoint.url, endpoint.secret, endpoint.accepts_previous,
          endpoint.failure_count > 0 or endpoint.failing_announced as endpoint_fails,
          case when endpoint.previous_secret_expires_at > now() then endpoint.previous_secret end as previous_secret,
          c.event_id, event.type as event_type, event.body as event_body,
          event.traceparent, counted.*
   from counted
   left join (
     claimed c
     left join event on event.workspace_id = c.workspace_id and event.id = c.event_id
     join webhook_endpoint endpoint on endpoint.workspace_id = c.workspace_id and endpoint.id = c.endpoint_id
   ) on true
   order by c.event_position`,
)

/** Seconds until a delivery that waits in its lane is read again, unless the one before it ends earlier. */
const laneSeconds = 60

// Indexes: delivery_pkey, delivery_lane_idx. The claim has locked these rows. Putting them aside keeps other claims from
// reading all events of a contact with thousands of them. It is a separate statement so that it reads the lanes again: it
// sees an attempt that was settled after the claim's snapshot, and an attempt that is settled later waits for these rows
// and makes the next one due.
export const putInLane = statement(
  'put_deliveries_in_lane',
  `update delivery d
   set next_attempt_at = greatest(now() + ${laneSeconds} * interval '1 second', earliest.next_attempt_at),
       waits_in_lane = true
   from unnest($1::text[], $2::text[]) as blocked (workspace_id, id)
   join delivery waiting on waiting.workspace_id = blocked.workspace_id and waiting.id = blocked.id
   cross join lateral (
     select open.event_position, open.next_attempt_at
     from delivery open
     where open.workspace_id = waiting.workspace_id
       and open.endpoint_id = waiting.endpoint_id
       and open.contact_id = waiting.contact_id
       and (open.status in ('PENDING', 'RETRYING', 'HELD') or open.lease_until > now())
     order by open.event_position
     limit 1
   ) earliest
   where d.workspace_id = blocked.workspace_id
     and d.id = blocked.id
     and earliest.event_position < waiting.event_position`,
)
