import { createDecipheriv, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { generateSecret } from '../../src/webhooks/secret.ts'

const owner = { workspaceId: 'ws_1', id: 'wh_1' }
const first = { id: 'k1', key: randomBytes(32) }
const second = { id: 'k2', key: randomBytes(32) }
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('a sealed secret', () => {
  it('opens to what it was', () => {
    const box = createSecretBox([first])
    for (const each of [secret, 'x', '', 'ünïcode 🙂', 'x'.repeat(256)])
      expect(box.open(box.seal(each, owner), owner)).toBe(each)
  })

  it('shows the id of its key and nothing of the secret', () => {
    const sealed = createSecretBox([first]).seal(secret, owner)
    expect(sealed).toMatch(/^k1:[A-Za-z0-9+/]+=*$/)
    expect(Buffer.from(sealed.slice(3), 'base64').toString('latin1')).not.toContain(secret.slice(0, 6))
  })

  it('is AES-256-GCM: nonce, tag and ciphertext, with workspace and owner as associated data', () => {
    const bytes = Buffer.from(createSecretBox([first]).seal(secret, owner).slice(3), 'base64')
    const decipher = createDecipheriv('aes-256-gcm', first.key, bytes.subarray(0, 12))
      .setAAD(Buffer.from('ws_1/wh_1'))
      .setAuthTag(bytes.subarray(12, 28))
    expect(decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')).toBe(secret)
  })

  it('is sealed otherwise each time', () => {
    const box = createSecretBox([first])
    expect(new Set(Array.from({ length: 100 }, () => box.seal(secret, owner))).size).toBe(100)
  })

  it.each([
    ['another endpoint', { ...owner, id: 'wh_2' }],
    ['another workspace', { ...owner, workspaceId: 'ws_2' }],
    ['a seam elsewhere', { workspaceId: 'ws_1/wh', id: '_1' }],
    ['another use', { ...owner, use: 'token' }],
  ])('does not open for %s', (_, other) => {
    const box = createSecretBox([first])
    expect(() => box.open(box.seal(secret, owner), other)).toThrow()
  })

  it('does not open once any byte of it was changed', () => {
    const box = createSecretBox([first])
    const bytes = Buffer.from(box.seal(secret, owner).slice(3), 'base64')
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes)
      changed[index]! ^= 1
      expect(() => box.open(`k1:${changed.toString('base64')}`, owner), `changed at ${index}`).toThrow()
    }
  })

  it('does not open with its tag cut short', () => {
    const box = createSecretBox([first])
    const bytes = Buffer.from(box.seal('', owner).slice(3), 'base64')
    for (const length of [0, 12, 16, 27])
      expect(() => box.open(`k1:${bytes.subarray(0, length).toString('base64')}`, owner), `${length} bytes`).toThrow()
  })
})

describe('the ring', () => {
  it('seals with its first key and opens with every key', () => {
    const old = createSecretBox([first]).seal(secret, owner)
    const box = createSecretBox([second, first])
    expect(box.seal(secret, owner)).toMatch(/^k2:/)
    expect(box.open(old, owner)).toBe(secret)
  })

  it('names the key that is missing, and says nothing else', () => {
    const sealed = createSecretBox([first]).seal(secret, owner)
    expect(() => createSecretBox([second]).open(sealed, owner)).toThrow(
      'A secret is encrypted with the key k1, which is not configured.',
    )
  })

  it('does not open with another key of the same id', () => {
    const sealed = createSecretBox([first]).seal(secret, owner)
    expect(() => createSecretBox([{ ...second, id: 'k1' }]).open(sealed, owner)).toThrow()
  })

  it('must have a key', () => {
    expect(() => createSecretBox([])).toThrow(/one encryption key/)
  })
})

describe('a generated secret', () => {
  it('is whsec_ and base64 of 32 bytes, another each time', () => {
    const secrets = Array.from({ length: 100 }, generateSecret)
    for (const each of secrets) {
      expect(each).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
      expect(Buffer.from(each.slice(6), 'base64')).toHaveLength(32)
    }
    expect(new Set(secrets).size).toBe(100)
  })
})
