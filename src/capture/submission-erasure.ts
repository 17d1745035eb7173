import { type ContactKey, type ErasureStep, unsearched } from '../contacts/erasure-participants.ts'
import { type Queryable, type Statement, type Tx, unpreparedStatement } from '../database/database.ts'
import { idBefore } from '../platform/ids.ts'
import { addToStorage } from './storage.ts'

/** Rows per statement. */
const pageRows = 1000
/** Longest time between the creation of a row's id and its commit. */
const maxCommitDelayMs = 60_000

/** Locks the idempotency keys of a contact's captures, in the order in which captures lock their keys. */
export async function lockIdempotencyKeys(
  tx: Tx,
  { workspaceId, contactId }: ContactKey,
  after: string,
): Promise<void> {
  await tx.query(lockKeysOfContact, [workspaceId, contactId, idBefore(after, maxCommitDelayMs)])
}

/** Returns the e-mails that a contact was captured with, as they were posted. */
export async function postedEmails(
  database: Queryable,
  { workspaceId, contactId }: ContactKey,
  after: string,
): Promise<string[]> {
  const emails = new Set<string>()
  for (let last: string | undefined = idBefore(after, maxCommitDelayMs); last !== undefined; ) {
    const rows: PostedRow[] = await database.query(selectPostedEmails, [workspaceId, contactId, last, pageRows])
    for (const { email } of rows) if (email !== null) emails.add(email)
    last = rows.length === pageRows ? rows.at(-1)?.id : undefined
  }
  return [...emails]
}

/**
 * Redacts the submissions of a contact, and those of its e-mails that made no contact; returns their number. Their
 * idempotency keys stay until they expire after a day, with a response that shows no person: so a repeated request
 * creates no second contact.
 */
export async function eraseFromCaptures(
  tx: Tx,
  { workspaceId, contactId, emails }: ContactKey & { readonly emails: readonly string[] },
  after: string,
): Promise<number> {
  const searched = [...emails, unsearched]
  const values = [workspaceId, contactId, searched, idBefore(after, maxCommitDelayMs), after]
  const [row] = await tx.query<RedactedRow>(redactSubmissions, values)
  const [payload] = await tx.query<RedactedRow>(redactPayloads, [workspaceId, searched])
  return (row?.count ?? 0) + (payload?.count ?? 0)
}

/**
 * Redacts a page of the submissions of these e-mails that made no contact, then of the payloads of other submissions
 * that hold one of them; returns undefined when less than a page of both is left.
 */
export async function eraseScreenedStep(
  tx: Tx,
  { workspaceId, emails }: ContactKey & { readonly emails: readonly string[] },
): Promise<ErasureStep | undefined> {
  const values = [workspaceId, [...emails, unsearched], pageRows]
  const step = stepOf(await tx.query<RedactedRow>(redactScreenedPage, values))
  return step ?? stepOf(await tx.query<RedactedRow>(redactPayloadsPage, values))
}

/** Redacts a page of the submissions of a contact; returns undefined when less than a page is left. */
export async function eraseCapturesStep(
  tx: Tx,
  { workspaceId, contactId }: ContactKey,
  after: string,
): Promise<ErasureStep | undefined> {
  return stepOf(await tx.query<RedactedRow>(redactSubmissionsPage, [workspaceId, contactId, after, pageRows]))
}

function stepOf([row]: readonly RedactedRow[]): ErasureStep | undefined {
  return row?.after == null ? undefined : { count: row.count, after: row.after }
}

interface PostedRow {
  id: string
  email: string | null
}

interface RedactedRow {
  count: number
  after: string | null
}

// Indexes: submission_workspace_id_contact_id_id_idx, submission_email_idx, contact_pkey,
// idempotency_key_workspace_id_submission_id_idx.
const lockKeysOfContact = unpreparedStatement(
  'lock_answers_of_contact',
  `select key
   from idempotency_key
   where workspace_id = $1
     and submission_id in (
       select id
       from submission
       where workspace_id = $1
         and contact_id = $2
         and id > $3
       union all
       select held.id
       from contact
       join submission held
         on held.workspace_id = contact.workspace_id and held.email = contact.email and held.contact_id is null
       where contact.workspace_id = $1
         and contact.id = $2
     )
   order by caller, key
   for update`,
)

// Index: submission_workspace_id_contact_id_id_idx.
const selectPostedEmails = unpreparedStatement(
  'select_posted_emails',
  `select id, coalesce(email, fields ->> 'email') as email
   from submission
   where workspace_id = $1
     and contact_id = $2
     and id > $3
   order by id
   limit $4`,
)

// Indexes: submission_workspace_id_contact_id_id_idx, submission_email_idx, submission_raw_emails_idx. Skips submissions that an earlier step has
// redacted and counted.
const redactSubmissions = redacting(
  'redact_submissions',
  `select id
     from submission
     where workspace_id = $1
       and contact_id = $2
       and id > $4
       and (id > $5 or fields <> '{}' or changes <> '[]' or raw is not null)
     union
     select id
     from submission
     where workspace_id = $1
       and email = any ($3::text[])
       and contact_id is null
     union
     ${heldPayloads('$3')}`,
)

// Indexes: submission_email_idx, submission_raw_emails_idx.
const redactScreenedPage = redacting(
  'redact_screened_page',
  `select id
     from (
       select id, count(*) over () as found
       from (
         (select id
         from submission
         where workspace_id = $1
           and email = any ($2::text[])
           and contact_id is null
         limit $3::int)
         union
         ${heldPayloads('$2')}
         limit $3::int
       ) page
     ) page
     where found = $3::int`,
)

// Index: submission_workspace_id_contact_id_id_idx.
const redactSubmissionsPage = redacting(
  'redact_submissions_page',
  `select id
     from (
       select id, count(*) over () as found
       from (select id from submission where workspace_id = $1 and contact_id = $2 and id > $3 order by id limit $4::int)
         page
     ) page
     where found = $4::int`,
)

// Index: submission_raw_emails_idx.
const redactPayloads = redactingPayloads('redact_payloads', '')
const redactPayloadsPage = redactingPayloads('redact_payloads_page', 'limit $3::int')

/**
 * Redacts the payloads of submissions of other people in which one of the e-mails occurs. Their fields stay: they were
 * read for another address. A page counts only when it is full.
 */
function redactingPayloads(name: string, limit: string): Statement {
  return unpreparedStatement(
    name,
    `with about as (
     select workspace_id, id, least(octet_length(raw::text), coalesce(raw_bytes, 0)) as bytes
     from submission
     where workspace_id = $1
       and raw_emails && $2::text[]
       and raw_emails <> '{}'
     order by id
     ${limit}
     for update
   ),
   redacted as (
     update submission s
     set raw = null,
         raw_emails = '{}',
         stored_bytes = s.stored_bytes - about.bytes,
         raw_bytes = s.raw_bytes - about.bytes
     from about
     where s.workspace_id = $1
       and s.id = about.id
     returning s.id
   ),
   counted as (
   ${addToStorage('about', '-bytes')}
   )
   select count(*)::int as count, ${limit === '' ? 'max(id)' : 'case when count(*) = $3::int then max(id) end'} as after
   from redacted`,
  )
}

/** Selects payloads of sources that no e-mail was read from, although one of these occurs in them. */
function heldPayloads(emails: string): string {
  return `select id
     from submission
     where workspace_id = $1
       and raw_emails && ${emails}::text[]
       and raw_emails <> '{}'
       and email is null
       and contact_id is null`
}

/**
 * Indexes: submission_pkey, idempotency_key_workspace_id_submission_id_idx, capture_storage_pkey. The rows are locked
 * before their bytes are read, since retention may delete some of them at the same time.
 */
function redacting(name: string, about: string): Statement {
  return unpreparedStatement(
    name,
    `with about as (
     ${about}
   ),
   locked as (
     select s.workspace_id, s.id, s.stored_bytes
     from submission s
     join about on about.id = s.id
     where s.workspace_id = $1
     order by s.id
     for update of s
   ),
   redacted as (
     update submission s
     set fields = '{}',
         changes = '[]',
         email = null,
         source = null,
         raw = null,
         raw_emails = '{}',
         origin = null,
         user_agent = null,
         stored_bytes = 0,
         raw_bytes = 0
     from locked
     where s.workspace_id = $1
       and s.id = locked.id
     returning s.id
   ),
   counted as (
   ${addToStorage('locked', '-stored_bytes')}
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
   select count(*)::int as count, max(id) as after
   from redacted`,
  )
}
