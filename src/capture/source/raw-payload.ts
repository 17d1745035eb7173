import { readPlainText } from '../../sources/decode/charset.ts'
import type { DecodedPayload } from '../../sources/decode/decode.ts'
import { toStorable } from '../../sources/decode/mappable.ts'
import type { JsonValue } from '../../sources/payload.ts'
import { withoutSecrets } from '../../sources/secret-keys.ts'
import { hasEscapedAt } from './escaped-text.ts'
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

/** Decoded payload, and its text where that can be stored as it came. */
type Decoded = Pick<DecodedPayload, 'raw' | 'rawJson' | 'isWide'>

/** Prepares a decoded payload: without the keys that hold a secret. One with very many values is never walked through. */
export function toRawPayload({ raw, rawJson, isWide }: Decoded, secretKeys: readonly string[]): RawPayload {
  const isText = rawJson === undefined && typeof raw === 'string'
  const json = isText ? jsonOfText(raw) : (rawJson ?? JSON.stringify(raw))
  // Most payloads hold none of them, and are not copied.
  if (!mayHoldKey(json, secretKeys))
    return { json: isText ? json : storable(json), emails: emailsOf(raw, json, isWide) }
  const kept = withoutSecrets(isWide ? json : raw, secretKeys)
  const keptJson = typeof kept === 'string' ? jsonOfText(kept) : storable(JSON.stringify(kept))
  return { json: keptJson, emails: findEmails(kept) }
}

/** A text that was made storable has no escapes to look for afterwards. */
function jsonOfText(text: string): string {
  return JSON.stringify(toStorable(text))
}

/** Escapes of letters and the like, which a name needs none of. */
const escapedName = /\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aAfF])/

function mayHoldKey(json: string, keys: readonly string[]): boolean {
  return keys.some((key) => json.includes(key)) || (json.includes('u00') && escapedName.test(json))
}

/** Without escapes, the text has each address as the payload has it. */
function emailsOf(raw: JsonValue, json: string, isWide: boolean | undefined): string[] {
  if (!(json.includes('@') || hasEscapedAt(json))) return []
  return findEmails(isWide || !json.includes('\\') ? json : raw)
}

/** Prepares a body that is none of the known forms: its text, or its bytes in base64 when it is none. */
export function toUnreadablePayload(bytes: Uint8Array, secretKeys: readonly string[]): RawPayload {
  const start = bytes.subarray(0, maxUnreadableBytes)
  const text = readPlainText(wholeCharacters(start, bytes.length))
  if (text !== undefined) return toRawPayload({ raw: text }, secretKeys)
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

/** Escapes that are looked at. */
const maxEscapes = 10_000

/**
 * Replaces the escapes of U+0000 and of lone surrogates, which JSON may hold and PostgreSQL refuses. It looks at escapes
 * alone: to replace each of a text's by a pattern takes a multiple of the time. JSON with very many is stored as a text.
 */
function storable(json: string): string {
  if (!(json.includes('u0000') || /\\u[dD]/.test(json))) return json
  const pieces: string[] = []
  let [written, looked] = [0, 0]
  for (let at = json.indexOf('\\'); at >= 0; ) {
    if (++looked > maxEscapes) return JSON.stringify(json)
    const length = lengthOfEscape(json, at)
    if (length === 6 && isUnstorable(json, at)) {
      pieces.push(json.slice(written, at), '\ufffd')
      written = at + length
    }
    at = json.indexOf('\\', at + length)
  }
  return written === 0 ? json : pieces.join('') + json.slice(written)
}

/** 12 for both halves of a character beyond the first plane. */
function lengthOfEscape(json: string, at: number): 2 | 6 | 12 {
  if (json.charCodeAt(at + 1) !== lowerU) return 2
  const isPair = isHalf(json, at, '89ab') && json.charCodeAt(at + 6) === backslash && isHalf(json, at + 6, 'cdef')
  return isPair && json.charCodeAt(at + 7) === lowerU ? 12 : 6
}

function isHalf(json: string, at: number, thirds: string): boolean {
  const isSurrogate = json.charAt(at + 2).toLowerCase() === 'd'
  return isSurrogate && thirds.includes(json.charAt(at + 3).toLowerCase())
}

function isUnstorable(json: string, at: number): boolean {
  return json.startsWith('0000', at + 2) || isHalf(json, at, '89abcdef')
}

const [backslash, lowerU] = [0x5c, 0x75]

/** Parses the payload of a row. */
export function readRaw(stored: unknown): JsonValue {
  return stored as JsonValue
}
