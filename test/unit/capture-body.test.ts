import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/platform/errors.ts'
import { parseJson } from '../../src/platform/text/json.ts'

function parse(text: string | Uint8Array): unknown {
  return parseJson(typeof text === 'string' ? Buffer.from(text) : text)
}

function codeOf(text: string | Uint8Array): string | undefined {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  return undefined
}

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('a body', () => {
  it.each([
    [
      'an object',
      '{"email": "jane@example.com", "n": [1, true, null]}',
      { email: 'jane@example.com', n: [1, true, null] },
    ],
    ['a byte order mark before it', '\ufeff{}', {}],
    ['letters beyond ASCII', '{"name": "Zoë 🙂"}', { name: 'Zoë 🙂' }],
    ['an escaped pair of surrogates', '{"name": "\\ud83d\\ude42"}', { name: '🙂' }],
    ['backslashes before what looks like an escape', '{"a": "\\\\u0000 \\\\ud83d"}', { a: '\\u0000 \\ud83d' }],
    ['escapes of any case, and one that stands beside a pair', '{"a": "\\uD83D\\ude42\\u00E9\\n"}', { a: '🙂é\n' }],
    ['16 levels', nested(16), JSON.parse(nested(16))],
    ['16 levels of lists', `${'['.repeat(16)}${']'.repeat(16)}`, JSON.parse(`${'['.repeat(16)}${']'.repeat(16)}`)],
    ['many neighbours, none of them deep', `[${'[[]],'.repeat(1000)}[]]`, [...Array(1000).fill([[]]), []]],
  ])('is read with %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected)
  })

  it('makes an own property of __proto__, and nobody’s prototype', () => {
    const value = parse('{"__proto__": {"admin": true}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect((value as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each([
    ['nothing', '', 'invalid_json'],
    ['a word', 'email', 'invalid_json'],
    ['an object that does not end', '{"email": "jane@example.com"', 'invalid_json'],
    ['a comma too many', '{"email": "jane@example.com",}', 'invalid_json'],
    ['two values', '{}{}', 'invalid_json'],
    ['a raw line break in a string', '{"a": "x\ny"}', 'invalid_json'],
    ['a raw U+0000 in a string', '{"a": "x\u0000y"}', 'invalid_encoding'],
    ['an escaped U+0000', '{"a": "x\\u0000y"}', 'invalid_encoding'],
    ['an escaped U+0000 in a key', '{"x\\u0000y": 1}', 'invalid_encoding'],
    ['U+0000 deep inside', '{"a": [{"b": ["\\u0000"]}]}', 'invalid_encoding'],
    ['a lone high surrogate', '{"a": "\\ud83d"}', 'invalid_encoding'],
    ['a lone low surrogate', '{"a": "\\ude42"}', 'invalid_encoding'],
    ['a lone surrogate in a key', '{"\\ud83d": 1}', 'invalid_encoding'],
    ['surrogates the wrong way round', '{"a": "\\ude42\\ud83d"}', 'invalid_encoding'],
    ['a lone surrogate as the whole body', '"\\ud83d"', 'invalid_encoding'],
    ['an escaped U+0000 that a second key hides', '{"a": "\\u0000", "a": "x"}', 'invalid_encoding'],
    ['a lone surrogate that a second key hides', '{"a": {"b": "\\ud83d\\ud83d\\ude42"}, "a": "x"}', 'invalid_encoding'],
    ['a lone surrogate before a letter', '{"a": "\\uDE42\ud83d\ude42"}', 'invalid_encoding'],
    ['a byte that no UTF-8 has', Uint8Array.of(0x7b, 0xff, 0x7d), 'invalid_encoding'],
    ['a character that is cut off', Buffer.from('{"a": "é').subarray(0, -1), 'invalid_encoding'],
    ['an overlong form', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), 'invalid_encoding'],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'invalid_encoding'],
    ['UTF-16', Buffer.from('{"a": 1}', 'utf16le'), 'invalid_encoding'],
    ['17 levels', nested(17), 'too_deep'],
    ['17 levels of lists', `${'['.repeat(17)}${']'.repeat(17)}`, 'too_deep'],
    ['thousands of levels', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'too_deep'],
  ])('is refused with %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  it('is refused without being quoted', () => {
    for (const text of ['{"email": jane@example.com}', '{"jane@example.com": "\\ud83d"}'])
      expect(() => parse(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('jane') }))
  })
})
