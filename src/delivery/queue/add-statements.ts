import { tryLockStatement } from '../../database/advisory-locks.ts'
import { statement } from '../../database/database.ts'
import { isDueFrom, knownStarts } from './due-starts.ts'

// The statements that add deliveries; queue.ts explains them.

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

/** Setting that tells whether this transaction has the lock of claims. */
const hasLock = 'rex.has_lock_of_claims'

// A statement of its own: the next one must see what was committed before the lock.
export const tryLockClaims = tryLockStatement('try_lock_claims', 'claims', hasLock)

// Adds deliveries that are due now, and leases those that a claim would take: the endpoint has room and nothing else that is
// due, and no earlier event of the contact is open. Without the lock of claims it leases nothing. Indexes:
// webhook_endpoint_pkey, delivery_lease_idx, delivery_open_idx, delivery_lane_idx, event_pkey.
export const insertLeased = statement(
  'insert_leased_deliveries',
  `with owed as (
     select *, row_number() over (partition by workspace_id, endpoint_id order by event_position) as nth
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
       as given (workspace_id, id, endpoint_id, event_id, event_position, contact_id, trigger)
   ),
   ${knownStarts(10)},
   room as (
     select asked.workspace_id, asked.endpoint_id,
            case when waiting.is_there or ended.is_so then 0 else e.max_in_flight - in_flight.count end as places
     from (
       select distinct workspace_id, endpoint_id
       from owed
     ) asked
     join webhook_endpoint e
       on e.workspace_id = asked.workspace_id and e.id = asked.endpoint_id and e.status = 'ENABLED' and e.probe_at is null
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
         and leased.endpoint_id = asked.endpoint_id
         and leased.lease_until > now()
     ) in_flight
     left join known on known.workspace_id = asked.workspace_id and known.endpoint_id = asked.endpoint_id
     cross join lateral (
       select count(*) > 0 as is_there
       from (
         select
         from delivery d
         where d.workspace_id = asked.workspace_id
           and d.endpoint_id = asked.endpoint_id
           and ${isDueFrom('known')}
         order by d.next_attempt_at, d.event_position
         limit 1
       ) first
     ) waiting
   ),
   added as (
     insert into delivery
       (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, trigger, next_attempt_at, lease_until,
        lease_token, lease_owner)
     select workspace_id, id, endpoint_id, event_id, event_position, contact_id, 'PENDING', trigger::attempt_trigger, now(),
            case when is_leased then statement_timestamp() + $8::int * interval '1 millisecond' end,
            case when is_leased then 1 else 0 end,
            case when is_leased then $9 end
     from (
       select owed.*,
              current_setting('${hasLock}')::boolean
                and coalesce(owed.nth <= room.places and (owed.contact_id is null or not lane.is_open), false) as is_leased
       from owed
       left join room on room.workspace_id = owed.workspace_id and room.endpoint_id = owed.endpoint_id
       cross join lateral (
         select count(*) > 0 as is_open
         from (
           select
           from delivery earlier
           where earlier.workspace_id = owed.workspace_id
             and earlier.endpoint_id = owed.endpoint_id
             and earlier.contact_id = owed.contact_id
             and (earlier.status in ('PENDING', 'RETRYING', 'HELD') or earlier.lease_until > now())
           order by earlier.event_position
           limit 1
         ) first
       ) lane
     ) planned
     on conflict (workspace_id, event_id, endpoint_id) do nothing
     returning *
   )
   select added.workspace_id, added.id, added.endpoint_id, added.lease_token, added.attempt_count, added.retry_count,
          added.throttle_count, added.trigger, added.leads_with_previous, endpoint.url, endpoint.secret,
          endpoint.accepts_previous, endpoint.failure_count > 0 or endpoint.failing_announced as endpoint_fails,
          case when endpoint.previous_secret_expires_at > now() then endpoint.previous_secret end as previous_secret,
          added.event_id, event.type as event_type, event.body as event_body, event.traceparent
   from added
   join webhook_endpoint endpoint on endpoint.workspace_id = added.workspace_id and endpoint.id = added.endpoint_id
   left join event on event.workspace_id = added.workspace_id and event.id = added.event_id
   where added.lease_until is not null
   order by added.event_position`,
)
