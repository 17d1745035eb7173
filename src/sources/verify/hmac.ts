import { createHmac } from 'node:crypto'
import type { SignedRequest, Verification } from '../kinds/kind.ts'
import { equalsInConstantTime } from './constant-time.ts'

/** A signed timestamp may be this far from now, in either direction. */
const toleranceMs = 5 * 60_000

/** Place of the timestamp in a request: a header of its own, or a field of the signature's header (`t=1,v1=…`). */
type TimestampPlace = { readonly unit: 's' | 'ms' } & ({ readonly header: string } | { readonly field: string })

export interface HmacOptions {
  /** Lower-case name of the header with the signature. */
  readonly header: string
  readonly algorithm: 'sha1' | 'sha256'
  /** Encoding of the signature; base64 may be the URL-safe one and may lack its padding. */
  readonly encoding: 'hex' | 'base64'
  /** Text before the signature, such as `sha256=`. */
  readonly prefix?: string
  /** Name of the signature's field in a header of `name=value` pairs, such as `v1`. Repeated fields: any may match. */
  readonly signatureField?: string
  /** Signed timestamp, refused when it is missing or more than 5 minutes off. Undefined: none is checked. */
  readonly timestamp?: TimestampPlace
  /**
   * Signed text. `{body}` are the raw bytes, `{timestamp}` the timestamp as sent, any other `{name}` is the header of
   * that lower-case name, whose absence fails the verification. Default: `{body}`.
   */
  readonly signed?: string
  /** How the user's secret becomes the key's bytes. Default: `text`, its UTF-8. */
  readonly secretEncoding?: 'text' | 'hex' | 'base64'
}

/**
 * Builds the verification of an HMAC over the body. It compares in constant time and never throws.
 *
 *     hmac({ header: 'typeform-signature', algorithm: 'sha256', encoding: 'base64', prefix: 'sha256=' })
 *     hmac({ header: 'x-webflow-signature', algorithm: 'sha256', encoding: 'hex',
 *            timestamp: { header: 'x-webflow-timestamp', unit: 'ms' }, signed: '{timestamp}:{body}' })
 *     hmac({ header: 'calendly-webhook-signature', algorithm: 'sha256', encoding: 'hex', signatureField: 'v1',
 *            timestamp: { field: 't', unit: 's' }, signed: '{timestamp}.{body}' })
 */
export function hmac(options: HmacOptions): Verification {
  const parts = (options.signed ?? '{body}').split(/(\{[a-z0-9-]+\})/).filter((part) => part !== '')
  return {
    verify(request, secret) {
      const header = request.headers[options.header]
      if (header === undefined || secret === '') return false
      const timestamp = readTimestamp(options.timestamp, header, request)
      if (options.timestamp !== undefined && timestamp === undefined) return false
      const signed = fillParts(parts, timestamp ?? '', request)
      if (signed === undefined) return false
      const digest = createHmac(options.algorithm, Buffer.from(secret, keyEncoding(options)))
      for (const part of signed) digest.update(part)
      const expected = normalize(digest.digest(options.encoding), options)
      return sentSignatures(header, options).some((sent) => equalsInConstantTime(normalize(sent, options), expected))
    },
  }
}

function keyEncoding({ secretEncoding }: HmacOptions): BufferEncoding {
  return secretEncoding === undefined || secretEncoding === 'text' ? 'utf8' : secretEncoding
}

function readTimestamp(place: TimestampPlace | undefined, header: string, request: SignedRequest): string | undefined {
  if (place === undefined) return undefined
  const text = 'header' in place ? request.headers[place.header] : fieldsNamed(header, place.field)[0]
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  const sentMs = Number(text) * (place.unit === 's' ? 1000 : 1)
  return Math.abs(request.now.getTime() - sentMs) <= toleranceMs ? text : undefined
}

function fillParts(parts: readonly string[], timestamp: string, request: SignedRequest) {
  const filled: (string | Uint8Array)[] = []
  for (const part of parts) {
    const value = fillPart(part, timestamp, request)
    if (value === undefined) return undefined
    filled.push(value)
  }
  return filled
}

function fillPart(part: string, timestamp: string, request: SignedRequest): string | Uint8Array | undefined {
  if (!/^\{[a-z0-9-]+\}$/.test(part)) return part
  if (part === '{body}') return request.bytes
  if (part === '{timestamp}') return timestamp
  return request.headers[part.slice(1, -1)]
}

function sentSignatures(header: string, { signatureField, prefix = '' }: HmacOptions): string[] {
  const values = signatureField === undefined ? [header.trim()] : fieldsNamed(header, signatureField)
  return values.filter((value) => value.startsWith(prefix)).map((value) => value.slice(prefix.length))
}

/** Returns the values of a name in `name=value, name=value`; at most the first 20 fields count. */
function fieldsNamed(header: string, name: string): string[] {
  return header
    .split(',', 20)
    .map((field) => field.trim())
    .filter((field) => field.startsWith(`${name}=`))
    .map((field) => field.slice(name.length + 1))
}

function normalize(signature: string, { encoding }: HmacOptions): string {
  if (encoding === 'hex') return signature.toLowerCase()
  return signature
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={0,2}$/, '')
}
