import { leaveToCommit, type Tx } from '../../database/database.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { Settled } from '../../platform/batcher.ts'
import { AppError } from '../../platform/errors.ts'
import { timeOfId } from '../../platform/ids.ts'
import { spendProofs } from '../screen/spent-proof.ts'
import { holdAboveBound } from '../storage.ts'
import { storedBytesOf } from '../stored-bytes.ts'
import { claimIdempotencyKeys, claimName, type IdempotencyClaim, type KeyName, saveResponses } from './idempotency.ts'
import { parseStoredResponse, toStoredResponse } from './idempotent-response.ts'
import { type CaptureResult, isAccepted, type PreparedCapture, type SourceAnswer } from './prepared-capture.ts'
import { claimRepeats, repeatClaimOf, repeatName, saveRepeats } from './source-repeats.ts'
import { insertSubmissions, type SubmissionRow } from './submission.ts'
import { eventOf, type Written, withoutContact, withoutContacts, writeContacts } from './write-contacts.ts'

/**
 * Writes captures in one transaction: keys, proofs of work, contacts, submissions and, last, the events
 * (docs/decisions/0005). Resolves to one result per capture, in order; a capture whose key was used with another body fails
 * alone. The last writes are left to the commit, which takes them along in one round trip (docs/decisions/0028), so the
 * results resolve with it.
 * @param maxBytes limit of the bytes that anonymous captures of a workspace may store; undefined: no limit
 * @throws RefusedCaptures
 */
export async function writeBatch(
  tx: Tx,
  records: readonly PreparedCapture[],
  maxBytes?: number,
): Promise<{ readonly results: Promise<Settled<CaptureResult>[]> }> {
  const firsts = firstPerKey(records)
  const stored = await claimIdempotencyKeys(tx, firsts.flatMap(claimOf))
  const repeats = await claimRepeats(tx, firsts.flatMap(answeredClaimOf))
  const unspent = await spendProofs(
    tx,
    firsts.filter((record) => !isReplay(record, stored) && !repeats.has(nameOf(record))),
  )
  const fresh = await holdAboveBound(tx, unspent, maxBytes)
  const accepted = await writeContacts(tx, fresh.filter(isAccepted))
  const screened = withoutContacts(fresh.filter((record) => !isAccepted(record)))
  const written = new Map([...accepted, ...screened].map((each) => [each.record.submissionId, each]))

  const inserted = insertSubmissions(
    tx,
    fresh.flatMap((record) => submissionOf(written.get(record.submissionId))),
  )
  if (fresh.some((record) => record.idempotency !== null))
    await saveFreshResponses(tx, fresh, resultsOf(written, await inserted), stored)
  // The others have the answer that they were claimed with.
  const claimed = new Set(firsts)
  const changed = saveRepeats(tx, fresh.filter((record) => !claimed.has(record)).flatMap(answeredClaimOf))
  const appended = appendEvents(tx, accepted.flatMap(eventOf))
  const results = Promise.all([inserted, appended, changed]).then(([receivedAt]) => {
    const own = resultsOf(written, receivedAt)
    const known = { results: own, stored, repeats: withAnswersOf(fresh, repeats) }
    return records.map((record) => settle(record, known))
  })
  await leaveToCommit(inserted, appended, changed, results)
  return { results }
}

/** Stores the responses to the Idempotency-Keys of this batch, and adds them to the stored ones. */
async function saveFreshResponses(
  tx: Tx,
  fresh: readonly PreparedCapture[],
  results: ReadonlyMap<string, CaptureResult>,
  stored: StoredResponses,
): Promise<void> {
  for (const record of fresh) {
    const result = results.get(record.submissionId)
    if (record.idempotency && result) stored.set(nameOf(record), toStoredResponse(record.idempotency.bodyHash, result))
  }
  await saveResponses(
    tx,
    fresh.flatMap((record) => responseOf(record, stored)),
  )
}

/** Adds the answers of this batch, which repeats within the batch get too. */
function withAnswersOf(fresh: readonly PreparedCapture[], repeats: Repeats): Repeats {
  const own = fresh.flatMap(answeredClaimOf).map((claim) => [repeatName(claim), claim.answer] as const)
  return new Map([...repeats, ...own])
}

function resultsOf(written: ReadonlyMap<string, Written>, receivedAt: Date | undefined): Map<string, CaptureResult> {
  if (receivedAt === undefined) return new Map()
  return new Map(
    [...written].map(([id, { record, result }]) => {
      const { status } = record.screening
      return [id, { ...result, status, receivedAt, sourceAnswer: answerOf(record) }]
    }),
  )
}

type StoredResponses = Awaited<ReturnType<typeof claimIdempotencyKeys>>
/** Answers to requests of sources, by `repeatName`. */
type Repeats = ReadonlyMap<string, SourceAnswer>

/** Returns the name that captures with the same Idempotency-Key, or the same request of a source, share. */
export function nameOf(record: PreparedCapture): string {
  const claim = repeatClaimOf(record)
  if (claim !== undefined) return repeatName(claim)
  const key = keyNameOf(record)
  return key ? claimName(key) : record.submissionId
}

function keyNameOf({ workspaceId, caller, idempotency }: PreparedCapture): KeyName | undefined {
  return idempotency ? { workspaceId, caller: caller.keySpace, key: idempotency.key } : undefined
}

/** Returns the first capture of each key: only that one is written, the others get its response. */
function firstPerKey(records: readonly PreparedCapture[]): PreparedCapture[] {
  const byName = new Map<string, PreparedCapture>()
  for (const record of records) if (!byName.has(nameOf(record))) byName.set(nameOf(record), record)
  return [...byName.values()]
}

function claimOf(record: PreparedCapture): IdempotencyClaim[] {
  const { submissionId, idempotency } = record
  const name = keyNameOf(record)
  return name && idempotency ? [{ ...name, submissionId, bodyHash: idempotency.bodyHash }] : []
}

function isReplay(record: PreparedCapture, stored: StoredResponses): boolean {
  return record.idempotency !== null && stored.has(nameOf(record))
}

function responseOf(record: PreparedCapture, stored: StoredResponses) {
  const found = stored.get(nameOf(record))
  const name = keyNameOf(record)
  return name && found ? [{ ...name, answer: found.answer }] : []
}

function submissionOf(written: Written | undefined): SubmissionRow[] {
  if (written === undefined) return []
  const { record, result, changes, proposals } = written
  const accepted = isAccepted(record)
  const reasons = record.screening.status === 'ACCEPTED' ? [] : record.screening.reasons
  return [
    {
      ...{ record, changes, proposals, reasons },
      outcome: result.outcome,
      contactId: accepted ? result.contact.id : null,
      bytes: record.caller.isTrusted ? null : storedBytesOf(written),
    },
  ]
}

/** Answer to the request of a source; null for a capture that came through none. A source has no spam: it is held. */
function answerOf({ inbound, submissionId, screening }: PreparedCapture): SourceAnswer | null {
  if (inbound === null) return null
  const statuses = { ACCEPTED: 'accepted', HELD: 'held', SPAM: 'held', IGNORED: 'ignored' } as const
  return { status: statuses[screening.status], id: submissionId }
}

function answeredClaimOf(record: PreparedCapture) {
  const claim = repeatClaimOf(record)
  const answer = answerOf(record)
  return claim && answer ? [{ ...claim, answer }] : []
}

interface Known {
  readonly results: ReadonlyMap<string, CaptureResult>
  readonly stored: StoredResponses
  readonly repeats: Repeats
}

function settle(record: PreparedCapture, { results, stored, repeats }: Known): Settled<CaptureResult> {
  const own = results.get(record.submissionId)
  if (own) return { ok: true, value: own }
  const repeated = repeats.get(nameOf(record))
  if (repeated) return { ok: true, value: repeatedResult(record, repeated) }
  const answer = stored.get(nameOf(record))
  if (answer === undefined)
    return { ok: false, error: new Error('A capture has neither a result nor a stored response.') }
  if (answer.bodyHash !== record.idempotency?.bodyHash) return { ok: false, error: bodyMismatch() }
  return { ok: true, value: parseStoredResponse(answer.answer) }
}

/** Result of a request that was captured before; a source is shown no contact. */
function repeatedResult(record: PreparedCapture, sourceAnswer: SourceAnswer): CaptureResult {
  const { result } = withoutContact(record)
  return { ...result, status: null, submissionId: sourceAnswer.id, receivedAt: timeOfId(sourceAnswer.id), sourceAnswer }
}

export function bodyMismatch(): AppError {
  return new AppError('idempotency_conflict', 'This Idempotency-Key was used with another body before.')
}
