import type { FieldChange } from '../contacts/merge.ts'
import { statement, type Tx } from '../database/database.ts'
import type { CaptureOutcome, SubmissionStatus } from '../generated/prisma/enums.ts'
import type { CaptureRecord } from './record.ts'

/** A capture as it is kept: what was posted, and what came of it. */
export interface SubmissionRow {
  readonly record: CaptureRecord
  readonly outcome: CaptureOutcome | null
  readonly contactId: string | null
  readonly changes: readonly FieldChange[]
  /** Changes that a stranger proposed: kept with the others, as not applied. */
  readonly proposals: readonly FieldChange[]
  readonly reasons: readonly string[]
}

/** Stores submissions and returns when they were received: the time of the transaction, alike for all of them. */
export async function insertSubmissions(tx: Tx, rows: readonly SubmissionRow[]): Promise<Date | undefined> {
  if (rows.length === 0) return undefined
  const [first] = await tx.query<{ received_at: Date }>(insertRows, [
    rows.map(({ record }) => record.workspaceId),
    rows.map(({ record }) => record.submissionId),
    rows.map(({ record }) => record.screening.status),
    rows.map(({ outcome }) => outcome),
    rows.map(({ contactId }) => contactId),
    rows.map(({ record, contactId }) => (contactId === null ? record.email : null)),
    rows.map(({ record }) => JSON.stringify(record.posted)),
    rows.map(toStoredChanges),
    rows.map(({ record }) => record.fields.source ?? null),
    rows.map(({ record }) => record.origin),
    rows.map(({ record }) => record.userAgent),
    rows.map(({ reasons }) => JSON.stringify(reasons)),
  ])
  return first?.received_at
}

/** `applied` is left out where it is true, as in the submissions of 0.1. */
function toStoredChanges({ changes, proposals }: Pick<SubmissionRow, 'changes' | 'proposals'>): string {
  return JSON.stringify([...changes, ...proposals.map((proposal) => ({ ...proposal, applied: false }))])
}

/** A submission as it is kept, as far as deciding about it needs. */
export interface StoredSubmission {
  readonly workspaceId: string
  readonly id: string
  readonly status: SubmissionStatus
  /** As posted; empty after erasure. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Locks a submission until the transaction ends; undefined when the workspace has none with this id. */
export async function lockSubmission(tx: Tx, workspaceId: string, id: string): Promise<StoredSubmission | undefined> {
  const [row] = await tx.query<StoredSubmission>(selectForModeration, [workspaceId, id])
  return row
}

/** Stores what came of a submission that this transaction has locked; why it was kept back stays with it. */
export async function acceptSubmission(
  tx: Tx,
  accepted: Pick<StoredSubmission, 'workspaceId' | 'id'> &
    Pick<SubmissionRow, 'outcome' | 'contactId' | 'changes' | 'proposals'>,
): Promise<void> {
  const { workspaceId, id, outcome, contactId } = accepted
  await tx.query(updateAccepted, [workspaceId, id, outcome, contactId, toStoredChanges(accepted)])
}

export async function spamSubmission(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx.query(updateSpam, [workspaceId, id])
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
                reasons)
   returning received_at`,
)

// Index: submission_pkey.
const selectForModeration = statement(
  'lock_submission',
  `select workspace_id as "workspaceId", id, status, fields
   from submission
   where workspace_id = $1
     and id = $2
   for update`,
)

// Index: submission_pkey.
const updateAccepted = statement(
  'accept_submission',
  `update submission
   set status = 'ACCEPTED',
       outcome = $3::text::capture_outcome,
       contact_id = $4,
       email = null,
       changes = $5::jsonb
   where workspace_id = $1
     and id = $2`,
)

// Index: submission_pkey.
const updateSpam = statement(
  'mark_submission_spam',
  `update submission
   set status = 'SPAM'
   where workspace_id = $1
     and id = $2`,
)
