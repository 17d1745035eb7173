import type pg from 'pg'

/** Rows of a database that has grown: an event per submission, a closed delivery for each fifth event. */
export interface Size {
  readonly contacts: number
  readonly events: number
  readonly due: number
}

const growing = ['contact', 'submission', 'event', 'delivery', 'attempt']
/** Events are spread over so many days, of which retention keeps half. */
const days = 60

/**
 * Fills the tables that grow for one workspace whose endpoints exist. Indexes without a constraint are made at the end,
 * several times as fast as row by row. The readers of the log are at its end.
 */
export async function fillGrown(sql: pg.Client, workspaceId: string, size: Size): Promise<void> {
  await sql.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'; ${functions(size)}`)
  const { rows } = await sql.query<{ name: string; definition: string }>(selectIndexes, [growing])
  for (const { name } of rows) await sql.query(`drop index ${name}`)
  for (const insert of inserts(workspaceId, size)) await sql.query(insert)
  await insertDue(sql, workspaceId, size.due)
  for (const { definition } of rows) await sql.query(definition)
  await sql.query(`select setval('event_position_seq', ${size.events})`)
  await sql.query('update reader_position set position = $1', [size.events])
  for (const table of growing) await sql.query(`vacuum analyze ${table}`)
}

/**
 * Makes deliveries of the newest events that are due, to the endpoints in turn. Those that were sent before keep the number of
 * their attempts, because the next attempt has the number after it.
 */
export async function insertDue(sql: pg.Client, workspaceId: string, due: number): Promise<void> {
  await sql.query(
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, next_attempt_at)
     select e.workspace_id, 'dlv_' || substr(e.id, 5, 10) || upper(substr(md5(random()::text), 1, 16)), endpoint.id, e.id,
            e.position, e.contact_id, now()
     from (select *, row_number() over () as place from
            (select * from event where workspace_id = $1 order by position desc limit $2) newest) e
     join (select id, row_number() over (order by id) as nth, count(*) over () as count from webhook_endpoint
           where workspace_id = $1) endpoint on endpoint.nth = 1 + e.place % endpoint.count
     on conflict (workspace_id, event_id, endpoint_id) do update
     set status = 'PENDING', next_attempt_at = now(), completed_at = null, lease_until = null`,
    [workspaceId, due],
  )
}

const selectIndexes = `
  select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
  from pg_index
  where indrelid = any ($1::regclass[]) and not indisunique`

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const timeDigits = Array.from(
  { length: 10 },
  (_, nth) => `substr('${alphabet}', ((ms >> ${45 - 5 * nth}) & 31)::int + 1, 1)`,
)

function functions({ events }: Size): string {
  return `
    create function pg_temp.made(nth bigint) returns timestamptz immutable language sql
      as $$ select timestamptz 'now' - (${events} - nth) * interval '${days} days' / ${events} $$;
    create function pg_temp.encoded(ms bigint) returns text immutable language sql
      as $$ select ${timeDigits.join(' || ')} $$`
}

function inserts(workspaceId: string, { contacts, events }: Size): string[] {
  const body = `'{"id":"evt_' || ulid || '","event":"contact.updated","timestamp":"2026-01-01T00:00:00.000Z","data":{"id":"cont_'
    || lpad(who::text, 26, '0') || '","email":"lead-' || who || '@example.com","first_name":"Jane","last_name":"Doe","stage":"lead","source":"organic"}}'`
  return [
    `create unlogged table numbered as
     select nth, '${workspaceId}' as workspace_id, pg_temp.encoded(ms) || lpad(nth::text, 16, '0') as ulid, made,
            1 + nth % ${contacts} as who
     from (
       select nth, made, (extract(epoch from made) * 1000)::bigint as ms
       from (select nth, pg_temp.made(nth) as made from generate_series(1, ${events}::bigint) nth offset 0) timed
       offset 0 -- Each is computed once, and not for each character of the ULID.
     ) numbers`,
    `insert into contact (workspace_id, id, email, first_name, last_name, stage, source, metadata, submission_count,
                          created_at, updated_at, last_seen_at)
     select workspace_id, 'cont_' || lpad(nth::text, 26, '0'), 'lead-' || nth || '@example.com', 'Jane', 'Doe', 'lead',
            'organic', '{"utm_source":"google","landing_page":"/pricing"}', 1, made, made, made
     from numbered where nth <= ${contacts}`,
    `insert into submission (workspace_id, id, status, outcome, contact_id, fields, source, received_at, raw_bytes)
     select workspace_id, 'sub_' || ulid, 'ACCEPTED', 'UPDATED', 'cont_' || lpad(who::text, 26, '0'),
            '{"email":"lead@example.com","first_name":"Jane"}', 'organic', made, 0
     from numbered`,
    `insert into event (workspace_id, id, position, type, contact_id, body, created_at)
     select workspace_id, 'evt_' || ulid, nth, 'contact.updated', 'cont_' || lpad(who::text, 26, '0'), ${body}, made
     from numbered`,
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, attempt_count,
                           created_at, completed_at)
     select workspace_id, 'dlv_' || ulid, 'wh_gone', 'evt_' || ulid, nth, 'cont_' || lpad(who::text, 26, '0'), 'SUCCEEDED',
            1, made, made
     from numbered where nth % 5 = 0`,
    `insert into attempt (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms, response_status)
     select workspace_id, 'att_' || ulid, 'dlv_' || ulid, 1, 'AUTOMATIC', made, 5, 200 from numbered where nth % 5 = 0`,
    'drop table numbered',
  ]
}
