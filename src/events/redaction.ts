import { type Queryable, type Statement, type Tx, unpreparedStatement } from '../database/database.ts'

/** Rows per statement. */
const pageEvents = 1000

/**
 * Redacts the events about a contact after a position: keeps the fields that readers need, and only the contact's id as
 * `data`. Returns the number of events.
 */
export async function redactEvents(tx: Tx, workspaceId: string, contactId: string, after: number): Promise<number> {
  const [row] = await tx.query<RedactedRow>(redactBodies, [workspaceId, contactId, after])
  return row?.count ?? 0
}

/**
 * Redacts one page of events in the same way and returns its last position; undefined when less than a page is left.
 */
export async function redactEventsStep(
  tx: Tx,
  workspaceId: string,
  contactId: string,
  after: number,
): Promise<{ count: number; after: number } | undefined> {
  const [row] = await tx.query<RedactedRow>(redactBodiesPage, [workspaceId, contactId, after, pageEvents])
  return row?.after == null ? undefined : { count: row.count, after: row.after }
}

/** Returns the e-mails in the events about a contact after a position: the contact may have had others before. */
export async function emailsInEvents(
  database: Queryable,
  workspaceId: string,
  contactId: string,
  after: number,
): Promise<string[]> {
  const emails = new Set<string>()
  for (let last: number | undefined = after; last !== undefined; ) {
    const rows: EmailRow[] = await database.query(selectEmails, [workspaceId, contactId, last, pageEvents])
    for (const { email } of rows) if (email !== null) emails.add(email)
    last = rows.length === pageEvents ? rows.at(-1)?.position : undefined
  }
  return [...emails]
}

interface EmailRow {
  position: number
  email: string | null
}

interface RedactedRow {
  count: number
  after: number | null
}

// Index: event_workspace_id_contact_id_position_idx.
const redactBodies = redacting(
  'redact_events',
  `select position
     from event
     where workspace_id = $1
       and contact_id = $2
       and position > $3::bigint
       and redacted_at is null`,
)

// Index: event_workspace_id_contact_id_position_idx.
const redactBodiesPage = redacting(
  'redact_events_page',
  `select position
     from (
       select position, count(*) over () as found
       from (
         select position
         from event
         where workspace_id = $1
           and contact_id = $2
           and position > $3::bigint
           and redacted_at is null
         order by position
         limit $4::int
       ) page
     ) page
     where found = $4::int`,
)

/** Index: event_workspace_id_position_key. */
function redacting(name: string, about: string): Statement {
  return unpreparedStatement(
    name,
    `with about as (
     ${about}
   ),
   redacted as (
     update event
     set body = json_build_object('id', id, 'event', type, 'timestamp', body::json -> 'timestamp',
                                  'data', json_build_object('id', contact_id))::text,
         redacted_at = now()
     where workspace_id = $1
       and position = any (array(select position from about))
       and redacted_at is null
     returning position
   )
   select count(*)::int as count, max(position) as after
   from redacted`,
  )
}

// Index: event_workspace_id_contact_id_position_idx.
const selectEmails = unpreparedStatement(
  'select_emails_in_events',
  `select position, body::json -> 'data' ->> 'email' as email
   from event
   where workspace_id = $1
     and contact_id = $2
     and position > $3::bigint
   order by position
   limit $4`,
)
