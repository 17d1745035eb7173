import { forbiddenKeys } from '../../contacts/metadata-keys.ts'
import { invalidRequest } from '../../platform/errors.ts'
import { toStoredEmail } from '../../platform/text/email.ts'
import { checkText } from '../../platform/text/storable-text.ts'
import { decodeUtf8, invalidEncoding } from '../../platform/text/utf8.ts'
import { isInvisibleText, toVisibleLine } from '../../platform/text/visible-text.ts'
import { isControl, isDroppedToken } from './dropped-fields.ts'
import { placeOf } from './posted-fields.ts'

/** Names and values of a posted form, in order; a name occurs as often as it was sent. */
type FormEntries = readonly (readonly [name: string, value: string])[]

/** Form in the shape of a JSON body. */
export interface PostedForm {
  readonly fields: Record<string, unknown>
  /** Places of its fields in the order in which they came, as `placeOf` returns them. */
  readonly places: readonly string[]
}

/**
 * Parses an `application/x-www-form-urlencoded` body into the shape of a JSON one.
 * @throws AppError `invalid_encoding`, also for a broken percent escape; `invalid_request` for a field given twice
 */
export function parseUrlencoded(bytes: Uint8Array): PostedForm {
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

/** Fields that have one value, beside those that begin with an underscore. */
const singleFields = new Set(['email', 'first_name', 'last_name', 'source'])

/**
 * Converts posted form entries to the shape of a JSON body: `metadata[utm_source]` becomes a key of `metadata`, and a name
 * that occurs several times has a list.
 * @throws AppError `invalid_encoding`; `invalid_request` for a field with one value that was given two
 */
export function parseFormEntries(entries: FormEntries): PostedForm {
  const fields: FormFields = new Map()
  const metadata: FormFields = new Map()
  const repeated = new Set<string>()
  const places: string[] = []
  for (const [sent, value] of entries) {
    checkText(sent)
    checkText(value)
    const key = keyOfMetadata(sent)
    places.push(placeOf({ name: key ?? sent, isGiven: key !== undefined }))
    if (key !== undefined) addToList(metadata, key, value)
    else if (!isSingle(sent)) addToList(fields, nameOf(sent), value)
    else if (!setOnce(fields, sent, value)) repeated.add(singleFields.has(sent) ? sent : '')
  }
  if (repeated.size > 0) throw invalidRequest([...repeated].map((path) => ({ path, message: 'may be given once' })))
  // A plain `metadata` field beside the keys stays in the result; the parser rejects it as text.
  if (metadata.size > 0 && !fields.has('metadata')) fields.set('metadata', Object.fromEntries(metadata))
  return { fields: Object.fromEntries(fields), places }
}

type FormFields = Map<string, unknown>

/** Returns the key in `metadata[key]`, with further brackets after it; undefined for another name. */
function keyOfMetadata(sent: string): string | undefined {
  const [, key, deeper = ''] = /^metadata\[([^[\]]+)\]((?:\[[^[\]]*\])*)$/.exec(sent) ?? []
  return key === undefined ? undefined : `${key}${deeper}`
}

/** `__proto__[admin]` begins with an underscore and would otherwise be accepted as a control field. */
function nameOf(sent: string): string {
  const head = sent.split('[', 1)[0] ?? ''
  return forbiddenKeys.has(head) ? head : sent
}

function isSingle(sent: string): boolean {
  return singleFields.has(sent) || (isControl(sent) && !sent.includes('[') && !isDroppedToken(sent))
}

function addToList(target: FormFields, name: string, value: string): void {
  const known = target.get(name)
  if (known === undefined) target.set(name, value)
  else if (Array.isArray(known)) known.push(value)
  else target.set(name, [known, value])
}

/** Sets a value; returns false when the field has another one. A blank one counts as none. */
function setOnce(target: FormFields, name: string, value: string): boolean {
  const known = comparedText(name, String(target.get(name) ?? ''))
  const compared = comparedText(name, value)
  if (known === '') target.set(name, value)
  return known === '' || compared === '' || known === compared
}

/** Returns a value as it would be stored; of a control field the value itself, and nothing of a blank one. */
function comparedText(name: string, value: string): string {
  if (name === 'email') return toStoredEmail(value)
  if (singleFields.has(name)) return toVisibleLine(value)
  return isInvisibleText(value) ? '' : value
}
