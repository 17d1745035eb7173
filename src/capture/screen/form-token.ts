import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'
import { deriveKey } from '../../platform/crypto/derived-key.ts'

/** What the token of a form tells: `missing` where the form has none, as forms without the snippet do not. */
export type FormTokenReading = 'missing' | 'valid' | 'too_young' | 'expired' | 'invalid'

/** Signed times: they tell how long a form was in front of somebody before it was sent. */
export interface FormTokens {
  /** The value of `_t` for a form that is shown now. */
  makeFormToken(now: Date): string
  readFormToken(token: unknown, now: Date): FormTokenReading
}

/** People need longer to fill in a form, even one that their browser fills in for them. */
const minAgeMs = 2000
/** Tabs stay open over a weekend; whoever keeps tokens could as well send none. */
const maxAgeMs = 7 * 24 * 3_600_000
const tokenPattern = /^([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/

/** The first key of the ring signs and all verify, so that every node reads what another one made. */
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

/** A time to come is too young: another node's clock may be a little ahead. */
function ageReading(ageMs: number): FormTokenReading {
  if (ageMs < minAgeMs) return 'too_young'
  return ageMs > maxAgeMs ? 'expired' : 'valid'
}
