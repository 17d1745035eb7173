import { createHash } from 'node:crypto'
import { maskedText } from '../contacts/masking.ts'
import { AppError } from '../platform/errors.ts'
import { idLike, newId } from '../platform/ids.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import { firstStage, type Workspace } from '../workspaces/workspace.ts'
import { callerClassOf } from './caller-class.ts'
import { type CaptureInput, parseCapture } from './read/input.ts'
import type { QueryFields } from './read/query-fields.ts'
import type { ProofsOfWork } from './screen/proof-of-work.ts'
import { type Screen, withReason } from './screen/screening.ts'
import type { CaptureResult, PreparedCapture } from './write/prepared-capture.ts'
import type { CaptureWriter } from './write/writer.ts'

/** Collaborators that process a capture. */
export interface CaptureParts {
  readonly screen: Screen
  readonly readProof: ProofsOfWork['readProof']
  readonly writer: CaptureWriter
}

/** Capture request, independent of its content type. */
export interface CaptureRequest {
  readonly workspace: Workspace
  /** Undefined for a caller without a key. */
  readonly viewer: Viewer | undefined
  /** Called after the capture is parsed and screened; true holds the capture. */
  readonly isOverBudget: (capture: { readonly email: string; readonly isScreened: boolean }) => Promise<boolean>
  readonly body: unknown
  /** Places of a form's fields, in the order in which they came. */
  readonly places?: readonly string[] | undefined
  /** Fields of the URL; none if left out. */
  readonly query?: QueryFields | undefined
  /** Bytes of the body; an idempotency key belongs to their hash, with the fields of the URL. */
  readonly bytes: Uint8Array
  /** Value of the header; the body may hold one in `_idempotency_key`. */
  readonly idempotencyKey: string | undefined
  readonly origin: string | undefined
  readonly userAgent: string | undefined
}

/** `data` of a 201 response. */
export interface CaptureResponse {
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
 * Captures a lead: when it resolves, contact, submission and event are committed.
 * @throws AppError `invalid_request`, `invalid_idempotency_key`, `idempotency_conflict`, `unavailable`
 */
export async function capture(parts: CaptureParts, request: CaptureRequest): Promise<CaptureResponse> {
  const { workspace, viewer, body, places, query } = request
  const isTrusted = viewer !== undefined && hasScope(viewer, 'CAPTURE')
  const readsContacts = viewer !== undefined && hasScope(viewer, 'CONTACTS_READ')
  const writesContacts = viewer !== undefined && hasScope(viewer, 'CONTACTS_WRITE')
  const stages = writesContacts ? workspace.stages : []
  const input = parseCapture(body, { stages, places, query })
  const record: PreparedCapture = {
    workspaceId: workspace.id,
    mergePolicy: workspace.mergePolicy,
    submissionId: newId('submission'),
    caller: callerClassOf(viewer),
    email: input.email,
    fields: input.fields,
    screening: isTrusted ? { status: 'ACCEPTED' } : await screenAnonymous(parts, request, input),
    posted: input.posted,
    keptKeys: input.keptKeys,
    byteLength: request.bytes.byteLength,
    origin: request.origin?.slice(0, maxHeaderLength) ?? null,
    userAgent: request.userAgent?.slice(0, maxHeaderLength) ?? null,
    idempotency: idempotencyOf(request, input.controls['_idempotency_key'] ?? undefined),
    inbound: null,
    readsContacts,
    isPrivate: workspace.privateReceipts && viewer === undefined,
  }
  const result = await parts.writer.add(record)
  if (viewer && readsContacts && result.showedContact) return contactResponse(result, viewer)
  return receipt(input, { ...result, isPrivate: record.isPrivate || result.isPrivate })
}

async function screenAnonymous({ screen, readProof }: CaptureParts, request: CaptureRequest, input: CaptureInput) {
  const { id, proofOfWork } = request.workspace
  const proof = proofOfWork ? await readProof(input.controls['_altcha'], id) : undefined
  const screening = screen(input, new Date(), proof)
  const isOver = await request.isOverBudget({ email: input.email, isScreened: screening.status !== 'ACCEPTED' })
  return isOver ? withReason(screening, 'over_budget') : screening
}

/** Reads the key from the header or the field: beacons and forms cannot set a header. */
function idempotencyOf(
  { idempotencyKey, bytes, query }: CaptureRequest,
  field: unknown,
): PreparedCapture['idempotency'] {
  const key = idempotencyKey ?? field
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key))
    throw new AppError('invalid_idempotency_key', 'Idempotency-Key must be 1 to 255 printable characters.')
  if (field !== undefined && field !== key)
    throw new AppError('invalid_idempotency_key', 'Idempotency-Key and _idempotency_key must be equal.')
  return { key: hashOf(key), bodyHash: hashOf(bytes, query) }
}

/** Returns the hash of a body and of the fields of its URL, in any order; other parameters of the URL do not count. */
function hashOf(value: string | Uint8Array, query?: QueryFields): string {
  const hash = createHash('sha256').update(value)
  if (query && query.size > 0) hash.update(JSON.stringify([...query].sort()))
  return hash.digest('hex')
}

/**
 * Repeats only the values of this request, so that posting an e-mail reveals no stored name or stage. A private receipt
 * has the id of the submission, so that known and new e-mails, accepted and screened captures, get the same response.
 */
function receipt({ email, fields }: CaptureInput, result: CaptureResult): CaptureResponse {
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

/**
 * Returns the stored contact. Its e-mail is the caller's own input; its other texts are masked, since people write
 * e-mails into names.
 */
function contactResponse({ contact }: CaptureResult, viewer: Viewer): CaptureResponse {
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
