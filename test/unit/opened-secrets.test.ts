import { describe, expect, it } from 'vitest'
import { createSecretOpener } from '../../src/delivery/attempt/opened-secrets.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'

const box = createSecretBox([{ id: 'k1', key: Buffer.alloc(32, 7) }])
const owner = { workspaceId: 'ws_1', id: 'wh_1' }

describe('the opener of secrets', () => {
  it('decrypts a secret once, and again after a rotation', () => {
    let count = 0
    const opener = createSecretOpener({
      open: (...given) => {
        count++
        return box.open(...given)
      },
    })
    const [first, second] = [box.seal('whsec_first', owner), box.seal('whsec_second', owner)]
    const opened = [first, first, second, first].map((sealed) => opener.open(sealed, owner))
    expect(opened).toEqual(['whsec_first', 'whsec_first', 'whsec_second', 'whsec_first'])
    expect(count).toBe(2)
  })

  it('refuses the ciphertext of another endpoint or workspace, also one that it has decrypted', () => {
    const opener = createSecretOpener(box)
    const sealed = box.seal('whsec_first', owner)
    opener.open(sealed, owner)
    expect(() => opener.open(sealed, { ...owner, id: 'wh_2' })).toThrow()
    expect(() => opener.open(sealed, { ...owner, workspaceId: 'ws_2' })).toThrow()
  })
})
