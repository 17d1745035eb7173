import { createServer } from 'node:http'
import pg from 'pg'
import { ulid } from 'ulid'
import { createBatcher } from '../src/platform/batcher.ts'
import { listen, readBody, sendJson } from './json-server.ts'

/**
 * Stores captures with one hand-written statement: `BATCH=1` executes it for each request, as many at a time as
 * connections allow; a larger `BATCH` executes it for all leads that wait, which is the limit of this machine. There are
 * no checks, no limits, no screening, no log and no readers of the events.
 */
const maxItems = Number(process.env['BATCH'] ?? 1)
const inFlight = maxItems === 1 ? 10 : 2
const workspaceId = process.env['BENCH_WORKSPACE']
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 })
pool.on('error', () => {}) // The database is dropped while it is connected.

interface Lead {
  readonly email: string
}

interface Row {
  readonly id: string
  readonly email: string
}

/** An e-mail that occurs twice in a batch is stored by its last lead, because one statement may change a row only once. */
async function store(leads: readonly Lead[]): Promise<{ ok: true; value: Row }[]> {
  const byEmail = new Map(leads.map((lead) => [lead.email, lead]))
  const values = [...byEmail.values()].map((lead) => ({
    ...lead,
    contact_id: `cont_${ulid()}`,
    submission_id: `sub_${ulid()}`,
    event_id: `evt_${ulid()}`,
  }))
  const { rows } = await pool.query<Row>({
    name: 'store',
    text: storeLeads,
    values: [JSON.stringify(values), workspaceId],
  })
  const stored = new Map(rows.map((row) => [row.email, row]))
  return leads.map(({ email }) => {
    const value = stored.get(email)
    if (value === undefined) throw new Error(`The contact of ${email} was not stored.`)
    return { ok: true, value }
  })
}

const storeLeads = `
  with lead as (
    select * from json_to_recordset($1) as lead (email text, first_name text, last_name text, source text,
      metadata jsonb, contact_id text, submission_id text, event_id text)),
  stored as (
    insert into contact as c (workspace_id, id, email, first_name, last_name, stage, source, metadata, trusted_fields,
      submission_count)
    select $2, contact_id, email, first_name, last_name, 'NEW_LEAD', source, metadata, '{}', 1 from lead
    on conflict (workspace_id, email) do update set first_name = excluded.first_name, last_name = excluded.last_name,
      source = excluded.source, metadata = c.metadata || excluded.metadata, submission_count = c.submission_count + 1,
      updated_at = now(), last_seen_at = now(), version = c.version + 1
    returning *),
  submitted as (
    insert into submission (workspace_id, id, status, outcome, contact_id, fields, source, spam_reasons)
    select $2, submission_id, 'ACCEPTED', (case when version = 1 then 'CREATED' else 'UPDATED' end)::capture_outcome,
      id, to_jsonb(lead), stored.source, '{}'
    from lead join stored using (email)),
  announced as (
    insert into event (workspace_id, id, type, contact_id, body, created_at)
    select $2, event_id, case when version = 1 then 'contact.created' else 'contact.updated' end, id,
      to_json(stored)::text, now()
    from lead join stored using (email))
  select id, email from stored`

const batcher = createBatcher<Lead, Row>({
  maxItems,
  inFlight,
  maxWaiting: 10_000,
  whenFull: () => new Error('Too many leads wait.'),
  failsTogether: () => true,
  write: store,
})

const server = createServer(async (request, response) => {
  try {
    const { id, email } = await batcher.add(parseLead(await readBody(request)))
    sendJson(response, 201, { data: { id, email } })
  } catch (error) {
    console.error(error)
    sendJson(response, 500, {})
  }
})
listen(server)

function parseLead(bytes: Buffer): Lead {
  return JSON.parse(bytes.toString('utf8'))
}
