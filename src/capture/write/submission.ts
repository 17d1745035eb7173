import type { FieldChange } from '../../contacts/merge.ts'
import { statement, type Tx } from '../../database/database.ts'
import type { CaptureOutcome, SubmissionStatus } from '../../generated/prisma/enums.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import type { JsonValue } from '../../sources/payload.ts'
import { addToStorage } from '../storage.ts'
import type { StoredBytes } from '../stored-bytes.ts'
import { toStoredChanges } from './changes.ts'
import type { PreparedCapture } from './prepared-capture.ts'
import { readStoredFields, toStoredFields } from './stored-fields.ts'

/** Capture as it is stored: the posted fields and the result. */
export interface SubmissionRow {
  readonly record: PreparedCapture
  readonly outcome: CaptureOutcome | null
  readonly contactId: string | null
  readonly changes: readonly FieldChange[]
  /** Changes that a stranger proposed: stored with the others, marked as not applied. */
  readonly proposals: readonly FieldChange[]
  readonly reasons: readonly string[]
  /** Null for a trusted caller, whose captures are not counted. */
  readonly bytes: StoredBytes | null
}

/** Stores submissions; returns their time of receipt, which is the time of the transaction and the same for all. */
export async function insertSubmissions(tx: Tx, rows: readonly SubmissionRow[]): Promise<Date | undefined> {
  if (rows.length === 0) return undefined
  const [first] = await tx.query<{ received_at: Date }>(insertRows, [
    rows.map(({ record }) => record.workspaceId),
    rows.map(({ record }) => record.submissionId),
    rows.map(({ record }) => record.screening.status),
    rows.map(({ outcome }) => outcome),
    rows.map(({ contactId }) => contactId),
    rows.map(({ record, contactId }) => (contactId !== null && isEmailPosted(record.posted) ? null : record.email)),
    rows.map(({ record }) => toStoredFields(record)),
    rows.map((row) => toStoredChanges(row, row.record.posted)),
    rows.map(({ record }) => record.fields.source ?? null),
    rows.map(({ record }) => record.origin),
    rows.map(({ record }) => record.userAgent),
    rows.map(({ reasons }) => JSON.stringify(reasons)),
    rows.map(({ bytes }) => bytes?.total ?? 0),
    rows.map(({ bytes }) => bytes?.raw ?? null),
    rows.map(({ record }) => record.inbound?.sourceId ?? null),
    rows.map(({ record }) => record.inbound?.raw ?? null),
    rows.map(({ record }) => JSON.stringify(record.inbound?.rawEmails ?? [])),
    rows.map(({ record }) => JSON.stringify(record.inbound?.reasons ?? [])),
  ])
  return first?.received_at
}

/**
 * Returns whether the e-mail is in the posted field of its name, where an erasure finds it. One that came under another
 * name has to be stored beside the fields.
 */
function isEmailPosted({ email }: PreparedCapture['posted']): boolean {
  return typeof email === 'string' && normaliseEmail(email) !== undefined
}

/** Columns of a stored submission that moderation needs. */
export interface StoredSubmission {
  readonly workspaceId: string
  readonly id: string
  readonly status: SubmissionStatus
  /** As posted; empty after erasure, and when they were not stored. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Keys of the metadata that were kept, where `fields` have more. */
  readonly keptKeys: readonly string[] | undefined
  /** E-mail of a submission that made no contact; null after erasure. */
  readonly email: string | null
  readonly storedBytes: number
  /** Null for one that came through no source. */
  readonly sourceId: string | null
  readonly raw: JsonValue | null
  /** Bytes of `raw` as text. */
  readonly payloadBytes: number
}

/** Locks a submission until the transaction ends; returns undefined when the workspace has none with this id. */
export async function lockSubmission(tx: Tx, workspaceId: string, id: string): Promise<StoredSubmission | undefined> {
  const [row] = await tx.query<Omit<StoredSubmission, 'keptKeys'>>(selectForModeration, [workspaceId, id])
  return row && { ...row, ...readStoredFields(row.fields) }
}

/** Stores the result of a submission that this transaction has locked; its spam reasons are kept. */
export async function acceptSubmission(
  tx: Tx,
  accepted: Pick<StoredSubmission, 'workspaceId' | 'id' | 'fields' | 'storedBytes'> & {
    readonly source: string | null
  } & Pick<SubmissionRow, 'outcome' | 'contactId' | 'changes' | 'proposals'> & { readonly bytes: StoredBytes },
): Promise<void> {
  const { workspaceId, id, outcome, contactId, fields, bytes, storedBytes } = accepted
  const changes = toStoredChanges(accepted, fields)
  const sizes = [bytes.total, bytes.raw, storedBytes]
  const given = JSON.stringify(fields)
  await tx.query(updateAccepted, [
    ...[workspaceId, id, outcome, contactId, changes, ...sizes],
    ...[isEmailPosted(fields), given, accepted.source],
  ])
}

export async function markSubmissionSpam(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx.query(updateSpam, [workspaceId, id])
}

// Index: capture_storage_pkey. The reasons come as JSON, since unnest would flatten an array of arrays.
const insertRows = statement(
  'insert_submissions',
  `with inserted as (
   insert into submission
     (workspace_id, id, status, outcome, contact_id, email, fields, changes, source, origin, user_agent, spam_reasons,
      stored_bytes, raw_bytes, source_id, raw, raw_emails, reasons, received_at)
   select workspace_id, id, status::submission_status, outcome::capture_outcome, contact_id, email, fields::jsonb,
          changes::jsonb, source, origin, user_agent,
          array(select jsonb_array_elements_text(spam_reasons::jsonb)), stored_bytes, raw_bytes, source_id, raw::jsonb,
          array(select jsonb_array_elements_text(raw_emails::jsonb)),
          array(select jsonb_array_elements_text(reasons::jsonb)), now()
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::text[], $12::text[], $13::int[], $14::int[], $15::text[], $16::text[],
               $17::text[], $18::text[])
     as posted (workspace_id, id, status, outcome, contact_id, email, fields, changes, source, origin, user_agent,
                spam_reasons, stored_bytes, raw_bytes, source_id, raw, raw_emails, reasons)
   returning workspace_id, stored_bytes, received_at
   ),
   counted as (
   ${addToStorage('inserted', 'stored_bytes')}
   )
   select received_at
   from inserted
   limit 1`,
)

// Index: submission_pkey.
const selectForModeration = statement(
  'lock_submission',
  `select workspace_id as "workspaceId", id, status, fields, email, stored_bytes as "storedBytes",
          source_id as "sourceId", raw, coalesce(octet_length(raw::text), 0) as "payloadBytes"
   from submission
   where workspace_id = $1
     and id = $2
   for update`,
)

// Indexes: submission_pkey, capture_storage_pkey. The e-mail column is kept where the fields do not have it.
const updateAccepted = statement(
  'accept_submission',
  `with accepted as (
     update submission
     set status = 'ACCEPTED',
         outcome = $3::text::capture_outcome,
         contact_id = $4,
         email = case when $9::boolean then null else email end,
         fields = $10::jsonb,
         source = coalesce($11, source),
         changes = $5::jsonb,
         stored_bytes = $6::int,
         raw_bytes = $7::int
     where workspace_id = $1
       and id = $2
     returning workspace_id
   )
   ${addToStorage('accepted', '$6::int - $8::int')}`,
)

// Index: submission_pkey.
const updateSpam = statement(
  'mark_submission_spam',
  `update submission
   set status = 'SPAM'
   where workspace_id = $1
     and id = $2`,
)
