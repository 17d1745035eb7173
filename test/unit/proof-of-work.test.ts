import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { beforeAll, describe, expect, it } from 'vitest'
import { createProofsOfWork } from '../../src/capture/screen/proof-of-work.ts'
import { encodeProof, solve } from '../support/proofs.ts'

const keyOf = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) })
const proofs = createProofsOfWork([keyOf('k1', 1)])
const hour = 3_600_000

describe('a proof of work', () => {
  let challenge: Challenge
  let solved: string
  const madeAt = new Date()

  beforeAll(async () => {
    challenge = await proofs.makeChallenge('ws_1', madeAt)
    solved = await solve(challenge)
  })

  const decoded = () => JSON.parse(Buffer.from(solved, 'base64').toString())
  const changed = (change: object) => encodeProof({ ...decoded(), ...change })

  it('that was computed is valid, and names its challenge', async () => {
    expect(await proofs.readProof(solved, 'ws_1')).toEqual({
      kind: 'valid',
      proof: { id: challenge.signature, expiresAt: new Date(challenge.parameters.expiresAt! * 1000) },
    })
    expect(await proofs.readProof(await solve(await proofs.makeChallenge('ws_1', new Date())), 'ws_1')).not.toEqual(
      await proofs.readProof(solved, 'ws_1'),
    )
  })

  it('holds for an hour', async () => {
    expect(challenge.parameters.expiresAt).toBe(Math.floor((madeAt.getTime() + hour) / 1000))
    const old = await proofs.makeChallenge('ws_1', new Date(Date.now() - hour - 2000))
    expect(await proofs.readProof(await solve(old), 'ws_1')).toEqual({ kind: 'expired' })
  })

  it('takes hundreds of tries, which nobody can skip', async () => {
    for (let nth = 0; nth < 20; nth++) {
      const { parameters } = await proofs.makeChallenge('ws_1', new Date())
      expect(parameters).toMatchObject({ algorithm: 'PBKDF2/SHA-256', cost: 5000 })
      expect(parameters.keyPrefix).toHaveLength(32)
    }
    expect(decoded().solution.counter).toBeGreaterThanOrEqual(500)
    expect(decoded().solution.counter).toBeLessThan(1500)
  })

  it('of another workspace is invalid', async () => {
    expect(await proofs.readProof(solved, 'ws_2')).toEqual({ kind: 'invalid' })
  })

  it('is read by every key of the ring', async () => {
    const rotated = createProofsOfWork([keyOf('k2', 2), keyOf('k1', 1)])
    expect(await rotated.readProof(solved, 'ws_1')).toMatchObject({ kind: 'valid' })
    const others = createProofsOfWork([keyOf('k1', 2)])
    expect(await others.readProof(solved, 'ws_1')).toEqual({ kind: 'invalid' })
  })

  it.each([undefined, null, ''])('that is %j is missing', async (none) => {
    expect(await proofs.readProof(none, 'ws_1')).toEqual({ kind: 'missing' })
  })

  it.each<[string, () => unknown]>([
    ['a number', () => 1],
    ['an object', () => decoded()],
    ['no base64', () => '***'],
    ['no JSON', () => Buffer.from('{"challenge":').toString('base64')],
    ['an array', () => encodeProof([])],
    ['null', () => encodeProof(null)],
    ['without a solution', () => changed({ solution: undefined })],
    ['without a challenge', () => changed({ challenge: undefined })],
    ['with another counter that is no number', () => changed({ solution: { ...decoded().solution, counter: '600' } })],
    ['with a key of its own', () => changed({ solution: { ...decoded().solution, derivedKey: 'ab'.repeat(32) } })],
    ['with half of its key', () => changed({ solution: { counter: 600, derivedKey: challenge.parameters.keyPrefix } })],
    ['with a key that is no hex', () => changed({ solution: { ...decoded().solution, derivedKey: 'zz' } })],
    ['without a signature', () => changed({ challenge: { ...challenge, signature: '' } })],
    ['of a later expiry', () => changed(withParameters({ expiresAt: challenge.parameters.expiresAt! + 1 }))],
    ['without an expiry', () => changed(withParameters({ expiresAt: undefined }))],
    ['of a lower cost', () => changed(withParameters({ cost: 1 }))],
    ['with more in its challenge', () => changed(withParameters({ data: { a: 1 } }))],
    ['that is nested deeply', () => encodeProof(nested(1000))],
    ['that is long', () => encodeProof({ ...decoded(), more: 'x'.repeat(2000) })],
  ])('that is %s is invalid', async (_what, forged) => {
    expect(await proofs.readProof(forged(), 'ws_1')).toEqual({ kind: 'invalid' })
  })

  it('of a challenge that somebody made is invalid, however well it is solved', async () => {
    const own = createProofsOfWork([keyOf('k1', 9)])
    expect(await proofs.readProof(await solve(await own.makeChallenge('ws_1', new Date())), 'ws_1')).toEqual({
      kind: 'invalid',
    })
    const easy = { ...challenge, parameters: { ...challenge.parameters, keyPrefix: '0', cost: 1 } }
    const solution = await solveChallenge({ challenge: easy, deriveKey })
    expect(await proofs.readProof(encodeProof({ challenge: easy, solution }), 'ws_1')).toEqual({ kind: 'invalid' })
  })

  function withParameters(change: object) {
    return { challenge: { ...challenge, parameters: { ...challenge.parameters, ...change } } }
  }
})

function nested(depth: number): object {
  let value = {}
  for (let level = 0; level < depth; level++) value = { a: value }
  return value
}
