import { type Database, type Queryable, statement, type Tx } from '../database/database.ts'
import { emailsInEvents, redactEventsStep } from '../events/redaction.ts'
import { normaliseEmail } from '../platform/text/email.ts'
import { type ContactKey, type ErasureParticipants, type ErasureStep, unsearched } from './erasure-participants.ts'

/** Result of the steps of an erasure; its transaction completes it. */
export interface BegunErasure {
  readonly key: ContactKey
  /** Last row of each table that a step has erased. */
  readonly after: { readonly submission: string; readonly event: number; readonly delivery: string }
  /** E-mails of the contact that the steps have found before they erased them. */
  readonly emails: readonly string[]
  readonly submissions: number
  readonly events: number
  readonly deliveries: number
}

/** Returns the initial state: for a contact with few rows the transaction erases everything. */
export function emptyErasure(key: ContactKey): BegunErasure {
  return {
    key,
    after: { submission: '', event: 0, delivery: '' },
    emails: [],
    submissions: 0,
    events: 0,
    deliveries: 0,
  }
}

/**
 * Erases a contact's rows in full pages of a thousand, each in a transaction of its own. The rest, less than a page of
 * each table, is left to the transaction of the erasure. That keeps it short, since the fan-out of all workspaces waits
 * for it. Does nothing for a contact that has less than a page. After a crash the contact still exists and the same
 * erasure continues: the e-mails that lead to other rows are erased last.
 */
export async function eraseInSteps(
  database: Database,
  key: ContactKey,
  participants: ErasureParticipants,
): Promise<BegunErasure> {
  const { workspaceId, contactId } = key
  const [stored] = await database.query<{ email: string; is_large: boolean }>(selectSize, [workspaceId, contactId])
  if (stored === undefined || !stored.is_large) return emptyErasure(key)
  const emails = await emailsOf(database, emptyErasure(key), stored.email, participants)
  const inTransaction = <Step>(step: (tx: Tx) => Promise<Step>) => database.inTransaction(step)
  const screened = await allSteps(() => inTransaction((tx) => participants.eraseScreenedStep(tx, { ...key, emails })))
  let event = 0
  let events = 0
  for (;;) {
    const step = await inTransaction((tx) => redactEventsStep(tx, workspaceId, contactId, event))
    if (step === undefined) break
    event = step.after
    events += step.count
  }
  const canceled = await allSteps(() => inTransaction((tx) => participants.cancelDeliveriesStep(tx, key)))
  const attempts = await allSteps((after) => inTransaction((tx) => participants.eraseAttemptsStep(tx, key, after)))
  const captures = await allSteps((after) => inTransaction((tx) => participants.eraseCapturesStep(tx, key, after)))
  return {
    key,
    after: { submission: captures.after, event, delivery: attempts.after },
    emails,
    submissions: screened.count + captures.count,
    events,
    deliveries: canceled.count,
  }
}

/** Returns the e-mails that the contact has had, except those that belong to another contact now. */
export async function emailsOf(
  database: Queryable,
  { key, after, emails: before }: BegunErasure,
  email: string,
  participants: ErasureParticipants,
): Promise<string[]> {
  const { workspaceId, contactId } = key
  const posted = (await participants.postedEmails(database, key, after.submission)).flatMap(
    (each) => normaliseEmail(each) ?? [],
  )
  const inEvents = await emailsInEvents(database, workspaceId, contactId, after.event)
  const known = [...new Set([email, ...before, ...posted, ...inEvents])]
  const rows = await database.query<{ email: string }>(selectOwnEmails, [workspaceId, contactId, known])
  return rows.map((row) => row.email)
}

async function allSteps(step: (after: string) => Promise<ErasureStep | undefined>): Promise<ErasureStep> {
  let count = 0
  let after = ''
  for (;;) {
    const done = await step(after)
    if (done === undefined) return { count, after }
    count += done.count
    after = done.after
  }
}

// Index: contact_pkey, submission_workspace_id_contact_id_id_idx, event_workspace_id_contact_id_position_idx,
// delivery_workspace_id_contact_id_id_idx, submission_raw_emails_idx. Reads no further than the 1,000th row of each.
const selectSize = statement(
  'select_size_of_contact',
  `select email,
          exists (select from submission s where s.workspace_id = $1 and s.contact_id = $2 offset 999)
            or exists (select from event e where e.workspace_id = $1 and e.contact_id = $2 offset 999)
            or exists (select from delivery d where d.workspace_id = $1 and d.contact_id = $2 offset 999)
            or exists (
              select
              from submission held
              where held.workspace_id = $1
                and held.email = contact.email
                and held.contact_id is null
              offset 999
            )
            or exists (
              select
              from submission held
              where held.workspace_id = $1
                and held.raw_emails && array[contact.email, '${unsearched}']
                and held.raw_emails <> '{}'
              offset 999
            ) as is_large
   from contact
   where workspace_id = $1
     and id = $2`,
)

// Index: contact_workspace_id_email_key.
const selectOwnEmails = statement(
  'select_own_emails',
  `select known.email
   from unnest($3::text[]) as known (email)
   left join contact other
     on other.workspace_id = $1 and other.email = known.email and other.id <> $2
   where other.id is null`,
)
