import { digitsOf } from '../../platform/text/long-numbers.ts'

/** Facts about a JSON text, for deciding how it is parsed and stored. They mean nothing for a text that is no JSON. */
export interface JsonScan {
  /** Deepest level. */
  readonly depth: number
  /** Values, or a few more: each comma and each bracket begins one at most. */
  readonly values: number
  /** Whether a number is so long, or has an exponent, that JavaScript or PostgreSQL cannot hold it as it is written. */
  readonly hasOddNumbers: boolean
}

/** Longest number that both hold as it is written. */
const maxNumberLength = 15

/** Scans a text once, without building anything; the time is linear in the text. */
export function scanJson(text: string): JsonScan {
  let [depth, deepest, values] = [0, 0, 1]
  let hasOddNumbers = false
  for (let index = 0; index < text.length; index++)
    switch (signs[text.charCodeAt(index)]) {
      case quote:
        index = endOfString(text, index)
        break
      case comma:
        values++
        break
      case open:
        values++
        deepest = Math.max(deepest, ++depth)
        break
      case close:
        depth--
        break
      case digit: {
        const end = endOfNumber(text, index)
        hasOddNumbers ||= isOddNumber(text, index, end)
        index = end - 1
      }
    }
  return { depth: deepest, values, hasOddNumbers }
}

/**
 * Returns the text with odd numbers as both can hold them: long integers as strings of their digits, others as
 * JavaScript writes them. What is no number of JSON stays.
 */
export function rewriteNumbers(text: string): string {
  const pieces: string[] = []
  let written = 0
  for (let index = 0; index < text.length; index++) {
    const sign = signs[text.charCodeAt(index)]
    if (sign === quote) index = endOfString(text, index)
    if (sign !== digit) continue
    const end = endOfNumber(text, index)
    if (isOddNumber(text, index, end)) {
      pieces.push(text.slice(written, index), rewriteNumber(text.slice(index, end)))
      written = end
    }
    index = end - 1
  }
  return pieces.join('') + text.slice(written)
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function rewriteNumber(number: string): string {
  if (!jsonNumber.test(number)) return number
  const digits = digitsOf(number)
  return digits === undefined ? JSON.stringify(Number(number)) : `"${digits}"`
}

/**
 * Returns the first values of a JSON text as a whole JSON text: it is cut before a comma or a bracket, for which null
 * stands, and the brackets that are open there are closed. Returns the text itself when it has no more values.
 */
export function firstValues(text: string, most: number): string {
  const closing: string[] = []
  let values = 1
  for (let index = 0; index < text.length; index++)
    switch (signs[text.charCodeAt(index)]) {
      case quote:
        index = endOfString(text, index)
        break
      case open:
        if (++values > most) return `${text.slice(0, index)}null${closing.reverse().join('')}`
        closing.push(text.charAt(index) === '{' ? '}' : ']')
        break
      case close:
        closing.pop()
        break
      case comma:
        if (++values > most) return text.slice(0, index) + closing.reverse().join('')
    }
  return text
}

/** Places of some items of a list in its text. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Index of the first item, and number of items. */
  readonly first: number
  readonly items: number
  /** Values, counted as `scanJson` counts them. */
  readonly values: number
}

/** Number of items with a span of their own, and number of the others that share one. */
interface SpanLimits {
  readonly singles: number
  readonly group: number
}

/** Returns where each of the first items of a JSON list stands, and the others in groups. */
export function itemSpans(text: string, limits: SpanLimits): Span[] {
  const start = text.indexOf('[') + 1
  const spans = new Spans(start, limits)
  let depth = 0
  for (let index = start; index < text.length && depth >= 0; index++)
    switch (signs[text.charCodeAt(index)]) {
      case quote:
        index = endOfString(text, index)
        break
      case open:
        depth++
        spans.values++
        break
      case close:
        if (--depth < 0) spans.endAll(index)
        break
      case comma:
        if (depth === 0) spans.endItem(index)
        else spans.values++
    }
  return spans.ended
}

class Spans {
  readonly ended: Span[] = []
  readonly #limits: SpanLimits
  /** Values of the span that is open. */
  values = 1
  #start: number
  #first = 0
  #item = 0

  constructor(start: number, limits: SpanLimits) {
    this.#start = start
    this.#limits = limits
  }

  endItem(end: number): void {
    this.values++
    this.#item++
    if (this.#item <= this.#limits.singles || this.#item - this.#first === this.#limits.group) this.#push(end)
  }

  endAll(end: number): void {
    this.#item++
    this.#push(end)
  }

  #push(end: number): void {
    const items = this.#item - this.#first
    this.ended.push({ start: this.#start, end, first: this.#first, items, values: this.values })
    this.#start = end + 1
    this.#first = this.#item
    this.values = 1
  }
}

/** Returns the index of the quote that closes a string. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  for (const near = index + nearBy; index < near; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x22) return index
    if (code === 0x5c) index++
  }
  return endOfLongString(text, index)
}

/** Characters that are read one by one: a search has to be begun, and most strings are shorter. */
const nearBy = 24

/** A search looks at many characters at once. An odd number of backslashes before a quote escapes it. */
function endOfLongString(text: string, start: number): number {
  for (let from = start; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return text.length
    let first = quote
    while (first > from && text.charCodeAt(first - 1) === 0x5c) first--
    if ((quote - first) % 2 === 0) return quote
    from = quote + 1
  }
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1
  while (isInNumber(text.charCodeAt(end))) end++
  return end
}

/** Digits, signs, the dot, and E. */
function isInNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46 || code === 43 || code === 45 || isExponent(code)
}

function isOddNumber(text: string, start: number, end: number): boolean {
  if (end - start > maxNumberLength) return true
  for (let index = start + 1; index < end; index++) if (isExponent(text.charCodeAt(index))) return true
  return false
}

function isExponent(code: number): boolean {
  return code === 69 || code === 101
}

const [quote, comma, open, close, digit] = [1, 2, 3, 4, 5]
const signs = new Uint8Array(0x1_00_00)
for (const [text, sign] of [
  ['"', quote],
  [',', comma],
  ['{[', open],
  ['}]', close],
  ['-0123456789', digit],
] as const)
  for (const character of text) signs[character.charCodeAt(0)] = sign
