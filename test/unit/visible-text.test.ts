import { describe, expect, it } from 'vitest'
import { toVisibleLine, trimInvisible } from '../../src/platform/text/visible-text.ts'

/** The list of the contract, written out. */
const ranges = [
  [0xad],
  [0x6_1c],
  [0x11_5f],
  [0x18_0e],
  [0x20_0b, 0x20_0f],
  [0x20_2a, 0x20_2e],
  [0x20_60, 0x20_64],
  [0x20_66, 0x20_6f],
  [0x28_00],
  [0x31_64],
  [0xfe_ff],
] as const
const invisible = ranges.flatMap(([first, last = first]) =>
  Array.from({ length: last - first + 1 }, (_, nth) => String.fromCharCode(first + nth)),
)

describe('11.25: visible text', () => {
  it.each(invisible.map((character) => [character.charCodeAt(0).toString(16), character]))(
    'has no U+%s at its ends',
    (_, character) => {
      expect(trimInvisible(`${character} Ann${character}`)).toBe('Ann')
      expect(trimInvisible(character)).toBe('')
    },
  )

  it('keeps joiners inside', () => {
    expect(trimInvisible('👩‍👧')).toBe('👩‍👧')
    expect(toVisibleLine('Ann\u200dMarie')).toBe('Ann\u200dMarie')
  })

  it('is one line in NFC, with no control character and no bidi override', () => {
    expect(toVisibleLine('Zoe\u0308\r\nMay\u2028Ray\u0007\u202e')).toBe('Zoë May Ray')
  })

  it('takes time in proportion to its length', () => {
    const spaces = ' '.repeat(2_000_000)
    expect(trimInvisible(`a${spaces}b`)).toHaveLength(2_000_002)
  })
})
