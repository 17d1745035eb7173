import { createHash } from 'node:crypto'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import { firstStage, type Workspace } from '../workspaces/workspace.ts'
import { type CaptureInput, parseCapture } from './input.ts'
import type { ProofsOfWork } from './proof-of-work.ts'
import type { CaptureRecord, CaptureResult } from './record.ts'
import { type Screen, withReason } from './screening.ts'
import type { CaptureWriter } from './writer.ts'

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
  const record: CaptureRecord = {
    workspaceId: workspace.id,
    mergePolicy: workspace.mergePolicy,
    submissionId: newId('submission'),
    email: input.email,
    fields: input.fields,
    screening: isTrusted ? { status: 'ACCEPTED' } : await judge(parts, request, input),
    posted: input.posted,
    byteLength: request.bytes.byteLength,
    origin: request.origin?.slice(0, maxHeaderLength) ?? null,
    userAgent: request.userAgent?.slice(0, maxHeaderLength) ?? null,
    idempotency: idempotencyOf(request, input.controls['_idempotency_key'] ?? undefined),
    readsContacts,
  }
  const result = await parts.writer.add(record)
  return readsContacts && result.showedContact ? storedAnswer(result) : receipt(input, result)
}

async function judge({ screen, readProof }: CaptureParts, request: CaptureRequest, input: CaptureInput) {
  const { id, proofOfWork } = request.workspace
  const proof = proofOfWork ? await readProof(input.controls['_altcha'], id) : undefined
  const screening = screen(input, new Date(), proof)
  const isOver = await request.isOverBudget({ email: input.email, isScreened: screening.status !== 'ACCEPTED' })
  return isOver ? withReason(screening, 'over_budget') : screening
}

/** Beacons and forms can set no header: their key is a field. */
function idempotencyOf({ idempotencyKey, bytes }: CaptureRequest, field: unknown): CaptureRecord['idempotency'] {
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

/** What this request sent: nobody reads stored names or stages by posting an e-mail. */
function receipt({ email, fields }: CaptureInput, { contact }: CaptureResult): CaptureAnswer {
  return {
    id: contact.id,
    email,
    first_name: fields.firstName ?? null,
    last_name: fields.lastName ?? null,
    stage: firstStage,
    source: fields.source ?? null,
    created_at: contact.createdAt.toISOString(),
  }
}

function storedAnswer({ contact }: CaptureResult): CaptureAnswer {
  return {
    id: contact.id,
    email: contact.email,
    first_name: contact.firstName,
    last_name: contact.lastName,
    stage: contact.stage,
    source: contact.source,
    created_at: contact.createdAt.toISOString(),
  }
}
