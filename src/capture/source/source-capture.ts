import { newId } from '../../platform/ids.ts'
import type { Log } from '../../platform/log.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import type { DecodedBody, DecodedPayload } from '../../sources/decode/decode.ts'
import type { Kind } from '../../sources/kinds/kind.ts'
import type { Headers } from '../../sources/payload.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { anonymous } from '../caller-class.ts'
import { screenLead } from '../screen/screening.ts'
import type { InboundCapture, PreparedCapture, Screening, SourceAnswer } from '../write/prepared-capture.ts'
import type { CaptureWriter } from '../write/writer.ts'
import type { InboundSource, Kinds, LeadReading, ReadLead } from './inbound-source.ts'
import { toContactFields, toPosted } from './lead-fields.ts'
import { type RawPayload, toRawPayload, toUnreadablePayload } from './raw-payload.ts'
import { type RepeatKey, repeatKeyOf, unreadableKeyOf } from './repeat-key.ts'

/** Leads that are read before other requests get a turn. */
const leadsPerTurn = 20

export interface SourceCaptureParts {
  readonly writer: CaptureWriter
  readonly kinds: Kinds
  readonly readLead: ReadLead
  readonly log: Log
}

/** Verified request of a source. */
export interface SourceRequest {
  readonly workspace: Workspace
  readonly source: InboundSource
  readonly decoded: DecodedBody
  /** Body as it was sent. */
  readonly bytes: Uint8Array
  readonly headers: Headers
  readonly query: URLSearchParams
  /** Id of the HTTP request, for the log. */
  readonly requestId?: string
}

/** Answer to a request; `count` for a list of leads. */
export type SourceResponse = SourceAnswer & { readonly count?: number }

/**
 * Captures the leads of a request: when it resolves, all of them are committed. Each has a key of its own, so that a
 * request which is sent again after it was written in part adds what is missing and nothing twice.
 * @throws AppError `unavailable`
 */
export async function captureFromSource(parts: SourceCaptureParts, request: SourceRequest): Promise<SourceResponse> {
  const { decoded } = request
  if (!decoded.ok) return addRecord(parts, unreadableRecord(parts, request))
  const adding: Promise<SourceAnswer>[] = []
  for (const [index, payload] of decoded.payloads.entries()) {
    if (index > 0 && index % leadsPerTurn === 0) await turnOfOthers()
    const added = addRecord(parts, recordOf(parts, request, { payload, index, identity: decoded.identity }))
    added.catch(() => {}) // A full queue refuses it before the last payload is read: nobody would handle the error.
    adding.push(added)
  }
  const settled = await Promise.allSettled(adding)
  const answers = settled.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
  return decoded.isArray ? answerOfList(answers) : firstOf(answers)
}

async function addRecord({ writer }: SourceCaptureParts, record: PreparedCapture): Promise<SourceAnswer> {
  const { sourceAnswer } = await writer.add(record)
  if (sourceAnswer === null) throw new Error('A capture of a source has no answer.')
  return sourceAnswer
}

function answerOfList(answers: readonly SourceAnswer[]): SourceResponse {
  const status = (['accepted', 'held', 'ignored'] as const).find((each) => answers.some((one) => one.status === each))
  return { status: status ?? 'held', id: firstOf(answers).id, count: answers.length }
}

function firstOf([first]: readonly SourceAnswer[]): SourceAnswer {
  if (first === undefined) throw new Error('A request of a source has no lead.')
  return first
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function unreadableRecord(parts: SourceCaptureParts, request: SourceRequest): PreparedCapture {
  const { bytes, headers } = request
  const raw = toUnreadablePayload(bytes, secretKeysOf(parts.kinds.allKinds))
  return toRecord(request, unread(parts, request, 'unreadable'), raw, unreadableKeyOf(headers, bytes))
}

function secretKeysOf(kinds: readonly (Kind | undefined)[]): string[] {
  return kinds.flatMap((kind) => kind?.secretKeys ?? [])
}

interface Lead {
  readonly payload: DecodedPayload
  readonly index: number
  readonly identity: string | Uint8Array
}

function recordOf(parts: SourceCaptureParts, request: SourceRequest, lead: Lead): PreparedCapture {
  const { reading, secretKeys, repeat } = readOrHold(parts, request, lead)
  return toRecord(request, reading, toRawPayload(lead.payload, secretKeys), repeat)
}

interface ReadPayload {
  readonly reading: LeadReading
  readonly secretKeys: readonly string[]
  readonly repeat: RepeatKey
}

/** Holds a payload that a reader fails on: the failure is a bug, and the lead must not be lost to it. */
function readOrHold(parts: SourceCaptureParts, request: SourceRequest, lead: Lead): ReadPayload {
  const { source, requestId } = request
  try {
    return readPayload(parts, request, lead)
  } catch (error) {
    // Without the message, which may quote the payload.
    const stack = error instanceof Error ? error.stack?.split('\n    at ').slice(1, 4) : undefined
    parts.log.error({ request_id: requestId, source_id: source.id, kind: source.kind, at: stack }, 'source.read_failed')
    const secretKeys = secretKeysOf(parts.kinds.allKinds)
    return {
      reading: unread(parts, request, 'needs_mapping'),
      secretKeys,
      repeat: repeatKeyOf(lead.payload, undefined, lead),
    }
  }
}

function readPayload(
  { kinds, readLead }: SourceCaptureParts,
  { workspace, source, query }: SourceRequest,
  lead: Lead,
): ReadPayload {
  const { payload } = lead
  const ownKind = kinds.kindOf(source.kind)
  const reading = readLead({
    payload,
    kind: ownKind,
    kinds: kinds.allKinds,
    mapping: source.mapping,
    query,
    sourceName: source.name,
    defaultCountry: workspace.defaultCountry,
  })
  const kind = reading.recognizedKind === undefined ? ownKind : kinds.kindOf(reading.recognizedKind)
  // A relay wraps what Google Ads sent, so that no kind knows its shape: `google_key` means nothing else.
  const secretKeys = secretKeysOf([ownKind, kind, kinds.kindOf('GOOGLE_ADS')])
  return { reading, secretKeys, repeat: repeatKeyOf(payload, kind, lead) }
}

/** Holds a payload of which nothing is known: the lead has what the URL says, its source and where it came from. */
function unread({ readLead }: SourceCaptureParts, { source, query }: SourceRequest, reason: string): LeadReading {
  const payload = { body: {}, headers: {} }
  const nothing = { kind: undefined, kinds: [], mapping: [], defaultCountry: undefined }
  return { ...readLead({ ...nothing, payload, query, sourceName: source.name }), status: 'held', reasons: [reason] }
}

function toRecord(
  { workspace, source, headers }: SourceRequest,
  reading: LeadReading,
  raw: RawPayload,
  repeat: RepeatKey,
): PreparedCapture {
  const email = reading.email === undefined ? undefined : normaliseEmail(reading.email)
  const fields = toContactFields(reading.fields)
  const { screening, reasons } = decide(reading, email, fields, source)
  const inbound: InboundCapture = {
    ...{ sourceId: source.id, kind: source.kind },
    ...{ raw: raw.json, rawEmails: raw.emails, reasons, repeat },
  }
  return {
    workspaceId: workspace.id,
    mergePolicy: workspace.mergePolicy,
    submissionId: newId('submission'),
    caller: anonymous,
    email: email ?? null,
    fields,
    screening,
    posted: toPosted(email, fields),
    byteLength: Buffer.byteLength(raw.json),
    origin: null,
    userAgent: headers['user-agent']?.slice(0, maxHeaderLength) ?? null,
    idempotency: null,
    inbound,
    readsContacts: false,
    isPrivate: true,
  }
}

const maxHeaderLength = 512

interface Decision {
  readonly screening: Screening
  readonly reasons: readonly string[]
}

/** Returns what a lead of a source comes to: held, ignored, or the result of screening. */
export function decide(
  reading: LeadReading,
  email: string | undefined,
  fields: PreparedCapture['fields'],
  { isEnabled }: Pick<InboundSource, 'isEnabled'>,
): Decision {
  const { status, reasons } = reading
  if (!isEnabled) return { screening: held, reasons: ['source_disabled', ...reasons] }
  if (status === 'ignored') return { screening: { status: 'IGNORED', reasons: [] }, reasons }
  if (status === 'held') return { screening: held, reasons }
  if (email === undefined) return { screening: held, reasons: [reading.email ? 'invalid_email' : 'needs_mapping'] }
  return { screening: screenLead({ email, fields }), reasons }
}

const held: Screening = { status: 'HELD', reasons: [] }
