import { type Queryable, statement, type Tx } from '../database/database.ts'

/** Leaves of the events about a contact what readers need, and the contact's id alone as `data`; answers how many. */
export async function redactEvents(tx: Tx, workspaceId: string, contactId: string): Promise<number> {
  const [row] = await tx.query<{ redacted: number }>(redactBodies, [workspaceId, contactId])
  return row?.redacted ?? 0
}

/** The e-mails that the events about a contact tell of: it may have had others before. */
export async function emailsInEvents(database: Queryable, workspaceId: string, contactId: string): Promise<string[]> {
  const rows = await database.query<{ email: string }>(selectEmails, [workspaceId, contactId])
  return rows.map(({ email }) => email)
}

// Index: event_workspace_id_contact_id_position_idx.
const redactBodies = statement(
  'redact_events',
  `with redacted as (
     update event
     set body = json_build_object('id', id, 'event', type, 'timestamp', body::json -> 'timestamp',
                                  'data', json_build_object('id', contact_id))::text,
         redacted_at = now()
     where workspace_id = $1
       and contact_id = $2
       and redacted_at is null
     returning id
   )
   select count(*)::int as redacted
   from redacted`,
)

// Index: event_workspace_id_contact_id_position_idx.
const selectEmails = statement(
  'select_emails_in_events',
  `select distinct body::json -> 'data' ->> 'email' as email
   from event
   where workspace_id = $1
     and contact_id = $2
     and body::json -> 'data' ->> 'email' is not null`,
)
