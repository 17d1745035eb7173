import { forbiddenKeys, metadataKeyPattern } from '../../contacts/field-checks.ts'
import { type FieldProblem, invalidRequest } from '../../platform/errors.ts'
import { checkText } from '../../platform/text/storable-text.ts'
import { decodeUtf8, invalidEncoding } from '../../platform/text/utf8.ts'
import { knownKeys } from './input.ts'

/** What a form posts: names and values in their order, a name as often as it was sent. */
type FormEntries = readonly (readonly [name: string, value: string])[]

/**
 * The value of an `application/x-www-form-urlencoded` body, in the shape of a JSON one.
 * @throws AppError `invalid_encoding`, also for a broken percent escape; `invalid_request` for a field given twice
 */
export function parseUrlencoded(bytes: Uint8Array): Record<string, unknown> {
  const pairs = decodeUtf8(bytes)
    .split('&')
    .filter((pair) => pair !== '')
  return formValue(pairs.map(readPair))
}

function readPair(pair: string): [name: string, value: string] {
  const [name = '', ...rest] = pair.split('=')
  return [unescapePercents(name), unescapePercents(rest.join('='))]
}

/** Strict where URLSearchParams is not: it takes broken escapes as they stand and puts U+FFFD for broken UTF-8. */
function unescapePercents(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidEncoding('Percent escapes must be two hexadecimal digits and stand for UTF-8.')
  }
}

/**
 * The shape of a JSON body from what a form posted: `metadata[utm_source]` becomes a key of `metadata`.
 * @throws AppError `invalid_encoding`, `invalid_request` for a field given twice
 */
export function formValue(entries: FormEntries): Record<string, unknown> {
  const fields = new Map<string, unknown>()
  const metadata = new Map<string, string>()
  const twice = new Map<string, FieldProblem>()
  for (const [sent, value] of entries) {
    checkText(sent)
    checkText(value)
    const { name, target } = placeOf(sent, { fields, metadata })
    if (target.has(name)) {
      const path = pathOf(name, target === metadata)
      twice.set(path, { path, message: 'may be given once' })
    }
    target.set(name, value)
  }
  if (twice.size > 0) throw invalidRequest([...twice.values()])
  // A plain `metadata` beside it stays, and is refused as the text that it is.
  if (metadata.size > 0 && !fields.has('metadata')) fields.set('metadata', Object.fromEntries(metadata))
  return Object.fromEntries(fields)
}

interface AttemptSlots {
  readonly fields: Map<string, unknown>
  readonly metadata: Map<string, string>
}

/** One pair of brackets after `metadata` is all that has a meaning; what is nested deeper is a name that nobody knows. */
function placeOf(sent: string, { fields, metadata }: AttemptSlots): { name: string; target: Map<string, unknown> } {
  const key = /^metadata\[([^[\]]*)\]$/.exec(sent)?.[1]
  if (key !== undefined) return { name: key, target: metadata }
  const head = sent.split('[', 1)[0] ?? ''
  // `__proto__[admin]` would pass for a control field by its underscore.
  return { name: forbiddenKeys.has(head) ? head : sent, target: fields }
}

/** Where a field ends up in the body; nothing of a name that is no valid key. */
function pathOf(name: string, isMetadata: boolean): string {
  if (!isMetadata && knownKeys.has(name)) return name
  return metadataKeyPattern.test(name) ? `metadata.${name}` : ''
}
