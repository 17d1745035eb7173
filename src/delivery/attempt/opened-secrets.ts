import { LRUCache } from 'lru-cache'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'

/** Decrypts the secrets of deliveries. */
export type SecretOpener = Pick<SecretBox, 'open'>

/** Secrets that stay decrypted: those of so many endpoints that were sent to last. */
const maxSecrets = 2000

/**
 * Creates an opener that decrypts a secret once for many deliveries. The key is the ciphertext with its owner, so another
 * secret, or a ciphertext copied to another row, is decrypted anew; a failure is not kept.
 */
export function createSecretOpener(secretBox: SecretOpener): SecretOpener {
  const opened = new LRUCache<string, string>({ max: maxSecrets })
  return {
    open: (sealed, owner) => {
      const key = `${owner.workspaceId}/${owner.id}/${sealed}`
      const known = opened.get(key)
      if (known !== undefined) return known
      const secret = secretBox.open(sealed, owner)
      opened.set(key, secret)
      return secret
    },
  }
}
