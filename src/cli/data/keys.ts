import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../config/config.ts'
import { type EncryptionKey, parseEncryptionKeys } from '../../config/encryption-keys.ts'
import { writeSecretFile } from '../../platform/files/secret-file.ts'

const keyFile = 'encryption-keys'

/** Mark of a key, which tells whether two keys are equal and reveals neither. */
export const keyMark = z.object({ id: z.string(), mark: z.string() })
export type KeyMark = z.infer<typeof keyMark>

/** Returns the encryption keys of the settings or the data folder; none when neither has any. It creates none. */
export function existingKeys({ encryptionKeys, dataDir }: Config): readonly EncryptionKey[] {
  if (encryptionKeys !== undefined) return encryptionKeys
  const path = join(dataDir, keyFile)
  return existsSync(path) ? parseEncryptionKeys(readFileSync(path, 'utf8').trim()) : []
}

export function marksOf(keys: readonly EncryptionKey[]): KeyMark[] {
  return keys.map(({ id, key }) => ({
    id,
    mark: createHmac('sha256', key).update('mark of a key in a backup of Rex').digest('base64url').slice(0, 22),
  }))
}

/** Returns the ids of the keys that are missing here. */
export function missingKeys(config: Config, needed: readonly KeyMark[]): string[] {
  const marks = new Set(marksOf(existingKeys(config)).map(({ id, mark }) => `${id} ${mark}`))
  return needed.filter(({ id, mark }) => !marks.has(`${id} ${mark}`)).map(({ id }) => id)
}

/** Returns keys in the format of REX_ENCRYPTION_KEYS. */
export function keysAsText(keys: readonly EncryptionKey[]): string {
  return keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',')
}

/** Stores keys in the data folder when neither it nor the settings have any. Returns whether they are stored. */
export function storeKeys(config: Config, keys: string): boolean {
  if (config.encryptionKeys !== undefined || existsSync(join(config.dataDir, keyFile))) return false
  writeSecretFile(config.dataDir, keyFile, keys)
  return true
}

/** Describes where the keys are kept, for people. */
export function keyPlace({ encryptionKeys, dataDir }: Config): string {
  return encryptionKeys === undefined ? join(dataDir, keyFile) : 'REX_ENCRYPTION_KEYS'
}
