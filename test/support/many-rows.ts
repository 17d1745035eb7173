import pg from 'pg'

/** Where the rows of a workspace are among those of others, and which of them are rare. */
export interface ManyRows {
  readonly url: string
  readonly workspaceId: string
  readonly rows: number
}

/** Undoes the hostile settings of the test databases for a connection that the test opens itself. */
export const plainSession =
  '-c timezone=UTC -c lock_timeout=0 -c idle_session_timeout=0 -c standard_conforming_strings=on'

const tables = ['contact', 'submission', 'event', 'delivery', 'attempt', 'audit_entry'] as const
/** Rare rows are the oldest ones, where a walk from the newest comes last. */
const oldest = 1000

/**
 * Fills every table that grows: four in five rows are the workspace's, the others of another one, whose submissions are
 * all spam and whose deliveries have all failed. Indexes are made at the end, several times as fast as row by row.
 */
export async function fillTables({ url, workspaceId, rows }: ManyRows): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    options: plainSession,
  })
  await client.connect()
  try {
    await client.query(
      `set default_transaction_isolation = 'read committed'; set synchronous_commit = off; set maintenance_work_mem = '256MB'`,
    )
    await client.query(functions)
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(selectIndexes, [tables])
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    for (const table of tables) await client.query(`alter table ${table} set unlogged`)
    for (const insert of inserts(workspaceId, rows)) await client.query(insert)
    for (const { definition } of indexes) await client.query(definition)
    await client.query(`vacuum analyze ${tables.join(', ')}`)
  } finally {
    await client.end()
  }
}

// Those of constraints stay: rows come in their order.
const selectIndexes = `
  select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
  from pg_index
  where indrelid = any ($1::regclass[]) and not indisunique`

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const timeDigits = Array.from(
  { length: 10 },
  (_, nth) => `substr('${alphabet}', ((ms >> ${45 - 5 * nth}) & 31)::int + 1, 1)`,
)

const functions = `
  create function pg_temp.made(nth int) returns timestamptz immutable language sql
    as $$ select timestamptz '2026-01-01 00:00Z' + nth * interval '10 seconds' $$;
  create function pg_temp.encoded(ms bigint) returns text immutable language sql as $$ select ${timeDigits.join(' || ')} $$;
  create function pg_temp.ulid(nth int) returns text immutable language sql
    as $$ select pg_temp.encoded(1767225600000 + nth * 10000::bigint) || lpad(nth::text, 16, '0') $$;`

function inserts(workspaceId: string, rows: number): string[] {
  const own = `nth % 5 > 0`
  const workspace = `case when ${own} then '${workspaceId}' else 'ws_other' end`
  const numbers = `from generate_series(1, ${rows}) nth`
  return [
    `create unlogged table numbered as
     select nth, ${workspace} as workspace_id, ${own} as own, pg_temp.ulid(nth) as ulid, pg_temp.made(nth) as made ${numbers}`,
    `insert into contact (workspace_id, id, email, stage, created_at, updated_at, last_seen_at)
     select workspace_id, 'cont_' || ulid, 'p' || nth || '@x.co', 'lead', made, made, made from numbered`,
    `insert into submission (workspace_id, id, status, outcome, contact_id, source, received_at)
     select workspace_id, 'sub_' || ulid,
            (case when not own then 'SPAM' when nth > ${oldest} then 'ACCEPTED'
                  when nth % 50 = 1 then 'HELD' when nth % 50 = 2 then 'SPAM' else 'ACCEPTED' end)::submission_status,
            'CREATED', 'cont_' || ulid, case when nth > ${oldest} then 'usual' else 'rare' end, made
     from numbered`,
    `insert into event (workspace_id, id, position, type, contact_id, body, created_at)
     select workspace_id, 'evt_' || ulid, nth,
            case when nth > ${oldest} then 'contact.updated' when nth % 50 = 1 then 'webhook.failing' else 'contact.created' end,
            'cont_' || ulid, '{"data":{}}', made
     from numbered`,
    // A contact with a long history, and an endpoint with a few deliveries beside one with nearly all.
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, created_at, completed_at)
     select workspace_id, 'dlv_' || ulid, case when nth % ${rows / 200} = 1 then 'wh_small' else 'wh_big' end, 'evt_' || ulid, nth,
            case when nth % 4 = 1 then 'cont_big' else 'cont_' || ulid end,
            (case when not own then 'FAILED' when nth > ${oldest} then 'SUCCEEDED'
                  else (array['SUCCEEDED','FAILED','HELD','CANCELED','RETRYING','PENDING'])[1 + nth % 6] end)::delivery_status,
            made, made
     from numbered`,
    `insert into attempt (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms)
     select workspace_id, 'att_' || ulid, 'dlv_' || ulid, 1, 'AUTOMATIC', made, 5 from numbered`,
    `insert into audit_entry (workspace_id, id, action, actor, at)
     select workspace_id, 'aud_' || ulid, 'key.created', 'system', made from numbered`,
    'drop table numbered',
  ]
}
