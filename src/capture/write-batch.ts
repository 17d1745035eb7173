import type { Settled } from '../batcher.ts'
import { touchOf } from '../contacts/attribution.ts'
import { type Contact, contactData } from '../contacts/contact.ts'
import { changedFields, changesOfNew, type FieldChange, mergeContact } from '../contacts/merge.ts'
import { lockOrCreateContacts, type NewContact, saveContacts } from '../contacts/store.ts'
import type { Tx } from '../database/database.ts'
import { AppError } from '../errors.ts'
import type { EventDraft } from '../events/catalogue.ts'
import { appendEvents } from '../events/log.ts'
import { CaptureOutcome } from '../generated/prisma/enums.ts'
import { newId } from '../ids.ts'
import { firstStage } from '../workspaces/workspace.ts'
import { claimIdempotencyKeys, claimName, saveAnswers } from './idempotency.ts'
import type { CaptureRecord, CaptureResult } from './record.ts'
import { resultOfReplay, toStoredAnswer } from './replay.ts'
import { insertSubmissions, type SubmissionRow } from './submission.ts'

/** A capture that was written by this batch: its result, its submission, and its event if it made one. */
interface Written {
  readonly record: CaptureRecord
  readonly result: CaptureResult
  readonly changes: readonly FieldChange[]
}

/**
 * Writes captures in one transaction: keys, contacts, submissions and, last, the events (docs/decisions/0005).
 * Answers one result per capture, in order; a capture whose key came with another body fails alone.
 */
export async function writeBatch(tx: Tx, records: readonly CaptureRecord[]): Promise<Settled<CaptureResult>[]> {
  const firsts = firstsOfKeys(records)
  const stored = await claimIdempotencyKeys(tx, firsts.flatMap(claimOf))
  const fresh = firsts.filter((record) => !isReplay(record, stored))
  const accepted = await writeContacts(
    tx,
    fresh.filter(({ screening }) => screening.status === 'ACCEPTED'),
  )
  const screened = fresh.filter(({ screening }) => screening.status !== 'ACCEPTED').map(writtenWithoutContact)
  const written = new Map([...accepted, ...screened].map((each) => [each.record.submissionId, each]))

  await insertSubmissions(
    tx,
    fresh.flatMap((record) => submissionOf(written.get(record.submissionId))),
  )
  for (const { record, result } of written.values()) {
    if (record.idempotency) stored.set(nameOf(record), toStoredAnswer(record.idempotency.bodyHash, result))
  }
  await saveAnswers(
    tx,
    fresh.flatMap((record) => answerOf(record, stored)),
  )
  await appendEvents(tx, accepted.flatMap(eventOf))
  return records.map((record) => settle(record, written, stored))
}

type StoredAnswers = Awaited<ReturnType<typeof claimIdempotencyKeys>>

function nameOf({ workspaceId, idempotency, submissionId }: CaptureRecord): string {
  return idempotency ? claimName(workspaceId, idempotency.key) : submissionId
}

/** Of captures that came with the same key only the first is written; the others are answered as it is. */
function firstsOfKeys(records: readonly CaptureRecord[]): CaptureRecord[] {
  const byName = new Map<string, CaptureRecord>()
  for (const record of records) if (!byName.has(nameOf(record))) byName.set(nameOf(record), record)
  return [...byName.values()]
}

function claimOf({ workspaceId, submissionId, idempotency }: CaptureRecord) {
  return idempotency ? [{ workspaceId, submissionId, ...idempotency }] : []
}

function isReplay(record: CaptureRecord, stored: StoredAnswers): boolean {
  return record.idempotency !== null && stored.has(nameOf(record))
}

function answerOf(record: CaptureRecord, stored: StoredAnswers) {
  const found = stored.get(nameOf(record))
  if (record.idempotency === null || found === undefined) return []
  return [{ workspaceId: record.workspaceId, key: record.idempotency.key, answer: found.answer }]
}

/** Captures by contact, in the order in which they came: the same e-mail twice is merged twice, and stored once. */
async function writeContacts(tx: Tx, records: readonly CaptureRecord[]): Promise<Written[]> {
  if (records.length === 0) return []
  const byIdentity = Map.groupBy(records, ({ workspaceId, email }) => `${workspaceId} ${email}`)
  const now = new Date()
  const locked = await lockOrCreateContacts(
    tx,
    [...byIdentity.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [newContactOf(first, 1 + others.length, now)],
    ),
  )
  const toSave: Contact[] = []
  const written = locked.flatMap(({ contact, created }) => {
    const group = byIdentity.get(`${contact.workspaceId} ${contact.email}`) ?? []
    const results = created ? resultsOfCreated(contact, group) : mergeInto(contact, group)
    const last = results.at(-1)?.result.contact
    if (last !== undefined && last !== contact) toSave.push(last)
    return results
  })
  await saveContacts(tx, toSave)
  return written
}

function newContactOf({ workspaceId, email, fields }: CaptureRecord, captures: number, now: Date): NewContact {
  const touch = touchOf(fields.metadata, now)
  return {
    workspaceId,
    id: newId('contact'),
    email,
    firstName: fields.firstName ?? null,
    lastName: fields.lastName ?? null,
    stage: fields.stage ?? firstStage,
    source: fields.source ?? null,
    metadata: fields.metadata,
    firstTouch: touch,
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
    const merged = mergeContact(contact, record.fields, { policy: record.mergePolicy, touch, now })
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

/** A capture that is held or spam makes no contact; the answer shows one all the same, so that nobody can tell. */
function writtenWithoutContact(record: CaptureRecord): Written {
  const now = new Date()
  const contact = { ...newContactOf(record, 1, now), createdAt: now, updatedAt: now, lastSeenAt: now, version: 1 }
  const { submissionId, readsContacts } = record
  return { record, changes: [], result: { submissionId, contact, outcome: null, showedContact: readsContacts } }
}

function submissionOf(written: Written | undefined): SubmissionRow[] {
  if (written === undefined) return []
  const { record, result, changes } = written
  const accepted = record.screening.status === 'ACCEPTED'
  const reasons = record.screening.status === 'ACCEPTED' ? [] : record.screening.reasons
  return [{ record, changes, reasons, outcome: result.outcome, contactId: accepted ? result.contact.id : null }]
}

function eventOf({ record, result, changes }: Written): EventDraft[] {
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

function settle(
  record: CaptureRecord,
  written: ReadonlyMap<string, Written>,
  stored: StoredAnswers,
): Settled<CaptureResult> {
  const own = written.get(record.submissionId)
  if (own) return { ok: true, value: own.result }
  const answer = stored.get(nameOf(record))
  if (answer === undefined) return { ok: false, error: new Error('A capture was neither written nor answered before.') }
  if (answer.bodyHash !== record.idempotency?.bodyHash) return { ok: false, error: otherBody() }
  return { ok: true, value: resultOfReplay(answer.answer) }
}

function otherBody(): AppError {
  return new AppError('idempotency_conflict', 'This Idempotency-Key came with another body before.')
}
