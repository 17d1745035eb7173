import { readPlainText } from '../../sources/decode/charset.ts'
import type { JsonValue } from '../../sources/payload.ts'
import { withoutSecrets } from '../../sources/secret-keys.ts'
import { findEmails } from './raw-emails.ts'

/** Bytes of a body that cannot be decoded which are kept. */
const maxUnreadableBytes = 64 * 1024

/** Payload as it is stored. */
export interface RawPayload {
  /** JSON that PostgreSQL takes as jsonb. */
  readonly json: string
  /** Every address in it, in the stored form. */
  readonly emails: readonly string[]
}

/** Prepares a decoded payload: without the keys that hold a secret. */
export function toRawPayload(raw: JsonValue, secretKeys: readonly string[]): RawPayload {
  const json = JSON.stringify(raw)
  // Most payloads hold none of them, and are not copied.
  if (!secretKeys.some((key) => json.includes(key))) return { json: toStorableJson(json), emails: findEmails(raw) }
  const kept = withoutSecrets(raw, secretKeys)
  return { json: toStorableJson(JSON.stringify(kept)), emails: findEmails(kept) }
}

/** Prepares a body that is none of the known forms: its text, or its bytes in base64 when it is none. */
export function toUnreadablePayload(bytes: Uint8Array, secretKeys: readonly string[]): RawPayload {
  const start = bytes.subarray(0, maxUnreadableBytes)
  const text = readPlainText(wholeCharacters(start, bytes.length))
  if (text !== undefined) return toRawPayload(text, secretKeys)
  const buffer = Buffer.from(start)
  // Addresses in text of another charset: one byte a character, or two in either order.
  const readings = [buffer.toString('latin1'), buffer.toString('utf16le'), buffer.subarray(1).toString('utf16le')]
  return { json: JSON.stringify({ base64: buffer.toString('base64') }), emails: findEmails(readings) }
}

/** Leaves out a character that the cut has broken: up to three bytes at the end. */
function wholeCharacters(start: Uint8Array, length: number): Uint8Array {
  if (start.length === length) return start
  for (let cut = 0; cut < 4; cut++) {
    const shorter = start.subarray(0, start.length - cut)
    if (readPlainText(shorter) !== undefined) return shorter
  }
  return start
}

/** Replaces the escapes of U+0000 and of lone surrogates, which JSON may hold and PostgreSQL refuses. */
function toStorableJson(json: string): string {
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return json
  return json.replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (found) =>
    /^\\u(?:0000|d)/.test(found) ? '\ufffd' : found,
  )
}

/** Parses the payload of a row. */
export function readRaw(stored: unknown): JsonValue {
  return stored as JsonValue
}
