import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import type { EncryptionKey } from '../../config/encryption-keys.ts'

/** Owner of a secret: bound to the ciphertext, so that a ciphertext copied to another row cannot be decrypted. */
export interface SecretOwner {
  readonly workspaceId: string
  readonly id: string
  /** Use of the secret, where one row has several: a ciphertext copied to the column of another use cannot be decrypted. */
  readonly use?: string
}

export interface SecretBox {
  /** Encrypts with the first key of the ring and returns `kid:base64(nonce, tag, ciphertext)`. */
  seal(secret: string, owner: SecretOwner): string
  /** Decrypts. @throws if the key is not in the ring, or if the ciphertext has another owner or was changed */
  open(sealed: string, owner: SecretOwner): string
  /** Encrypts the same secret again with the first key of the ring. @throws like `open` */
  reseal(sealed: string, owner: SecretOwner): string
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Creates a secret box with AES-256-GCM; the first key encrypts, all keys decrypt. */
export function createSecretBox(ring: readonly EncryptionKey[]): SecretBox {
  // Node takes several times as long for each use of a Buffer as a key.
  const keys = ring.map(({ id, key }) => ({ id, key: createSecretKey(key) }))
  const [current] = keys
  if (current === undefined) throw new Error('At least one encryption key is required.')
  const box: SecretBox = {
    seal: (secret, owner) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, current.key, nonce).setAAD(associatedData(owner))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return `${current.id}:${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}`
    },
    open: (sealed, owner) => {
      const separator = sealed.indexOf(':')
      const id = sealed.slice(0, separator)
      const key = keys.find((candidate) => candidate.id === id)?.key
      if (key === undefined) throw new Error(`A secret is encrypted with the key ${id}, which is not configured.`)
      const bytes = Buffer.from(sealed.slice(separator + 1), 'base64')
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(associatedData(owner))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    },
    reseal: (sealed, owner) => box.seal(box.open(sealed, owner), owner),
  }
  return box
}

function associatedData({ workspaceId, id, use }: SecretOwner): Buffer {
  return Buffer.from(use === undefined ? `${workspaceId}/${id}` : `${workspaceId}/${id}/${use}`)
}
