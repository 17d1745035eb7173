import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'

/** A key for one purpose alone (RFC 5869): what encrypts secrets is used for nothing else. */
export function deriveKey({ key }: EncryptionKey, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, '', purpose, 32)))
}
