import { createHmac } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'
import type { PseudonymOf } from '../rate-limit.ts'
import { deriveKey } from './derived-key.ts'

const dayMs = 86_400_000

/**
 * What an address or an e-mail is counted under: the same on every node with these keys, another tomorrow (UTC), and
 * nothing that somebody without the keys can find again by hashing all addresses.
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
