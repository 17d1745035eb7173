import type { ContactKey } from '../contacts/contact-traces.ts'
import { type Queryable, statement, type Tx } from '../database/database.ts'

/** Locks the answers to the captures of a contact, in the order in which captures take their keys. */
export async function lockAnswers(tx: Tx, { workspaceId, contactId }: ContactKey): Promise<void> {
  await tx.query(lockAnswersOfContact, [workspaceId, contactId])
}

/** The e-mails that a contact was captured with, as they were posted. */
export async function postedEmails(database: Queryable, { workspaceId, contactId }: ContactKey): Promise<string[]> {
  const rows = await database.query<{ email: string }>(selectPostedEmails, [workspaceId, contactId])
  return rows.map(({ email }) => email)
}

/**
 * Redacts the submissions of a contact, and those of its e-mails that made no contact; answers how many. Their keys
 * stay until their day is over, with an answer that shows nobody: who sends the same again makes no second contact.
 */
export async function eraseFromCaptures(
  tx: Tx,
  { workspaceId, contactId, emails }: ContactKey & { readonly emails: readonly string[] },
): Promise<number> {
  const [row] = await tx.query<{ redacted: number }>(redactSubmissions, [workspaceId, contactId, emails])
  return row?.redacted ?? 0
}

// Indexes: submission_workspace_id_contact_id_id_idx, submission_email_idx, contact_pkey,
// idempotency_key_workspace_id_submission_id_idx.
const lockAnswersOfContact = statement(
  'lock_answers_of_contact',
  `select key
   from idempotency_key
   where workspace_id = $1
     and submission_id in (
       select id
       from submission
       where workspace_id = $1
         and contact_id = $2
       union all
       select held.id
       from contact
       join submission held on held.workspace_id = contact.workspace_id and held.email = contact.email
       where contact.workspace_id = $1
         and contact.id = $2
     )
   order by caller, key
   for update`,
)

// Index: submission_workspace_id_contact_id_id_idx.
const selectPostedEmails = statement(
  'select_posted_emails',
  `select distinct fields ->> 'email' as email
   from submission
   where workspace_id = $1
     and contact_id = $2
     and fields ->> 'email' is not null`,
)

// Indexes: submission_workspace_id_contact_id_id_idx, submission_email_idx,
// idempotency_key_workspace_id_submission_id_idx.
const redactSubmissions = statement(
  'redact_submissions',
  `with about as (
     select id
     from submission
     where workspace_id = $1
       and contact_id = $2
     union
     select id
     from submission
     where workspace_id = $1
       and email = any ($3::text[])
   ),
   redacted as (
     update submission s
     set fields = '{}',
         changes = '[]',
         email = null,
         source = null,
         origin = null,
         user_agent = null
     from about
     where s.workspace_id = $1
       and s.id = about.id
     returning s.id
   ),
   answers as (
     update idempotency_key stored
     set answer = jsonb_build_object(
           'submissionId', stored.submission_id,
           'outcome', stored.answer -> 'outcome',
           'showedContact', false,
           'isPrivate', stored.answer -> 'isPrivate',
           'receivedAt', stored.answer -> 'receivedAt',
           'contact', jsonb_build_object(
             'workspaceId', stored.workspace_id,
             'id', stored.answer -> 'contact' -> 'id',
             'email', '',
             'firstName', null,
             'lastName', null,
             'stage', '',
             'source', null,
             'metadata', '{}'::jsonb,
             'createdAt', stored.answer -> 'contact' -> 'createdAt',
             'updatedAt', stored.answer -> 'contact' -> 'createdAt',
             'lastSeenAt', stored.answer -> 'contact' -> 'createdAt',
             'version', 0))
     from redacted
     where stored.workspace_id = $1
       and stored.submission_id = redacted.id
       and stored.answer -> 'contact' is not null
   )
   select count(*)::int as redacted
   from redacted`,
)
