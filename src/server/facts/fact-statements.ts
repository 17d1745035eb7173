import { statement, unpreparedStatement } from '../../database/database.ts'

// Statements behind the server's facts. Each has a bound on what it reads, whatever the tables hold.

/** Maximum milliseconds of one of these statements. */
const maxStatementMs = 1000

export const limitDuration = statement(
  'limit_fact_duration',
  `select set_config('statement_timeout', '${maxStatementMs}', true)`,
)

// Index: event_position_idx, its end and one entry per reader. $1 and $2 are readers that this process knows; one that
// is stored, too, has its stored position.
export const selectReaders = unpreparedStatement(
  'select_reader_lags',
  `select place.reader, head.position as head, greatest(head.position - place.position, 0) as lag_events,
          coalesce(extract(epoch from now() - oldest.created_at), 0)::float8 as lag_seconds
   from (
     select reader, max(position) as position
     from (
       select reader, position
       from unnest($1::text[], $2::bigint[]) as given (reader, position)
       union all
       select reader, position
       from reader_position
       where workspace_id = '*'
     ) known
     group by reader
   ) place
   cross join (select coalesce(max(position), 0) as position from event) head
   left join lateral (
     select created_at
     from event
     where event.position > place.position
     order by event.position
     limit 1
   ) oldest on true
   order by place.reader`,
)

// Index: event_workspace_id_position_key, a bounded number of entries per workspace. Workspaces that are behind are few.
export const selectReadersBehind = unpreparedStatement(
  'select_readers_behind',
  `select behind.reader || '_behind' as reader, sum(missed.count)::int as lag_events,
          coalesce(extract(epoch from now() - min(missed.oldest_at)), 0)::float8 as lag_seconds
   from (
     select workspace_id, reader, position
     from reader_position
     where workspace_id <> '*'
     limit 100
   ) behind
   cross join lateral (
     select count(*), min(created_at) as oldest_at
     from (
       select created_at
       from event
       where event.workspace_id = behind.workspace_id
         and event.position > behind.position
       order by event.position
       limit 500
     ) first
   ) missed
   group by behind.reader
   order by behind.reader`,
)

/** Endpoints that are looked at, deliveries of each, and all that are counted. */
const maxEndpoints = 500
const maxDueOfEndpoint = 1000
const maxDue = 20_000

/** Due deliveries of a served endpoint, the oldest first. */
const dueOfServed = (limit: number) => `select next_attempt_at
       from delivery d
       where d.workspace_id = served.workspace_id
         and d.endpoint_id = served.endpoint_id
         and d.status in ('PENDING', 'RETRYING')
         and d.next_attempt_at <= now()
       order by d.next_attempt_at
       limit ${limit}`

// Indexes: delivery_open_idx, a step per endpoint, then a bounded number of entries of each; webhook_endpoint_pkey;
// workspace_pkey. An endpoint that only a probe tries, and a workspace that is disabled, owe nothing now.
export const selectDueDeliveries = unpreparedStatement(
  'select_due_deliveries',
  `with recursive step (workspace_id, endpoint_id, nth) as (
     (select workspace_id, endpoint_id, 1
      from delivery
      where status in ('PENDING', 'RETRYING')
      order by workspace_id, endpoint_id
      limit 1)
     union all
     select next.workspace_id, next.endpoint_id, step.nth + 1
     from step
     cross join lateral (
       select workspace_id, endpoint_id
       from delivery
       where status in ('PENDING', 'RETRYING')
         and (workspace_id, endpoint_id) > (step.workspace_id, step.endpoint_id)
       order by workspace_id, endpoint_id
       limit 1
     ) next
     where step.nth < ${maxEndpoints}
   ),
   served as materialized (
     select step.workspace_id, step.endpoint_id
     from step
     join webhook_endpoint e on e.workspace_id = step.workspace_id and e.id = step.endpoint_id
     join workspace w on w.id = step.workspace_id
     where e.status = 'ENABLED'
       and e.probe_at is null
       and w.disabled_at is null
       and w.deleted_at is null
   )
   select counted.count::int as count, coalesce(extract(epoch from now() - oldest.due_at), 0)::float8 as oldest_seconds
   from (
     select count(*)
     from (
       select
       from served
       cross join lateral (${dueOfServed(maxDueOfEndpoint)}) due
       limit ${maxDue}
     ) due
   ) counted
   cross join (
     select min(due.next_attempt_at) as due_at
     from served
     cross join lateral (${dueOfServed(1)}) due
   ) oldest`,
)

// No index: a workspace has at most a thousand endpoints.
export const selectEndpointStates = statement(
  'select_endpoint_states',
  `select case when status = 'ENABLED' and failing_since is not null then 'failing' else lower(status::text) end as name,
          count(*)::int as count
   from (select status, failing_since from webhook_endpoint limit 100000) endpoint
   group by 1`,
)

// Index: submission_kept_back_idx, one step per workspace and a bounded number of rows. The first reason decides. A
// reason that is no name of Rex comes from a tool, which may invent any number of them.
export const selectHeldReasons = unpreparedStatement(
  'select_held_reasons',
  `with recursive step (workspace_id, nth) as (
     (select workspace_id, 1
      from submission
      where status <> 'ACCEPTED'
      order by workspace_id
      limit 1)
     union all
     select next.workspace_id, step.nth + 1
     from step
     cross join lateral (
       select workspace_id
       from submission
       where status <> 'ACCEPTED'
         and workspace_id > step.workspace_id
       order by workspace_id
       limit 1
     ) next
     where step.nth < 1000
   )
   select case when reason ~ '^[a-z_]{1,40}$' then reason else 'other' end as name, count(*)::int as count
   from (
     select (held.spam_reasons || held.reasons)[1] as reason
     from step
     cross join lateral (
       select spam_reasons, reasons
       from submission
       where submission.workspace_id = step.workspace_id
         and status = 'HELD'
       order by received_at
       limit 10000
     ) held
     limit 10000
   ) held
   group by 1`,
)

// No index of Rex: the catalog has a row per table. Partitions count for their table.
export const selectTableBytes = statement(
  'select_table_bytes',
  `select coalesce(parent.relname, class.relname)::text as name, sum(pg_total_relation_size(class.oid))::bigint as count
   from pg_class class
   join pg_namespace schema on schema.oid = class.relnamespace
   left join pg_inherits part on part.inhrelid = class.oid
   left join pg_class parent on parent.oid = part.inhparent
   where schema.nspname = current_schema()
     and class.relkind in ('r', 'p')
   group by 1`,
)
