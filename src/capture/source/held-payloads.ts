import { type Queryable, unpreparedStatement } from '../../database/database.ts'

/** Payloads of an export; the newest ones count. */
const maxPayloads = 1000

/** Returns the ids of payloads that were never mapped, and in which one of the e-mails occurs, newest first. */
export async function findHeldPayloads(
  database: Queryable,
  workspaceId: string,
  emails: readonly string[],
): Promise<string[]> {
  const rows = await database.query<{ id: string }>(selectHeld, [workspaceId, emails, maxPayloads])
  return rows.map(({ id }) => id)
}

// Index: submission_raw_emails_idx.
const selectHeld = unpreparedStatement(
  'select_held_payloads',
  `select id
   from submission
   where workspace_id = $1
     and raw_emails && $2::text[]
     and raw_emails <> '{}'
     and email is null
     and contact_id is null
   order by id desc
   limit $3`,
)
