import { isObject } from '../../contacts/field-checks.ts'
import { parseJsonText } from '../../platform/text/json.ts'
import { mayHoldLongNumbers, parseKeepingDigits } from '../../platform/text/long-numbers.ts'
import { decodeUtf8 } from '../../platform/text/utf8.ts'

/** Fields that reject a number of any size. */
const textFields = new Set(['email', 'first_name', 'last_name', 'source'])

/**
 * Parses the JSON of a lead: integers beyond 2^53 become strings of their digits, except in fields that accept no
 * number.
 * @throws AppError `invalid_encoding`, `invalid_json`, `too_deep`
 */
export function parseLead(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  const plain = parseJsonText(text)
  if (!mayHoldLongNumbers(text)) return plain
  // Parsed again only after the depth is checked: with a reviver, a deep body overflows the stack.
  const kept = parseKeepingDigits(text)
  if (!isObject(plain) || !isObject(kept)) return kept
  for (const [key, value] of Object.entries(plain))
    if (typeof value === 'number' && (textFields.has(key) || key.startsWith('_'))) kept[key] = value
  return kept
}
