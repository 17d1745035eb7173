import { firstTouchOf, touchOf } from '../../contacts/attribution.ts'
import { type Contact, contactData } from '../../contacts/contact.ts'
import { changedFields, changesOfNew, type FieldChange, mergeContact } from '../../contacts/merge.ts'
import { givenFields, overflows } from '../../contacts/provenance.ts'
import { lockOrCreateContacts, type NewContact, saveContacts } from '../../contacts/store.ts'
import { leaveToCommit, type Tx } from '../../database/database.ts'
import { type EventDraft, noEndpoint } from '../../events/event-types.ts'
import { CaptureOutcome } from '../../generated/prisma/enums.ts'
import { idLike, newId } from '../../platform/ids.ts'
import { formatTraceparent } from '../../platform/tracing/traceparent.ts'
import { firstStage } from '../../workspaces/workspace.ts'
import type { AcceptedCapture, CaptureResult, PreparedCapture } from './prepared-capture.ts'

/** Capture that is being written: its result and its changes. */
export interface Written {
  readonly record: PreparedCapture
  /** The time of receipt is missing: the database sets it when the submission is stored. */
  readonly result: Omit<CaptureResult, 'receivedAt' | 'sourceAnswer' | 'status'>
  readonly changes: readonly FieldChange[]
  /** Changes that a stranger proposed and that were not stored (docs/decisions/0018). */
  readonly proposals: readonly FieldChange[]
}

/**
 * Merges captures by contact, in order: two captures of one e-mail are merged one after the other and stored once.
 * @throws RefusedCaptures for those of trusted callers whose keys do not fit; then nothing may be committed
 */
export async function writeContacts(tx: Tx, records: readonly AcceptedCapture[]): Promise<Written[]> {
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
  await leaveToCommit(saveContacts(tx, toSave))
  return written
}

/**
 * Derives the contact's id from the submission's: the response to a held capture has the id that its contact gets on
 * release.
 */
function newContactOf(record: AcceptedCapture, captures: number, now: Date): NewContact {
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

/** Ids of the submissions of trusted callers whose keys do not fit. */
type Refused = Set<string>

function resultsOfCreated(
  contact: Contact,
  [first, ...others]: readonly AcceptedCapture[],
  refused: Refused,
): Written[] {
  if (first === undefined) return []
  const created = toWritten(first, contact, CaptureOutcome.CREATED, { changes: changesOfNew(contact), proposals: [] })
  return [created, ...mergeInto(contact, others, refused)]
}

/** Merges captures one after the other. A refused one leaves the contact unchanged for the next. */
function mergeInto(stored: Contact, records: readonly AcceptedCapture[], refused: Refused): Written[] {
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
    return [toWritten(record, contact, isChanged ? CaptureOutcome.UPDATED : CaptureOutcome.UNCHANGED, merged)]
  })
}

function toWritten(
  record: PreparedCapture,
  contact: Contact,
  outcome: CaptureOutcome,
  { changes, proposals }: Pick<Written, 'changes' | 'proposals'>,
): Written {
  const { submissionId, readsContacts: showedContact, isPrivate } = record
  return { record, changes, proposals, result: { submissionId, contact, outcome, showedContact, isPrivate } }
}

/**
 * Returns results for held and spam captures without reading or writing a contact. Their response shows the contact
 * that a release would make, to every caller, so that known and new e-mails look the same.
 */
export function withoutContacts(records: readonly PreparedCapture[]): Written[] {
  return records.map(withoutContact)
}

export function withoutContact(record: PreparedCapture): Written {
  const now = new Date()
  const { captures: _, ...person } = newContactOf({ ...record, email: record.email ?? '' }, 1, now)
  const contact = { ...person, createdAt: now, updatedAt: now, lastSeenAt: now, version: 1 }
  const result = { submissionId: record.submissionId, contact, outcome: null, showedContact: false, isPrivate: true }
  return { record, changes: [], proposals: [], result }
}

function identityOf({ workspaceId, email }: Pick<Contact, 'workspaceId' | 'email'>): string {
  return `${workspaceId} ${email}`
}

/** Returns the event of a capture that created or changed its contact. */
export function eventOf({ record, result, changes }: Written): EventDraft[] {
  if (result.outcome === CaptureOutcome.UNCHANGED || result.outcome === null) return []
  const created = result.outcome === CaptureOutcome.CREATED
  const draft = {
    workspaceId: record.workspaceId,
    id: newId('event'),
    contactId: result.contact.id,
    occurredAt: result.contact.lastSeenAt,
    data: contactData(result.contact),
    ...(record.isSilent && { endpointId: noEndpoint }),
    ...(record.span && { traceparent: formatTraceparent(record.span.spanContext()) }),
  }
  if (created) return [{ ...draft, type: 'contact.created' }]
  return [{ ...draft, type: 'contact.updated', changed: changedFields(changes) }]
}

/**
 * Rolls back a batch with captures whose keys do not fit into the stored contact: only they fail, and store nothing.
 */
export class RefusedCaptures extends Error {
  /** Ids of their submissions. */
  readonly submissionIds: ReadonlySet<string>

  constructor(submissionIds: ReadonlySet<string>) {
    super('Captures of this batch are refused.')
    this.name = 'RefusedCaptures'
    this.submissionIds = submissionIds
  }
}
