import { describe, expect, it } from 'vitest'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'

const keyOf = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) })
const { makeFormToken, readFormToken } = createFormTokens([keyOf('k1', 1)])
const shownAt = new Date('2026-03-16T12:00:00.000Z')
const laterBy = (ms: number) => new Date(shownAt.getTime() + ms)
const token = makeFormToken(shownAt)
const days = 24 * 3_600_000

describe('a form token', () => {
  it.each([
    [-1000, 'too_young'],
    [0, 'too_young'],
    [1999, 'too_young'],
    [2000, 'valid'],
    [7 * days, 'valid'],
    [7 * days + 1, 'expired'],
  ])('that is %i ms old is %s', (ageMs, reading) => {
    expect(readFormToken(token, laterBy(ageMs))).toBe(reading)
  })

  it.each([undefined, null, ''])('that is %s is missing', (none) => {
    expect(readFormToken(none, shownAt)).toBe('missing')
  })

  it.each<[string, unknown]>([
    ['with another time', token.replace(/^./, (first) => (first === 'l' ? 'k' : 'l'))],
    ['without a signature', token.split('.')[0]],
    ['with an empty signature', `${token.split('.')[0]}.`],
    ['with half a signature', token.slice(0, -20)],
    ['with more behind it', `${token}x`],
    ['with a line break behind it', `${token}\n`],
    ['of another key', createFormTokens([keyOf('k1', 2)]).makeFormToken(shownAt)],
    ['that is a number', 1],
    ['that is an object', { token }],
  ])('%s is invalid', (_what, forged) => {
    expect(readFormToken(forged, laterBy(5000))).toBe('invalid')
  })

  it('is read by every node that has its key, whichever key is the first there', () => {
    const rotated = createFormTokens([keyOf('k2', 2), keyOf('k1', 1)])
    expect(rotated.readFormToken(token, laterBy(5000))).toBe('valid')
    expect(readFormToken(rotated.makeFormToken(shownAt), laterBy(5000))).toBe('invalid')
  })
})
