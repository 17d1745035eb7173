import { type Headers, isJsonObject, type JsonObject, type JsonValue, type Payload } from '../payload.ts'
import { decodeText } from './charset.ts'
import { mediaTypeOf, parseMultipartForm, parseUrlencoded } from './form-bodies.ts'
import { nestFields } from './form-fields.ts'
import { parseJsonBody } from './json-body.ts'
import { toMappable } from './mappable.ts'
import { unpack } from './unpack.ts'

/** Leads that one list may hold. The rest is kept in payloads of so many items, which nothing is mapped from. */
const maxLeads = 1000
const itemsPerRest = 500

/** One lead: the part that is mapped (see `toMappable`), and the whole of it. */
export interface DecodedPayload extends Payload {
  /** Payload as the tool sent it; its text when it is too deep or has too many fields for JSON. */
  readonly raw: JsonValue
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
    const raw = form.keepsText ? form.text : value
    return { ok: true, payloads: [payloadOf(value, raw, headers)], isArray: false, body: value, identity }
  }
  const [first, ...others] = payloadsOf(value, form, headers)
  if (first === undefined) return { ok: false, reason: 'unreadable' }
  return { ok: true, payloads: [first, ...others], isArray: true, body: value, identity }
}

/** Maps a stored raw payload again, as `decodeBody` has decoded it. Undefined for one that is no object. */
export function payloadOfRaw(raw: JsonValue, headers: Headers = {}): Payload | undefined {
  const value = typeof raw === 'string' ? readForm(Buffer.from(raw), undefined)?.value : raw
  return isJsonObject(value) ? { body: toMappable(value), headers } : undefined
}

interface Form {
  readonly value: JsonValue
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
  return parsed && { value: parsed.value, keepsText: parsed.isDeep, text, identity }
}

/** Prose and markup are no form: a name is followed by `=`, and no white space is left unescaped. */
function readUrlencoded(text: string, identity: Uint8Array, charset: string | undefined): Form | undefined {
  if (!/^[^\s=&<>{}"]{1,500}=/.test(text) || /[\r\n<>]/.test(text.trimEnd())) return undefined
  const { entries, isCut } = parseUrlencoded(text, charset)
  return { value: nestFields(entries), keepsText: isCut, text, identity }
}

function readMultipart(bytes: Uint8Array, boundary: string | undefined): Form | undefined {
  const entries = parseMultipartForm(bytes, boundary)
  if (entries === undefined || entries.length === 0) return undefined
  // A multipart body that is sent again has another boundary.
  return { value: nestFields(entries), keepsText: false, text: '', identity: JSON.stringify(entries) }
}

function payloadsOf(list: readonly JsonValue[], { keepsText, text }: Form, headers: Headers): DecodedPayload[] {
  if (!list.some(isJsonObject)) return []
  if (keepsText) return [payloadOf({ items: list }, text, headers)]
  const items = list.map((item): JsonObject => (isJsonObject(item) ? item : { value: item }))
  const payloads = items.slice(0, maxLeads).map((item) => payloadOf(item, item, headers))
  for (let start = maxLeads; start < items.length; start += itemsPerRest)
    payloads.push({ body: {}, headers, raw: { items: items.slice(start, start + itemsPerRest) } })
  return payloads
}

function payloadOf(value: JsonObject, raw: JsonValue, headers: Headers): DecodedPayload {
  return { body: toMappable(value), headers, raw }
}
