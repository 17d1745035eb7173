import type { FieldChange } from '../contacts/merge.ts'
import { statement, type Tx } from '../database/database.ts'
import type { CaptureOutcome } from '../generated/prisma/enums.ts'
import type { CaptureRecord } from './record.ts'

/** A capture as it is kept: what was posted, and what came of it. */
export interface SubmissionRow {
  readonly record: CaptureRecord
  readonly outcome: CaptureOutcome | null
  readonly contactId: string | null
  readonly changes: readonly FieldChange[]
  readonly reasons: readonly string[]
}

export async function insertSubmissions(tx: Tx, rows: readonly SubmissionRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query(insertRows, [
    rows.map(({ record }) => record.workspaceId),
    rows.map(({ record }) => record.submissionId),
    rows.map(({ record }) => record.screening.status),
    rows.map(({ outcome }) => outcome),
    rows.map(({ contactId }) => contactId),
    rows.map(({ record, contactId }) => (contactId === null ? record.email : null)),
    rows.map(({ record }) => JSON.stringify(record.posted)),
    rows.map(({ changes }) => JSON.stringify(changes)),
    rows.map(({ record }) => record.fields.source ?? null),
    rows.map(({ record }) => record.origin),
    rows.map(({ record }) => record.userAgent),
    rows.map(({ reasons }) => JSON.stringify(reasons)),
  ])
}

// The reasons come as JSON, since unnest would flatten an array of arrays.
const insertRows = statement(
  'insert_submissions',
  `insert into submission
     (workspace_id, id, status, outcome, contact_id, email, fields, changes, source, origin, user_agent, spam_reasons,
      received_at)
   select workspace_id, id, status::submission_status, outcome::capture_outcome, contact_id, email, fields::jsonb,
          changes::jsonb, source, origin, user_agent,
          array(select jsonb_array_elements_text(reasons::jsonb)), now()
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::text[], $12::text[])
     as posted (workspace_id, id, status, outcome, contact_id, email, fields, changes, source, origin, user_agent,
                reasons)`,
)
