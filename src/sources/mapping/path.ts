/** Name of a key or index of a list. */
export type PathPart = string | number

/** One step of a path. A selection takes the first item whose value under `keys` equals `value`. */
export type PathStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'selection'; readonly keys: readonly string[]; readonly value: string }

/** Steps of a valid path, or what is wrong with it; `character` counts from 1. */
export type ParsedPath =
  | { readonly isValid: true; readonly steps: readonly PathStep[] }
  | { readonly isValid: false; readonly character: number; readonly message: string }

/**
 * Parses a path such as `payload.email`, `answers[0].text`, `["Work e-mail (.com)"]` or
 * `questions_and_answers[question=Company].answer`. Its time grows with the length of the text.
 */
export function parsePath(text: string): ParsedPath {
  const scanner = new Scanner(text)
  try {
    return { isValid: true, steps: scanSteps(scanner) }
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error
    return { isValid: false, character: [...text.slice(0, error.offset)].length + 1, message: error.message }
  }
}

/** Writes a path; `parsePath` reads it back to the same names and indexes. */
export function formatPath(parts: readonly PathPart[]): string {
  return parts.map(formatPart).join('')
}

function formatPart(part: PathPart, nth: number): string {
  if (typeof part === 'number') return `[${part}]`
  if (part === '' || part !== part.trim() || /[.[\]|"\\]/.test(part)) return `[${JSON.stringify(part)}]`
  return nth === 0 ? part : `.${part}`
}

class PathProblem extends Error {
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** Reads a text from left to right. */
class Scanner {
  readonly text: string
  offset = 0

  constructor(text: string) {
    this.text = text
  }

  get next(): string {
    return this.text.charAt(this.offset)
  }

  get isAtEnd(): boolean {
    return this.offset >= this.text.length
  }

  skipSpaces(): void {
    while (this.next === ' ' || this.next === '\t') this.offset++
  }

  /** Skips the character, if it is the next one. */
  accept(character: string): boolean {
    if (this.next !== character) return false
    this.offset++
    return true
  }

  fail(message: string): never {
    throw new PathProblem(this.offset, message)
  }

  /** Reads a name or value up to one of the characters that end it. @throws PathProblem when it is blank */
  bare(endings: string, expected: string): string {
    this.skipSpaces()
    if (this.next === '"') this.fail('a quoted name stands in brackets: ["a.b"]')
    const start = this.offset
    while (!this.isAtEnd && !endings.includes(this.next)) this.offset++
    const name = this.text.slice(start, this.offset).trim()
    if (name === '') this.fail(`${expected} is expected`)
    return name
  }

  /** Reads a text in double quotes, with the escapes of JSON. */
  quoted(): string {
    const start = this.offset++
    while (!this.isAtEnd && this.next !== '"') this.offset += this.next === '\\' ? 2 : 1
    if (!this.accept('"')) this.fail('the closing quote is missing')
    const value = parseQuoted(this.text.slice(start, this.offset))
    if (value === undefined) throw new PathProblem(start, 'a quoted name has the escapes of JSON only')
    return value
  }
}

function parseQuoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined // The caller names the position.
  }
}

function scanSteps(scanner: Scanner): PathStep[] {
  const steps: PathStep[] = []
  scanner.skipSpaces()
  if (scanner.next !== '[') steps.push(scanName(scanner))
  for (scanner.skipSpaces(); !scanner.isAtEnd; scanner.skipSpaces()) {
    if (scanner.accept('.')) steps.push(scanName(scanner))
    else if (scanner.accept('[')) steps.push(scanBracket(scanner))
    else if (']|'.includes(scanner.next)) scanner.fail(`"${scanner.next}" must be quoted: ["a${scanner.next}b"]`)
    else scanner.fail('"." or "[" is expected')
  }
  return steps
}

function scanName(scanner: Scanner): PathStep {
  return { kind: 'name', name: scanner.bare('.[]|', 'a name') }
}

/** Scans the inside of brackets, and the closing one. */
function scanBracket(scanner: Scanner): PathStep {
  scanner.skipSpaces()
  const isQuoted = scanner.next === '"'
  const keys = scanKeys(scanner)
  const [key = ''] = keys
  if (scanner.accept('=')) return scanSelection(scanner, keys)
  if (keys.length > 1 || !(isQuoted || /^\d{1,9}$/.test(key)))
    scanner.fail('an index, a quoted name or a selection like question=Company is expected')
  scanClosing(scanner)
  return isQuoted ? { kind: 'name', name: key } : { kind: 'index', index: Number(key) }
}

/** Scans the key of a selection: a name, or names with dots for a nested value, such as `field.ref`. */
function scanKeys(scanner: Scanner): string[] {
  const keys: string[] = []
  do {
    scanner.skipSpaces()
    const isQuoted = scanner.next === '"'
    keys.push(isQuoted ? scanner.quoted() : scanner.bare('.[]|=', 'an index, a quoted name or a selection'))
    scanner.skipSpaces()
  } while (scanner.accept('.'))
  return keys
}

function scanSelection(scanner: Scanner, keys: readonly string[]): PathStep {
  scanner.skipSpaces()
  const value = scanner.next === '"' ? scanner.quoted() : scanner.bare('.[]|=', 'a value after "="')
  scanner.skipSpaces()
  if (!scanner.isAtEnd && scanner.next !== ']') scanner.fail(`"${scanner.next}" must be quoted: [question="a=b"]`)
  scanClosing(scanner)
  return { kind: 'selection', keys, value }
}

function scanClosing(scanner: Scanner): void {
  scanner.skipSpaces()
  if (!scanner.accept(']')) scanner.fail('"]" is expected')
}
