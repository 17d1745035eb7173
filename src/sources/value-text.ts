import { isInvisibleText, toVisibleLine, trimInvisible } from '../platform/text/visible-text.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './payload.ts'

/** Keys under which an option, or a value with notes about it, has the text that people see. */
const textKeys = ['label', 'text', 'title', 'name', 'value', 'displayValue', 'full', 'formatted']
/** A text of more items than these is cut anyway. */
const maxItems = 1000

/** Returns whether a value says nothing: null, blank text, or a list or object of such values. */
export function isBlank(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return isInvisibleText(value)
  if (typeof value !== 'object') return false
  return (isJsonObject(value) ? Object.values(value) : value).every(isBlank)
}

/** Returns a value as text: lists joined with `, `, options by their label. Blank values are an empty text. */
export function textOf(value: JsonValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return trimInvisible(value)
  if (typeof value !== 'object') return String(value)
  if (isJsonObject(value)) return textOfObject(value, ', ')
  return joined(value, ', ')
}

/** Returns a value whose parts make one text, such as `{area, phone}`, as that text. */
export function wholeTextOf(value: JsonValue): string {
  return isJsonObject(value) ? textOfObject(value, ' ') : textOf(value)
}

/** Returns the parts of a name as one text: `{first, last}` and `[first, last]`. */
export function spacedTextOf(value: JsonValue): string {
  return Array.isArray(value) ? joined(value, ' ') : wholeTextOf(value)
}

function textOfObject(object: JsonObject, separator: string): string {
  for (const key of textKeys) {
    const text = Object.hasOwn(object, key) ? object[key] : undefined
    if ((typeof text === 'string' || typeof text === 'number') && !isBlank(text)) return textOf(text)
  }
  return joined(Object.values(object), separator)
}

function joined(values: readonly JsonValue[], separator: string): string {
  return values
    .slice(0, maxItems)
    .map(textOf)
    .filter((text) => text !== '')
    .join(separator)
}

/** Cuts a text to a number of characters, and never within one of two units of UTF-16. */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const start = text.slice(0, maxCharacters)
  if (!/[\ud800-\udfff]/.test(start)) return start
  return [...text.slice(0, 2 * maxCharacters)].slice(0, maxCharacters).join('').toWellFormed()
}

/** Returns a text as one line of at most so many characters. NFC may lengthen a text, so it is cut again after it. */
export function cutLine(text: string, maxCharacters: number): string {
  return trimInvisible(cutText(toVisibleLine(cutText(text, 2 * maxCharacters)), maxCharacters))
}
