import { createHmac } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'
import type { PseudonymOf } from '../limits/rate-limit.ts'
import { deriveKey } from './derived-key.ts'

const dayMs = 86_400_000

/**
 * Creates pseudonyms, under which addresses and e-mails are counted. A pseudonym is the same on every node with these
 * keys and changes every day (UTC). Without the keys it cannot be found by hashing all addresses.
 */
export function createPseudonyms([encryptionKey]: readonly EncryptionKey[]): PseudonymOf {
  if (encryptionKey === undefined) throw new Error('At least one encryption key is needed.')
  const ofDay = (day: number) => ({ day, key: deriveKey(encryptionKey, `rex/pseudonym/${day}`) })
  let current = ofDay(0)
  return (text, now) => {
    const day = Math.floor(now.getTime() / dayMs)
    if (day !== current.day) current = ofDay(day)
    return createHmac('sha256', current.key).update(text).digest('base64url')
  }
}
