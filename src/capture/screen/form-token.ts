import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'
import { deriveKey } from '../../platform/crypto/derived-key.ts'

/** Result of reading a form token; `missing` for forms without the snippet. */
export type FormTokenReading = 'missing' | 'valid' | 'too_young' | 'expired' | 'invalid'

/** Signed times: they prove how long a form was open before it was sent. */
export interface FormTokens {
  /** Returns the value of `_t` for a form that is shown now. */
  makeFormToken(now: Date): string
  readFormToken(token: unknown, now: Date): FormTokenReading
}

/** Minimum age: people need longer to fill in a form, even with autofill. */
const minAgeMs = 2000
/** Maximum age: tabs stay open over a weekend. A sender who reuses older tokens could as well send none. */
const maxAgeMs = 7 * 24 * 3_600_000
const tokenPattern = /^([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/

/**
 * Creates form tokens: the first key of the ring signs and all verify, so that every node reads the tokens of the
 * others.
 */
export function createFormTokens(ring: readonly EncryptionKey[]): FormTokens {
  const keys = ring.map((key) => deriveKey(key, 'rex/form-token'))
  const [current] = keys
  if (current === undefined) throw new Error('At least one encryption key is needed.')
  return {
    makeFormToken: (now) => {
      const time = now.getTime().toString(36)
      return `${time}.${sign(current, time).toString('base64url')}`
    },
    readFormToken: (token, now) => {
      if (token === undefined || token === null || token === '') return 'missing'
      const [, time = '', signature = ''] = (typeof token === 'string' && tokenPattern.exec(token)) || []
      const sent = Buffer.from(signature, 'base64url')
      if (!keys.some((key) => isSame(sign(key, time), sent))) return 'invalid'
      return ageReading(now.getTime() - Number.parseInt(time, 36))
    },
  }
}

function sign(key: KeyObject, time: string): Buffer {
  return createHmac('sha256', key).update(time).digest()
}

function isSame(expected: Buffer, sent: Buffer): boolean {
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}

/** Classifies an age. A time in the future is too young: the clock of another node may be slightly ahead. */
function ageReading(ageMs: number): FormTokenReading {
  if (ageMs < minAgeMs) return 'too_young'
  return ageMs > maxAgeMs ? 'expired' : 'valid'
}
