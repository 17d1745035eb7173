import type { SourceKind, SubmissionStatus } from '../../generated/prisma/enums.ts'
import { normaliseEmail } from '../../platform/text/email.ts'
import { decodeBody, payloadOfRaw } from '../../sources/decode/decode.ts'
import { allKinds, kindOf } from '../../sources/kinds/all-kinds.ts'
import type { MappingRule } from '../../sources/mapping/rules.ts'
import type { JsonValue, Payload } from '../../sources/payload.ts'
import { candidatesOf, type LeadCandidate } from '../../sources/read/candidates.ts'
import { readLead } from '../../sources/read/read-lead.ts'
import { toContactFields } from './lead-fields.ts'
import { decide } from './source-capture.ts'

/** How a payload is read for a preview. */
export interface PreviewSettings {
  readonly kind: SourceKind
  readonly mapping: readonly MappingRule[]
  readonly sourceName: string
  readonly defaultCountry: string | undefined
}

/** Result of reading a payload; nothing is written. */
export interface SourcePreview {
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly source: string | null
  readonly status: SubmissionStatus
  /** Why it would be held or ignored; with the reasons of screening. */
  readonly reasons: readonly string[]
  /** Kind whose shape the payload has; null for none. */
  readonly recognizedKind: SourceKind | null
  readonly candidates: readonly LeadCandidate[]
}

/** Previews a body as a tool would send it; of a list its first lead. */
export async function previewBody(
  body: { readonly text: string; readonly contentType: string | undefined },
  settings: PreviewSettings,
): Promise<SourcePreview> {
  const headers: Record<string, string> = body.contentType === undefined ? {} : { 'content-type': body.contentType }
  const decoded = await decodeBody(Buffer.from(body.text), headers)
  return decoded.ok ? previewPayload(decoded.payloads[0], settings) : unreadable(settings)
}

/** Previews the stored payload of a submission. */
export function previewRaw(raw: JsonValue, settings: PreviewSettings): SourcePreview {
  const payload = payloadOfRaw(raw)
  return payload === undefined ? unreadable(settings) : previewPayload(payload, settings)
}

function previewPayload(payload: Payload, { kind: name, ...settings }: PreviewSettings): SourcePreview {
  const kind = kindOf(name)
  const query = new URLSearchParams()
  const reading = readLead({ ...settings, payload, kind, kinds: allKinds, query })
  const fields = toContactFields(reading.fields)
  const email = reading.email === undefined ? undefined : normaliseEmail(reading.email)
  const { screening, reasons } = decide(reading, email, fields, { isEnabled: true })
  return {
    email: email ?? null,
    firstName: fields.firstName ?? null,
    lastName: fields.lastName ?? null,
    metadata: fields.metadata,
    source: fields.source ?? null,
    status: screening.status,
    reasons: [...reasons, ...(screening.status === 'ACCEPTED' ? [] : screening.reasons)],
    recognizedKind: reading.recognizedKind ?? null,
    candidates: candidatesOf(payload, kind, allKinds),
  }
}

function unreadable(settings: PreviewSettings): SourcePreview {
  const empty = previewPayload({ body: {}, headers: {} }, { ...settings, mapping: [] })
  return { ...empty, status: 'HELD', reasons: ['unreadable'], recognizedKind: null, candidates: [] }
}
