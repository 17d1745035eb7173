import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'

/** Derives a key for a single purpose (RFC 5869): the key that encrypts secrets is used for nothing else. */
export function deriveKey({ key }: EncryptionKey, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, '', purpose, 32)))
}
