import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canBeKey, describeKey, generateKey, hashKey, sameHash } from '../../src/workspaces/key.ts'

describe('a generated key', () => {
  it('is rex_, 8, 32 and 6 of base62', () => {
    expect(generateKey()).toMatch(/^rex_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
  })

  it('is another each time', () => {
    expect(new Set(Array.from({ length: 1000 }, generateKey)).size).toBe(1000)
  })

  it('can be a key', () => {
    for (const key of Array.from({ length: 100 }, generateKey)) expect(canBeKey(key)).toBe(true)
  })

  it('is refused with any one character changed, without a query', () => {
    const key = generateKey()
    for (let index = 4; index < key.length; index++) {
      if (key[index] === '_') continue
      const other = key[index] === 'a' ? 'b' : 'a'
      expect(canBeKey(key.slice(0, index) + other + key.slice(index + 1)), `changed at ${index}`).toBe(false)
    }
  })

  it('is told by its prefix and last four, which hold none of its random part', () => {
    const key = generateKey()
    const [, id, random] = key.split('_')
    const { prefix, lastFour } = describeKey(key)
    expect({ prefix, lastFour }).toEqual({ prefix: `rex_${id}`, lastFour: key.slice(-4) })
    expect(random).not.toContain(lastFour)
  })
})

describe('what can be a key', () => {
  it.each([
    ['16 characters', 'k'.repeat(16), true],
    ['256 characters', 'k'.repeat(256), true],
    [
      'every printable character',
      Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join(''),
      true,
    ],
    ['spaces within', 'a phrase of our own', true],
    ['15 characters', 'k'.repeat(15), false],
    ['257 characters', 'k'.repeat(257), false],
    ['nothing', '', false],
    ['a space before', ' '.concat('k'.repeat(16)), false],
    ['a space after', 'k'.repeat(16).concat(' '), false],
    ['a line break at the end', `${'k'.repeat(16)}\n`, false],
    ['a letter beyond ASCII', `${'k'.repeat(16)}é`, false],
    ['the prefix of ours alone', 'rex_0123456789abcdef', true],
  ])('is judged rightly for %s', (_, key, expected) => {
    expect(canBeKey(key)).toBe(expected)
  })
})

describe('what is kept of a key', () => {
  it('is its SHA-256', () => {
    expect(hashKey('test-admin-key-0123456789')).toBe(
      createHash('sha256').update('test-admin-key-0123456789').digest('hex'),
    )
  })

  it.each([
    ['the same', hashKey('a'), hashKey('a'), true],
    ['another', hashKey('a'), hashKey('b'), false],
    ['a shorter one', hashKey('a'), hashKey('a').slice(1), false],
    ['nothing', hashKey('a'), '', false],
  ])('is compared rightly with %s', (_, one, other, expected) => {
    expect(sameHash(one, other)).toBe(expected)
  })
})
