import { firstTouchOf, touchOf } from '../../contacts/attribution.ts'
import { type Contact, contactData } from '../../contacts/contact.ts'
import { changedFields, changesOfNew, type FieldChange, mergeContact } from '../../contacts/merge.ts'
import { givenFields, overflows } from '../../contacts/provenance.ts'
import { lockOrCreateContacts, type NewContact, saveContacts } from '../../contacts/store.ts'
import type { Tx } from '../../database/database.ts'
import type { EventDraft } from '../../events/event-types.ts'
import { CaptureOutcome } from '../../generated/prisma/enums.ts'
import { idLike, newId } from '../../platform/ids.ts'
import { firstStage } from '../../workspaces/workspace.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'
import { RefusedCaptures } from './refused.ts'

/** A capture that is being written: its result, and what it changed. */
export interface Written {
  readonly record: PreparedCapture
  /** The time of receipt is the database's: it is known when the submission is stored. */
  readonly result: Omit<CaptureResult, 'receivedAt'>
  readonly changes: readonly FieldChange[]
  /** Changes that a stranger proposed and that were not stored (docs/decisions/0018). */
  readonly proposals: readonly FieldChange[]
}

/**
 * Captures by contact, in the order in which they came: the same e-mail twice is merged twice, and stored once.
 * @throws RefusedCaptures for those of trusted callers whose keys do not fit; then nothing may be committed
 */
export async function writeContacts(tx: Tx, records: readonly PreparedCapture[]): Promise<Written[]> {
  if (records.length === 0) return []
  const byIdentity = Map.groupBy(records, identityOf)
  const now = new Date()
  const locked = await lockOrCreateContacts(
    tx,
    [...byIdentity.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [newContactOf(first, 1 + others.length, now)],
    ),
  )
  const toSave: Contact[] = []
  const refused: Refused = new Set()
  const written = locked.flatMap(({ contact, created }) => {
    const group = byIdentity.get(identityOf(contact)) ?? []
    const results = created ? resultsOfCreated(contact, group, refused) : mergeInto(contact, group, refused)
    const last = results.at(-1)?.result.contact
    if (last !== undefined && last !== contact) toSave.push(last)
    return results
  })
  if (refused.size > 0) throw new RefusedCaptures(refused)
  await saveContacts(tx, toSave)
  return written
}

/** Its id follows from the submission's: what is held is answered the id that its contact has once it is released. */
function newContactOf(record: PreparedCapture, captures: number, now: Date): NewContact {
  const { workspaceId, submissionId, email, fields, caller } = record
  const touch = touchOf(fields.metadata, now)
  const given = {
    workspaceId,
    id: idLike(submissionId, 'contact'),
    email,
    firstName: fields.firstName ?? null,
    lastName: fields.lastName ?? null,
    stage: fields.stage ?? firstStage,
    source: fields.source ?? null,
    metadata: fields.metadata,
    firstTouch: firstTouchOf(fields.metadata, now),
    lastTouch: touch,
    captures,
  }
  return { ...given, trustedFields: caller.isTrusted ? givenFields(given) : [] }
}

/** The submissions of trusted callers whose keys do not fit. */
type Refused = Set<string>

function resultsOfCreated(
  contact: Contact,
  [first, ...others]: readonly PreparedCapture[],
  refused: Refused,
): Written[] {
  if (first === undefined) return []
  const created = writtenAs(first, contact, CaptureOutcome.CREATED, { changes: changesOfNew(contact), proposals: [] })
  return [created, ...mergeInto(contact, others, refused)]
}

/** One that is refused leaves the contact to the next as it was. */
function mergeInto(stored: Contact, records: readonly PreparedCapture[], refused: Refused): Written[] {
  let contact = stored
  return records.flatMap((record) => {
    const now = new Date(Math.max(stored.lastSeenAt.getTime(), stored.updatedAt.getTime())) // An edit may be later.
    const touch = touchOf(record.fields.metadata, now)
    const firstTouch = firstTouchOf(record.fields.metadata, now)
    const { mergePolicy: policy, caller, fields } = record
    const merged = mergeContact(contact, fields, { policy, isTrusted: caller.isTrusted, touch, firstTouch, now })
    if (caller.isTrusted && overflows(contact, merged.contact)) {
      refused.add(record.submissionId)
      return []
    }
    const isChanged = merged.changes.length > 0
    if (isChanged || touch !== null || merged.contact.trustedFields !== contact.trustedFields) contact = merged.contact
    return [writtenAs(record, contact, isChanged ? CaptureOutcome.UPDATED : CaptureOutcome.UNCHANGED, merged)]
  })
}

function writtenAs(
  record: PreparedCapture,
  contact: Contact,
  outcome: CaptureOutcome,
  { changes, proposals }: Pick<Written, 'changes' | 'proposals'>,
): Written {
  const { submissionId, readsContacts: showedContact, isPrivate } = record
  return { record, changes, proposals, result: { submissionId, contact, outcome, showedContact, isPrivate } }
}

/**
 * Captures that are held or spam touch no contact, and look for none: their answer shows the contact that a release would
 * make, to every caller, whether the e-mail is known or new.
 */
export function withoutContacts(records: readonly PreparedCapture[]): Written[] {
  const now = new Date()
  return records.map((record) => {
    const { captures: _, ...person } = newContactOf(record, 1, now)
    const contact = { ...person, createdAt: now, updatedAt: now, lastSeenAt: now, version: 1 }
    const result = { submissionId: record.submissionId, contact, outcome: null, showedContact: false, isPrivate: true }
    return { record, changes: [], proposals: [], result }
  })
}

function identityOf({ workspaceId, email }: Pick<Contact, 'workspaceId' | 'email'>): string {
  return `${workspaceId} ${email}`
}

/** The event of a capture that made or changed its contact. */
export function eventOf({ record, result, changes }: Written): EventDraft[] {
  if (result.outcome === CaptureOutcome.UNCHANGED || result.outcome === null) return []
  const created = result.outcome === CaptureOutcome.CREATED
  const draft = {
    workspaceId: record.workspaceId,
    id: newId('event'),
    contactId: result.contact.id,
    occurredAt: result.contact.lastSeenAt,
    data: contactData(result.contact),
  }
  if (created) return [{ ...draft, type: 'contact.created' }]
  return [{ ...draft, type: 'contact.updated', changed: changedFields(changes) }]
}
