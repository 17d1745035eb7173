import type { Verification } from '../kinds/kind.ts'
import type { JsonValue } from '../payload.ts'
import { isJsonObject } from '../payload.ts'
import { equalsInConstantTime } from './constant-time.ts'
import { hmac } from './hmac.ts'

/** Builds the verification of a header that holds the secret itself. `header` is in lower case. */
export function headerSecret(header: string): Verification {
  return {
    verify: ({ headers }, secret) => isSecret(headers[header], secret) || isSecret(utf8Of(headers[header]), secret),
  }
}

/** Builds the verification of a top-level key of the body that holds the secret itself, such as `google_key`. */
export function bodySecret(key: string): Verification {
  return {
    verify: ({ body }, secret) => isSecret(valueAt(body, key), secret),
  }
}

/**
 * Builds the verification of a GENERIC source: the header that the user named holds the secret, also after `Bearer `,
 * or the HMAC-SHA256 of the body in hex, with or without `sha256=`.
 */
export function userHeader(name: string): Verification {
  const header = name.toLowerCase()
  const ways = [
    headerSecret(header),
    hmac({ header, algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' }),
    hmac({ header, algorithm: 'sha256', encoding: 'hex' }),
  ]
  return {
    verify: (request, secret) => ways.some((way) => way.verify(request, secret)),
  }
}

/** Tools send the secret as UTF-8, and Node.js reads each byte of a header as one character. */
function utf8Of(sent: string | undefined): string | undefined {
  return sent === undefined ? undefined : Buffer.from(sent, 'latin1').toString()
}

function valueAt(body: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(body) && Object.hasOwn(body, key) ? body[key] : undefined
}

function isSecret(sent: JsonValue | undefined, secret: string): boolean {
  if (typeof sent !== 'string' || secret === '') return false
  return equalsInConstantTime(sent, secret) || equalsInConstantTime(sent.replace(/^bearer +/i, ''), secret)
}
