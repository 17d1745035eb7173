import { createHash } from 'node:crypto'
import { maskedText } from '../contacts/masking.ts'
import { AppError } from '../platform/errors.ts'
import { idLike, newId } from '../platform/ids.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import { firstStage, type Workspace } from '../workspaces/workspace.ts'
import { callerClassOf } from './caller-class.ts'
import { type CaptureInput, parseCapture } from './read/input.ts'
import type { ProofsOfWork } from './screen/proof-of-work.ts'
import { type Screen, withReason } from './screen/screening.ts'
import type { CaptureResult, PreparedCapture } from './write/prepared-capture.ts'
import type { CaptureWriter } from './write/writer.ts'

/** What a lead passes through. */
export interface CaptureParts {
  readonly screen: Screen
  readonly readProof: ProofsOfWork['readProof']
  readonly writer: CaptureWriter
}

/** A lead at the door, whatever it came in. */
export interface CaptureRequest {
  readonly workspace: Workspace
  /** Undefined for a caller without a key. */
  readonly viewer: Viewer | undefined
  /** Asked once the capture is read and screened; true: it is held. */
  readonly isOverBudget: (judged: { readonly email: string; readonly isScreened: boolean }) => Promise<boolean>
  readonly body: unknown
  /** The bytes of the body: what an idempotency key stands for. */
  readonly bytes: Uint8Array
  /** The header's; the body may have one in `_idempotency_key`. */
  readonly idempotencyKey: string | undefined
  readonly origin: string | undefined
  readonly userAgent: string | undefined
}

/** The `data` of a 201. */
export interface CaptureAnswer {
  readonly id: string
  readonly email: string
  readonly first_name: string | null
  readonly last_name: string | null
  readonly stage: string
  readonly source: string | null
  readonly created_at: string
}

const maxHeaderLength = 512

/**
 * Takes a lead: when it resolves, contact, submission and event are committed.
 * @throws AppError `invalid_request`, `invalid_idempotency_key`, `idempotency_conflict`, `unavailable`
 */
export async function capture(parts: CaptureParts, request: CaptureRequest): Promise<CaptureAnswer> {
  const { workspace, viewer } = request
  const isTrusted = viewer !== undefined && hasScope(viewer, 'CAPTURE')
  const readsContacts = viewer !== undefined && hasScope(viewer, 'CONTACTS_READ')
  const writesContacts = viewer !== undefined && hasScope(viewer, 'CONTACTS_WRITE')
  const input = parseCapture(request.body, { stages: writesContacts ? workspace.stages : [] })
  const record: PreparedCapture = {
    workspaceId: workspace.id,
    mergePolicy: workspace.mergePolicy,
    submissionId: newId('submission'),
    caller: callerClassOf(viewer),
    email: input.email,
    fields: input.fields,
    screening: isTrusted ? { status: 'ACCEPTED' } : await judge(parts, request, input),
    posted: input.posted,
    byteLength: request.bytes.byteLength,
    origin: request.origin?.slice(0, maxHeaderLength) ?? null,
    userAgent: request.userAgent?.slice(0, maxHeaderLength) ?? null,
    idempotency: idempotencyOf(request, input.controls['_idempotency_key'] ?? undefined),
    readsContacts,
    isPrivate: workspace.privateReceipts && viewer === undefined,
  }
  const result = await parts.writer.add(record)
  if (viewer && readsContacts && result.showedContact) return storedAnswer(result, viewer)
  return receipt(input, { ...result, isPrivate: record.isPrivate || result.isPrivate })
}

async function judge({ screen, readProof }: CaptureParts, request: CaptureRequest, input: CaptureInput) {
  const { id, proofOfWork } = request.workspace
  const proof = proofOfWork ? await readProof(input.controls['_altcha'], id) : undefined
  const screening = screen(input, new Date(), proof)
  const isOver = await request.isOverBudget({ email: input.email, isScreened: screening.status !== 'ACCEPTED' })
  return isOver ? withReason(screening, 'over_budget') : screening
}

/** Beacons and forms can set no header: their key is a field. */
function idempotencyOf({ idempotencyKey, bytes }: CaptureRequest, field: unknown): PreparedCapture['idempotency'] {
  const key = idempotencyKey ?? field
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key))
    throw new AppError('invalid_idempotency_key', 'Idempotency-Key takes 1 to 255 printable characters.')
  if (field !== undefined && field !== key)
    throw new AppError('invalid_idempotency_key', 'Idempotency-Key and _idempotency_key are two keys.')
  return { key: hashOf(key), bodyHash: hashOf(bytes) }
}

function hashOf(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex')
}

/**
 * Repeats what this request sent: nobody reads stored names or stages by posting an e-mail. A private receipt names the
 * submission, so that known and new e-mails, accepted and screened captures, are answered alike.
 */
function receipt({ email, fields }: CaptureInput, result: CaptureResult): CaptureAnswer {
  const { isPrivate, submissionId, contact, receivedAt } = result
  return {
    id: isPrivate ? idLike(submissionId, 'contact') : contact.id,
    email,
    first_name: fields.firstName ?? null,
    last_name: fields.lastName ?? null,
    stage: firstStage,
    source: fields.source ?? null,
    created_at: (isPrivate ? receivedAt : contact.createdAt).toISOString(),
  }
}

/** The e-mail is what the caller has sent itself; people write others into names. */
function storedAnswer({ contact }: CaptureResult, viewer: Viewer): CaptureAnswer {
  return {
    id: contact.id,
    email: contact.email,
    first_name: maskedText(contact.firstName, viewer),
    last_name: maskedText(contact.lastName, viewer),
    stage: contact.stage,
    source: maskedText(contact.source, viewer),
    created_at: contact.createdAt.toISOString(),
  }
}
