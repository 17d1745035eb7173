import { z } from 'zod'
import { list } from './setting-schemas.ts'

export const encryptionKeys = list.transform((items, context) => {
  const keys = items.map(parseEncryptionKey)
  if (keys.length === 0 || keys.includes(null)) {
    context.addIssue('kid:base64 of 32 bytes is expected, several separated by commas')
    return z.NEVER
  }
  const ring = keys.filter((key) => key !== null)
  // Of two with one name the second could decrypt nothing.
  if (new Set(ring.map(({ id }) => id)).size < ring.length) context.addIssue('another kid for each key is expected')
  return ring
})

/** A key ring as REX_ENCRYPTION_KEYS spells it. @throws when it is none */
export function parseEncryptionKeys(text: string): readonly EncryptionKey[] {
  return encryptionKeys.parse(text)
}

/** A key of the ring that secrets at rest are encrypted with. */
export interface EncryptionKey {
  readonly id: string
  readonly key: Buffer
}

function parseEncryptionKey(item: string): EncryptionKey | null {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(item) ?? []
  if (id === undefined || encoded === undefined) return null
  return { id, key: Buffer.from(encoded, 'base64') }
}
