import { forbiddenKeys, metadataKeyPattern } from '../../contacts/field-checks.ts'
import { type FieldProblem, invalidRequest } from '../../platform/errors.ts'
import { checkText } from '../../platform/text/storable-text.ts'
import { decodeUtf8, invalidEncoding } from '../../platform/text/utf8.ts'
import { knownKeys } from './input.ts'

/** Names and values of a posted form, in order; a name occurs as often as it was sent. */
type FormEntries = readonly (readonly [name: string, value: string])[]

/**
 * Parses an `application/x-www-form-urlencoded` body into the shape of a JSON one.
 * @throws AppError `invalid_encoding`, also for a broken percent escape; `invalid_request` for a field given twice
 */
export function parseUrlencoded(bytes: Uint8Array): Record<string, unknown> {
  const pairs = decodeUtf8(bytes)
    .split('&')
    .filter((pair) => pair !== '')
  return parseFormEntries(pairs.map(readPair))
}

function readPair(pair: string): [name: string, value: string] {
  const [name = '', ...rest] = pair.split('=')
  return [unescapePercents(name), unescapePercents(rest.join('='))]
}

/** Decodes strictly, unlike URLSearchParams, which accepts broken escapes and replaces broken UTF-8 by U+FFFD. */
function unescapePercents(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidEncoding('Percent escapes must be two hexadecimal digits and stand for UTF-8.')
  }
}

/**
 * Converts posted form entries to the shape of a JSON body: `metadata[utm_source]` becomes a key of `metadata`.
 * @throws AppError `invalid_encoding`, `invalid_request` for a field given twice
 */
export function parseFormEntries(entries: FormEntries): Record<string, unknown> {
  const fields = new Map<string, unknown>()
  const metadata = new Map<string, string>()
  const repeated = new Map<string, FieldProblem>()
  for (const [sent, value] of entries) {
    checkText(sent)
    checkText(value)
    const { name, target } = targetOf(sent, { fields, metadata })
    if (target.has(name)) {
      const path = pathOf(name, target === metadata)
      repeated.set(path, { path, message: 'may be given once' })
    }
    target.set(name, value)
  }
  if (repeated.size > 0) throw invalidRequest([...repeated.values()])
  // A plain `metadata` field beside the keys stays in the result; the parser rejects it as text.
  if (metadata.size > 0 && !fields.has('metadata')) fields.set('metadata', Object.fromEntries(metadata))
  return Object.fromEntries(fields)
}

interface FormTargets {
  readonly fields: Map<string, unknown>
  readonly metadata: Map<string, string>
}

/**
 * Returns where an entry is stored. Only one pair of brackets after `metadata` has a meaning; a deeper name is an
 * unknown field.
 */
function targetOf(sent: string, { fields, metadata }: FormTargets): { name: string; target: Map<string, unknown> } {
  const key = /^metadata\[([^[\]]*)\]$/.exec(sent)?.[1]
  if (key !== undefined) return { name: key, target: metadata }
  const head = sent.split('[', 1)[0] ?? ''
  // `__proto__[admin]` begins with an underscore and would otherwise be accepted as a control field.
  return { name: forbiddenKeys.has(head) ? head : sent, target: fields }
}

/** Returns the path of a field in the body; empty for a name that is no valid key. */
function pathOf(name: string, isMetadata: boolean): string {
  if (!isMetadata && knownKeys.has(name)) return name
  return metadataKeyPattern.test(name) ? `metadata.${name}` : ''
}
