import { randomBytes } from 'node:crypto'
import { readOrCreateSecret } from '../platform/files/secret-file.ts'
import type { Config } from './config.ts'
import { type EncryptionKey, parseEncryptionKeys } from './encryption-keys.ts'

/** Returns the keys of the settings, or those of the data folder, which it creates at the first start. */
export function encryptionKeysOf({ encryptionKeys, dataDir }: Config): readonly EncryptionKey[] {
  if (encryptionKeys !== undefined) return encryptionKeys
  const kept = readOrCreateSecret(dataDir, 'encryption-keys', () => `k1:${randomBytes(32).toString('base64')}`)
  return parseEncryptionKeys(kept)
}
