import { AppError } from '../errors.ts'
import { decodeUtf8, invalidEncoding } from './utf8.ts'

const maxDepth = 16

/** Returns the JSON value of a body. @throws AppError `invalid_encoding`, `invalid_json`, `too_deep` */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(decodeUtf8(bytes))
}

/** Returns the JSON value of a text. @throws AppError `invalid_encoding`, `invalid_json`, `too_deep` */
export function parseJsonText(text: string): unknown {
  const value = parse(text)
  checkEscapes(text)
  checkDepth(value, 1)
  return value
}

function parse(text: string): unknown {
  if (text.includes('\u0000')) throw invalidEncoding()
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError('invalid_json', 'The body is not valid JSON.')
  }
}

/** Matches escaped backslashes, pairs of surrogates, and other escapes of four digits, which are kept. */
const escapes = /\\(?:\\|ud[89ab]..\\ud[c-f]..|u(....))/gi
const unstorable = /^(?:0000|d[89a-f]..)$/i

/**
 * Rejects U+0000 and lone surrogates in keys and values, since PostgreSQL does not accept them. Valid UTF-8 has
 * surrogates in escapes alone. The text is checked and not its value, from which a second key removes the first.
 */
function checkEscapes(text: string): void {
  if (!text.includes('\\u')) return
  for (const [, digits = ''] of text.matchAll(escapes)) if (unstorable.test(digits)) throw invalidEncoding()
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw new AppError('too_deep', `The body is nested deeper than ${maxDepth} levels.`)
  for (const child of Object.values(value)) checkDepth(child, depth + 1)
}
