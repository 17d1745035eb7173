import { z } from 'zod'
import { list } from './setting-schemas.ts'

export const encryptionKeys = list.transform((items, context) => {
  const keys = items.map(parseEncryptionKey)
  if (keys.length === 0 || keys.includes(null)) {
    context.addIssue('kid:base64 of 32 bytes is expected, several separated by commas')
    return z.NEVER
  }
  const ring = keys.filter((key) => key !== null)
  // Two keys with one id would make the second unusable for decryption.
  if (new Set(ring.map(({ id }) => id)).size < ring.length) context.addIssue('key ids must be unique')
  return ring
})

/** Parses a key ring in the format of REX_ENCRYPTION_KEYS. @throws when it is invalid */
export function parseEncryptionKeys(text: string): readonly EncryptionKey[] {
  return encryptionKeys.parse(text)
}

/** Key of the ring that encrypts secrets at rest. */
export interface EncryptionKey {
  readonly id: string
  readonly key: Buffer
}

function parseEncryptionKey(item: string): EncryptionKey | null {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(item) ?? []
  if (id === undefined || encoded === undefined) return null
  return { id, key: Buffer.from(encoded, 'base64') }
}
