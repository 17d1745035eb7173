import { mayHoldLongNumbers, parseKeepingDigits } from '../../platform/text/long-numbers.ts'
import { isJsonObject, type JsonValue } from '../payload.ts'

/** Deepest nesting that functions which call themselves, here and in PostgreSQL, are given. */
const maxDepth = 200

/** Parsed JSON. `isDeep`: it is nested so deeply that only its text can be stored. */
export interface ParsedJson {
  readonly value: JsonValue
  readonly isDeep: boolean
}

/** Parses JSON of any depth; undefined when it is none. Long integers become strings of their digits. */
export function parseJsonBody(text: string): ParsedJson | undefined {
  const isDeep = depthOf(text) > maxDepth
  try {
    // A reviver calls itself for each level. V8's parser does not.
    const keepsDigits = !isDeep && mayHoldLongNumbers(text)
    return { value: asJson(keepsDigits ? parseKeepingDigits(text) : JSON.parse(text)), isDeep }
  } catch {
    return undefined
  }
}

/** Returns the object or list in a text that looks like one; undefined for any other text. */
export function parseNested(text: string): JsonValue | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  const parsed = parseJsonBody(text)?.value
  return isJsonObject(parsed) || Array.isArray(parsed) ? parsed : undefined
}

/** The result of JSON.parse has no other types. */
function asJson(parsed: unknown): JsonValue {
  return parsed as JsonValue
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isInText = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === backslash && isInText) index++
    else if (code === quote) isInText = !isInText
    else if (isInText) continue
    else if (code === openBrace || code === openBracket) deepest = Math.max(deepest, ++depth)
    else if (code === closeBrace || code === closeBracket) depth--
  }
  return deepest
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]
