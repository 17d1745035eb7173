import { isObject } from '../contacts/field-checks.ts'
import { AppError } from '../errors.ts'
import { mayHoldLongNumbers, parseKeepingDigits } from '../long-numbers.ts'
import { decodeUtf8, invalidEncoding } from '../utf8.ts'

const maxDepth = 16

/** The JSON value of a body. @throws AppError `invalid_encoding`, `invalid_json`, `too_deep` */
export function parseJson(bytes: Uint8Array): unknown {
  return parseText(decodeUtf8(bytes))
}

/** A number in one of these fields is refused whatever its size. */
const textFields = new Set(['email', 'first_name', 'last_name', 'source'])

/**
 * The JSON value of a lead: integers beyond 2^53 are strings of their digits, but not in fields that take no number.
 * @throws AppError `invalid_encoding`, `invalid_json`, `too_deep`
 */
export function parseLead(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  const plain = parseText(text)
  if (!mayHoldLongNumbers(text)) return plain
  // Only now that the depth is known: with a reviver, a deep body overflows the stack.
  const kept = parseKeepingDigits(text)
  if (!isObject(plain) || !isObject(kept)) return kept
  for (const [key, value] of Object.entries(plain))
    if (typeof value === 'number' && (textFields.has(key) || key.startsWith('_'))) kept[key] = value
  return kept
}

function parseText(text: string): unknown {
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

/** PostgreSQL takes neither U+0000 nor lone surrogates: they are refused here, in keys and in values. */
function checkValue(value: unknown, depth: number): void {
  if (typeof value === 'string') checkText(value)
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw new AppError('too_deep', `The body is nested deeper than ${maxDepth} levels.`)
  for (const [key, child] of Object.entries(value)) {
    checkText(key)
    checkValue(child, depth + 1)
  }
}

/** @throws AppError `invalid_encoding` */
export function checkText(text: string): void {
  if (!text.isWellFormed() || text.includes('\u0000')) throw invalidEncoding()
}
