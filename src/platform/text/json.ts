import { AppError } from '../errors.ts'
import { checkText } from './storable-text.ts'
import { decodeUtf8, invalidEncoding } from './utf8.ts'

const maxDepth = 16

/** Returns the JSON value of a body. @throws AppError `invalid_encoding`, `invalid_json`, `too_deep` */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(decodeUtf8(bytes))
}

/** Returns the JSON value of a text. @throws AppError `invalid_encoding`, `invalid_json`, `too_deep` */
export function parseJsonText(text: string): unknown {
  const value = parse(text)
  checkValue(value, 1)
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

/** Rejects U+0000 and lone surrogates in keys and values, since PostgreSQL does not accept them. */
function checkValue(value: unknown, depth: number): void {
  if (typeof value === 'string') checkText(value)
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw new AppError('too_deep', `The body is nested deeper than ${maxDepth} levels.`)
  for (const [key, child] of Object.entries(value)) {
    checkText(key)
    checkValue(child, depth + 1)
  }
}
