import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canBeToken, generateToken, hashToken } from '../../src/sources/token.ts'

describe('the token of a source', () => {
  it('is in_ and at least 22 characters of base62, another each time', () => {
    const tokens = Array.from({ length: 200 }, generateToken)
    for (const token of tokens) {
      expect(token).toMatch(/^in_[0-9A-Za-z]{22,64}$/)
      expect(canBeToken(token)).toBe(true)
    }
    expect(new Set(tokens).size).toBe(200)
    expect(new Set(tokens.join('')).size).toBeGreaterThan(55)
  })

  it('is looked up by its SHA-256', () => {
    expect(hashToken('in_x')).toBe(createHash('sha256').update('in_x').digest('hex'))
  })

  it.each([
    '',
    'in_',
    `in_${'x'.repeat(21)}`,
    `in_${'x'.repeat(65)}`,
    `IN_${'x'.repeat(24)}`,
    `in_${'ä'.repeat(24)}`,
    `in_${'x'.repeat(24)}\n`,
  ])('is not %j', (text) => {
    expect(canBeToken(text)).toBe(false)
  })
})
