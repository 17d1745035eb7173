import { type Headers, isJsonObject, type JsonObject, type JsonValue, type Payload } from '../payload.ts'
import { decodeText } from './charset.ts'
import { mediaTypeOf, parseMultipartForm, parseUrlencoded } from './form-bodies.ts'
import { nestFields } from './form-fields.ts'
import { listLimits, mappedOfSpan, type ParsedJson, parseJsonBody } from './json-body.ts'
import type { Span } from './json-scan.ts'
import { toMappable } from './mappable.ts'
import { unpack } from './unpack.ts'

/** One lead: the part that is mapped (see `toMappable`), and the whole of it. */
export interface DecodedPayload extends Payload {
  /** Payload as the tool sent it; its text when it is too deep or has too many fields for JSON. */
  readonly raw: JsonValue
  /** `raw` as JSON that PostgreSQL reads as the same; undefined: it has to be written. */
  readonly rawJson?: string
  /** Whether it has very many values, more than are read. */
  readonly isWide?: boolean
}

export type DecodedBody =
  | {
      readonly ok: true
      /** One, or those of a list in its order. */
      readonly payloads: readonly [DecodedPayload, ...DecodedPayload[]]
      readonly isArray: boolean
      /** Whole body, for signatures and handshakes. */
      readonly body: JsonValue
      /** Text or fields that are equal when the same body is sent again, whatever its packing and its boundary. */
      readonly identity: string | Uint8Array
    }
  /** `unreadable`: none of the forms. `too_large`: above 512 KiB after unpacking. */
  | { readonly ok: false; readonly reason: 'unreadable' | 'too_large' }

/**
 * Decodes the body of a tool: JSON (also without a type or as text/plain), urlencoded or multipart, in the charset and
 * the packing that its headers announce. Since tools announce wrong types, each form is tried after the announced one.
 */
export async function decodeBody(sent: Uint8Array, headers: Headers): Promise<DecodedBody> {
  const unpacked = await unpack(sent, headers['content-encoding'])
  if (unpacked.outcome === 'too_large') return { ok: false, reason: 'too_large' }
  const form = readForm(unpacked.bytes, headers['content-type'])
  if (form === undefined) return { ok: false, reason: 'unreadable' }
  const { identity, value } = form
  if (!Array.isArray(value)) {
    if (!isJsonObject(value)) return { ok: false, reason: 'unreadable' }
    return { ok: true, payloads: [payloadOf(partOf(form, value), headers)], isArray: false, body: value, identity }
  }
  const [first, ...others] = payloadsOf(value, form, headers)
  if (first === undefined) return { ok: false, reason: 'unreadable' }
  return { ok: true, payloads: [first, ...others], isArray: true, body: value, identity }
}

/** Maps a stored raw payload again, as `decodeBody` has decoded it. Undefined for one that is no object. */
export function payloadOfRaw(raw: JsonValue, headers: Headers = {}): Payload | undefined {
  const value = typeof raw === 'string' ? readForm(Buffer.from(raw), undefined)?.mapped : raw
  return isJsonObject(value) ? { body: toMappable(value), headers } : undefined
}

interface Form extends Omit<ParsedJson, 'json' | 'isWide'> {
  readonly isWide?: boolean
  /** Text that is stored as it came; undefined: the value is written. */
  readonly json?: string | undefined
  /** Whether only the text can be stored: it is too deep, or has more fields than are read. */
  readonly keepsText: boolean
  readonly text: string
  readonly identity: string | Uint8Array
}

function readForm(bytes: Uint8Array, contentType: string | undefined): Form | undefined {
  const type = mediaTypeOf(contentType)
  const boundary = type?.params.get('boundary') ?? undefined
  if (type?.essence === 'multipart/form-data' || boundary !== undefined) {
    const form = readMultipart(bytes, boundary)
    if (form !== undefined) return form
  }
  const charset = type?.params.get('charset') ?? undefined
  const text = decodeText(bytes, charset)
  if (text === undefined) return undefined
  const readers = [
    () => readJson(text, bytes),
    () => readUrlencoded(text, bytes, charset),
    () => readMultipart(bytes, undefined),
  ]
  for (const read of readers) {
    const form = read()
    if (form !== undefined) return form
  }
  return undefined
}

function readJson(text: string, identity: Uint8Array): Form | undefined {
  const start = text.trimStart()
  if (!start.startsWith('{') && !start.startsWith('[')) return undefined
  const parsed = parseJsonBody(start)
  return parsed && { ...parsed, keepsText: parsed.json === undefined, text: start, identity }
}

/** Prose and markup are no form: a name is followed by `=`, and no white space is left unescaped. */
function readUrlencoded(text: string, identity: Uint8Array, charset: string | undefined): Form | undefined {
  if (!/^[^\s=&<>{}"]{1,500}=/.test(text) || /[\r\n<>]/.test(text.trimEnd())) return undefined
  const { entries, isCut } = parseUrlencoded(text, charset)
  const value = nestFields(entries)
  return { value, mapped: value, keepsText: isCut, text, identity }
}

function readMultipart(bytes: Uint8Array, boundary: string | undefined): Form | undefined {
  const entries = parseMultipartForm(bytes, boundary)
  if (entries === undefined || entries.length === 0) return undefined
  // A multipart body that is sent again has another boundary.
  const value = nestFields(entries)
  return { value, mapped: value, keepsText: false, text: '', identity: entries.map(identityOf).join('') }
}

/** With the lengths before them, no other name and value give the same text. */
function identityOf([name, value]: readonly [string, string]): string {
  return `${name.length} ${value.length} ${name}${value}`
}

function partOf({ mapped, json, isWide, keepsText, text }: Form, value: JsonObject): StoredPart {
  const raw = keepsText ? text : value
  return { raw, rawJson: json, isWide, mapped: isJsonObject(mapped) ? mapped : {} }
}

function payloadsOf(list: readonly JsonValue[], form: Form, headers: Headers): DecodedPayload[] {
  if (!list.some(isJsonObject)) return []
  if (form.spans !== undefined) return payloadsOfSpans(list, form, form.spans, headers)
  if (form.keepsText) return [payloadOf({ raw: form.text, mapped: { items: form.mapped } }, headers)]
  const items = list.map(toObject)
  const { singles, group } = listLimits
  const payloads = items.slice(0, singles).map((item) => payloadOf({ raw: item, mapped: item }, headers))
  for (let start = singles; start < items.length; start += group)
    payloads.push(payloadOf({ raw: { items: items.slice(start, start + group) }, mapped: {} }, headers))
  return payloads
}

function toObject(item: JsonValue): JsonObject {
  return isJsonObject(item) ? item : { value: item }
}

/** The text of each item is stored as it came: to write very many values again takes as long as to parse them. */
function payloadsOfSpans(list: readonly JsonValue[], form: Form, spans: readonly Span[], headers: Headers) {
  return spans.map((span) => {
    const text = form.text.slice(span.start, span.end)
    const isRest = span.first >= listLimits.singles
    const value = isRest
      ? { items: list.slice(span.first, span.first + span.items) }
      : toObject(list[span.first] ?? null)
    const json = textOfLead(text, isRest, list[span.first])
    const mapped = isRest ? {} : toObject(mappedOfSpan(list[span.first] ?? null, span, text, form.json !== undefined))
    const raw = form.json === undefined ? { raw: json } : { raw: value, rawJson: json, isWide: true }
    return payloadOf({ ...raw, mapped }, headers)
  })
}

function textOfLead(text: string, isRest: boolean, first: JsonValue | undefined): string {
  if (isRest) return `{"items":[${text}]}`
  return isJsonObject(first) ? text : `{"value":${text}}`
}

interface StoredPart {
  readonly raw: JsonValue
  readonly rawJson?: string | undefined
  readonly isWide?: boolean | undefined
  readonly mapped: JsonObject
}

function payloadOf({ raw, rawJson, isWide = false, mapped }: StoredPart, headers: Headers): DecodedPayload {
  const text = rawJson === undefined ? {} : { rawJson, isWide }
  return { body: toMappable(mapped), headers, raw, ...text }
}
