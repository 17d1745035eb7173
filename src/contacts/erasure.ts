import { type Database, type Queryable, statement, type Tx } from '../database/database.ts'
import { appendEvents } from '../events/log.ts'
import { emailsInEvents, redactEvents } from '../events/redaction.ts'
import type { Wake } from '../events/wake.ts'
import { newId } from '../ids.ts'
import { recordAudit, redactAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import type { Contact } from './contact.ts'
import type { ContactKey, ContactTraces } from './contact-traces.ts'
import { lockContact } from './edit-store.ts'
import { normaliseEmail } from './email.ts'

/** How much an erasure took. */
export interface ErasedContact {
  readonly id: string
  readonly submissionsRedacted: number
  readonly eventsRedacted: number
  readonly deliveriesCanceled: number
}

/** Takes a person out of all that is stored (docs/decisions/0008). */
export interface ContactErasure {
  /** Undefined when there is no such contact, or none any more. */
  erase(viewer: Viewer, id: string): Promise<ErasedContact | undefined>
  /** The e-mails that the contact has had: what else is held on it is found by them. */
  emailsOf(viewer: Viewer, contact: Pick<Contact, 'id' | 'email'>): Promise<string[]>
}

interface Parts {
  readonly database: Database
  readonly wake: Wake
  readonly traces: ContactTraces
}

export function createContactErasure({ database, wake, traces }: Parts): ContactErasure {
  return {
    erase: async (viewer, id) => {
      const erased = await database.inTransaction((tx) => eraseContact(tx, viewer, id, traces))
      if (erased !== undefined) wake.wake('events')
      return erased
    },
    emailsOf: ({ workspaceId }, { id, email }) => emailsOf(database, { workspaceId, contactId: id }, email, traces),
  }
}

/** In the order in which everybody locks: answers, contact, the fan-out and endpoints, deliveries, and the log last. */
async function eraseContact(tx: Tx, viewer: Viewer, id: string, traces: ContactTraces) {
  const { workspaceId } = viewer
  const key = { workspaceId, contactId: id }
  await traces.lockAnswers(tx, key)
  const locked = await lockContact(tx, workspaceId, id)
  if (locked === undefined) return undefined
  const emails = await emailsOf(tx, key, locked.contact.email, traces)
  await tx.query(deleteContact, [workspaceId, id])
  const submissionsRedacted = await traces.eraseFromCaptures(tx, { ...key, emails })
  const deliveriesCanceled = await traces.eraseFromDeliveries(tx, key)
  const eventsRedacted = await redactEvents(tx, workspaceId, id)
  await redactAudit(tx, workspaceId, id)
  const counts = { submissionsRedacted, eventsRedacted, deliveriesCanceled }
  await tellOfErasure(tx, viewer, id, { counts, occurredAt: locked.now })
  return { id, ...counts }
}

/** Those that the contact has had: without what is another contact's by now. */
async function emailsOf(database: Queryable, key: ContactKey, email: string, traces: ContactTraces): Promise<string[]> {
  const { workspaceId, contactId } = key
  const posted = (await traces.postedEmails(database, key)).flatMap((each) => normaliseEmail(each) ?? [])
  const known = [...new Set([email, ...posted, ...(await emailsInEvents(database, workspaceId, contactId))])]
  const rows = await database.query<{ email: string }>(selectOwnEmails, [workspaceId, contactId, known])
  return rows.map((row) => row.email)
}

/** The proof: who, when, the id, and how much. */
async function tellOfErasure(
  tx: Tx,
  { workspaceId, apiKeyId: actor }: Viewer,
  id: string,
  { counts, occurredAt }: { readonly counts: Readonly<Record<string, number>>; readonly occurredAt: Date },
): Promise<void> {
  await recordAudit(tx, { workspaceId, actor, action: 'contact.erased', targetId: id, details: counts })
  const draft = { workspaceId, id: newId('event'), contactId: id, occurredAt, data: { id } }
  await appendEvents(tx, [{ ...draft, type: 'contact.erased' }])
}

// Index: contact_pkey.
const deleteContact = statement(
  'delete_contact',
  `delete from contact
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
