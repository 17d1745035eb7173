/**
 * Matches sixteen digits where a number of JSON may begin: no shorter number exceeds 2^53 - 1. Most texts have none and
 * are parsed once.
 */
const longRun = /(?:^|[\s,:[])-?\d{16}/
/** Matches a number in plain notation. A number with an exponent is a measure, not an id, and stays a number. */
const plainNumber = /^-?\d+(?:\.\d+)?$/

/**
 * Returns the digits of a number that JavaScript cannot represent exactly: plain notation, beyond ±(2^53 - 1), such as
 * the ids of ads and forms. Returns undefined for every other number.
 */
export function digitsOf(source: string): string | undefined {
  return plainNumber.test(source) && Math.abs(Number(source)) > Number.MAX_SAFE_INTEGER ? source : undefined
}

/** Returns whether a JSON text may hold such a number. */
export function mayHoldLongNumbers(text: string): boolean {
  return longRun.test(text)
}

/** Parses JSON; numbers beyond ±(2^53 - 1) in plain notation become strings of their digits. @throws SyntaxError */
export function parseKeepingDigits(text: string): unknown {
  return JSON.parse(text, keepDigits)
}

/**
 * Puts quotes around such numbers in a JSON text, for a parser of another library. Returns any other text unchanged.
 */
export function quoteLongNumbers(text: string): string {
  if (!mayHoldLongNumbers(text)) return text
  let isQuoted = false
  const quote: Reviver = (_key, value, context) => {
    const digits = digitsOfValue(value, context)
    isQuoted ||= digits !== undefined
    return digits ?? value
  }
  try {
    const value: unknown = JSON.parse(text, quote)
    return isQuoted ? JSON.stringify(value) : text
  } catch {
    return text // Not JSON, or nested too deep: the parser rejects it.
  }
}

/** Reviver as in the TC39 proposal "JSON.parse source text access": `source` is the text of a primitive value. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

const keepDigits: Reviver = (_key, value, context) => digitsOfValue(value, context) ?? value

function digitsOfValue(value: unknown, context: Parameters<Reviver>[2]): string | undefined {
  return typeof value === 'number' && context?.source !== undefined ? digitsOf(context.source) : undefined
}
