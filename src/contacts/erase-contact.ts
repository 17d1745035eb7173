import { type Database, statement, type Tx } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import { redactEvents } from '../events/redaction.ts'
import type { Signals } from '../events/signals.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit, redactAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import type { Contact } from './contact.ts'
import { lockContact } from './edit-store.ts'
import type { ErasureParticipants } from './erasure-participants.ts'
import { type BegunErasure, emailsOf, emptyErasure, eraseInSteps } from './erasure-steps.ts'

/** Number of rows that an erasure changed. */
export interface ErasedContact {
  readonly id: string
  readonly submissionsRedacted: number
  readonly eventsRedacted: number
  readonly deliveriesCanceled: number
}

/** Erases a person from all stored data (docs/decisions/0008). */
export interface ContactErasure {
  /** Returns undefined when the contact does not exist or is already erased. */
  erase(viewer: Viewer, id: string): Promise<ErasedContact | undefined>
  /** Returns the e-mails that the contact has had; they lead to its other data. */
  emailsOf(viewer: Viewer, contact: Pick<Contact, 'id' | 'email'>): Promise<string[]>
}

interface Parts {
  readonly database: Database
  readonly signals: Signals
  readonly participants: ErasureParticipants
}

export function createContactErasure({ database, signals, participants }: Parts): ContactErasure {
  return {
    erase: async (viewer, id) => {
      const key = { workspaceId: viewer.workspaceId, contactId: id }
      const begun = await eraseInSteps(database, key, participants)
      const erased = await database.inTransaction((tx) => eraseContact(tx, viewer, begun, participants))
      if (erased !== undefined) signals.notify('events')
      return erased
    },
    emailsOf: ({ workspaceId }, { id, email }) =>
      emailsOf(database, emptyErasure({ workspaceId, contactId: id }), email, participants),
  }
}

/**
 * Follows the lock order of all transactions: idempotency keys, contact, the fan-out and endpoints, deliveries, and the
 * log last.
 */
async function eraseContact(tx: Tx, viewer: Viewer, begun: BegunErasure, participants: ErasureParticipants) {
  const { key, after } = begun
  const { workspaceId, contactId: id } = key
  await participants.lockIdempotencyKeys(tx, key, after.submission)
  const locked = await lockContact(tx, workspaceId, id)
  if (locked === undefined) return undefined
  const emails = await emailsOf(tx, begun, locked.contact.email, participants)
  await tx.query(deleteContact, [workspaceId, id])
  const submissions = await participants.eraseFromCaptures(tx, { ...key, emails }, after.submission)
  const deliveries = await participants.eraseFromDeliveries(tx, key, after.delivery)
  const events = await redactEvents(tx, workspaceId, id, after.event)
  await redactAudit(tx, workspaceId, id)
  const counts = {
    submissionsRedacted: begun.submissions + submissions,
    eventsRedacted: begun.events + events,
    deliveriesCanceled: begun.deliveries + deliveries,
  }
  await recordErasure(tx, viewer, id, { counts, occurredAt: locked.now })
  return { id, ...counts }
}

/** Records the proof of the erasure: the key, the time, the id and the numbers. */
async function recordErasure(
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
