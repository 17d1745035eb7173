import { isJsonObject, type JsonValue } from '../payload.ts'
import { firstValues, itemSpans, rewriteNumbers, type Span, scanJson } from './json-scan.ts'

/** Deepest nesting that functions which call themselves, here and in PostgreSQL, are given. */
const maxDepth = 200
/** Values of a text that are built for mapping: more than are mapped, since some of them are left out there. */
const maxValues = 6000

/** Parsed body. */
export interface ParsedJson {
  readonly value: JsonValue
  /** The value, or the first values of one that has very many: what mapping reads. */
  readonly mapped: JsonValue
  /** Text that PostgreSQL reads as the same value; undefined: none, so that only the text as a text can be stored. */
  readonly json: string | undefined
  /** Whether it has more values than are read. */
  readonly isWide: boolean
  /** Places of the leads in a list that has very many values, so that none is written again. */
  readonly spans?: readonly Span[]
}

/** Leads that one list may hold. The rest is kept in payloads of so many items, which nothing is mapped from. */
export const listLimits = { singles: 1000, group: 500 }

/**
 * Parses JSON of any depth; undefined when it is none. Long integers become strings of their digits. Beside JSON.parse
 * itself, the time is that of a scan of the text, and of 6,000 values.
 */
export function parseJsonBody(text: string): ParsedJson | undefined {
  const scan = scanJson(text)
  const isDeep = scan.depth > maxDepth
  const isWide = scan.values > maxValues
  try {
    if (!isWide) {
      const json = scan.hasOddNumbers && !isDeep ? rewriteNumbers(text) : text
      const value = parse(json)
      return { value, mapped: value, isWide, json: isDeep ? undefined : json }
    }
    const value = parse(text)
    const hasJson = !(isDeep || scan.hasOddNumbers)
    const part = { value, mapped: value, isWide, json: hasJson ? text : undefined }
    const isList = Array.isArray(value) && !isDeep
    return isList ? { ...part, spans: itemSpans(text, listLimits) } : { ...part, mapped: parseFirst(text) }
  } catch {
    return undefined
  }
}

/** Returns what is mapped of an item of a list. `isExact`: its parsed value holds all numbers as they are written. */
export function mappedOfSpan(value: JsonValue, { values }: Span, text: string, isExact: boolean): JsonValue {
  return values > maxValues || !isExact ? parseFirst(text) : value
}

/** Returns the object or list in a text that looks like one, or its first values; undefined for any other text. */
export function parseNested(text: string): JsonValue | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    const parsed = parseFirst(text)
    return isJsonObject(parsed) || Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** @throws SyntaxError */
function parseFirst(text: string): JsonValue {
  const first = firstValues(text, maxValues)
  return parse(rewriteNumbers(first))
}

/** The result of JSON.parse has no other types. @throws SyntaxError */
function parse(text: string): JsonValue {
  return JSON.parse(text) as JsonValue
}
