import { firstTouchOf, touchOf } from '../contacts/attribution.ts'
import { type Contact, contactData } from '../contacts/contact.ts'
import { changedFields, changesOfNew, type FieldChange, mergeContact } from '../contacts/merge.ts'
import { findContacts, lockOrCreateContacts, type NewContact, saveContacts } from '../contacts/store.ts'
import type { Tx } from '../database/database.ts'
import type { EventDraft } from '../events/catalogue.ts'
import { CaptureOutcome } from '../generated/prisma/enums.ts'
import { idLike, newId } from '../ids.ts'
import { firstStage } from '../workspaces/workspace.ts'
import type { CaptureRecord, CaptureResult } from './record.ts'

/** A capture that is being written: its result, and what it changed. */
export interface Written {
  readonly record: CaptureRecord
  readonly result: CaptureResult
  readonly changes: readonly FieldChange[]
}

/** Captures by contact, in the order in which they came: the same e-mail twice is merged twice, and stored once. */
export async function writeContacts(tx: Tx, records: readonly CaptureRecord[]): Promise<Written[]> {
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
  const written = locked.flatMap(({ contact, created }) => {
    const group = byIdentity.get(identityOf(contact)) ?? []
    const results = created ? resultsOfCreated(contact, group) : mergeInto(contact, group)
    const last = results.at(-1)?.result.contact
    if (last !== undefined && last !== contact) toSave.push(last)
    return results
  })
  await saveContacts(tx, toSave)
  return written
}

/** Its id follows from the submission's: what is held is answered the id that its contact has once it is released. */
function newContactOf(record: CaptureRecord, captures: number, now: Date): NewContact {
  const { workspaceId, submissionId, email, fields } = record
  const touch = touchOf(fields.metadata, now)
  return {
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
}

function resultsOfCreated(contact: Contact, [first, ...others]: readonly CaptureRecord[]): Written[] {
  if (first === undefined) return []
  const created = writtenAs(first, contact, CaptureOutcome.CREATED, changesOfNew(contact))
  return [created, ...mergeInto(contact, others)]
}

function mergeInto(stored: Contact, records: readonly CaptureRecord[]): Written[] {
  let contact = stored
  return records.map((record) => {
    const now = new Date(Math.max(stored.lastSeenAt.getTime(), stored.updatedAt.getTime())) // An edit may be later.
    const touch = touchOf(record.fields.metadata, now)
    const firstTouch = firstTouchOf(record.fields.metadata, now)
    const merged = mergeContact(contact, record.fields, { policy: record.mergePolicy, touch, firstTouch, now })
    if (merged.changes.length > 0 || touch !== null) contact = merged.contact
    const outcome = merged.changes.length > 0 ? CaptureOutcome.UPDATED : CaptureOutcome.UNCHANGED
    return writtenAs(record, contact, outcome, merged.changes)
  })
}

function writtenAs(
  record: CaptureRecord,
  contact: Contact,
  outcome: CaptureOutcome,
  changes: readonly FieldChange[],
): Written {
  const { submissionId, readsContacts } = record
  return { record, changes, result: { submissionId, contact, outcome, showedContact: readsContacts } }
}

/**
 * Captures that are held or spam touch no contact. The answer shows one all the same, the known one where there is one,
 * so that nobody can tell them from others.
 */
export async function withoutContacts(tx: Tx, records: readonly CaptureRecord[]): Promise<Written[]> {
  if (records.length === 0) return []
  const known = new Map((await findContacts(tx, records)).map((contact) => [identityOf(contact), contact]))
  const now = new Date()
  return records.map((record) => {
    const stored = known.get(identityOf(record))
    const contact = stored ? mergedAsIf(stored, record, now) : createdAsIf(record, now)
    const { submissionId, readsContacts } = record
    return { record, changes: [], result: { submissionId, contact, outcome: null, showedContact: readsContacts } }
  })
}

function createdAsIf(record: CaptureRecord, now: Date): Contact {
  const { captures: _, ...contact } = newContactOf(record, 1, now)
  return { ...contact, createdAt: now, updatedAt: now, lastSeenAt: now, version: 1 }
}

function mergedAsIf(stored: Contact, { fields, mergePolicy: policy }: CaptureRecord, now: Date): Contact {
  return mergeContact(stored, fields, { policy, touch: touchOf(fields.metadata, now), now }).contact
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
