import { isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import type { Answer, AnswerField } from './kind.ts'

/** Name of a key or index of a list. */
export type PathPart = string | number

/** Deepest level that is read. The decoder cuts payloads at the same depth. */
const maxDepth = 16

/** Names that say nothing without the name of their parent: `company.name`, `utm.source`. */
const vagueNames = new Set(
  'name first last full value source medium campaign term content id type title text label'.split(' '),
)

/** Objects whose names and addresses belong to the form, the page or the account. */
const toolObjects = new Set('form page site account owner organizer organiser host assignee workspace'.split(' '))

/** Returns a path as a mapping writes it: `pathOf('answers', 0, 'a.b')` is `answers[0]["a.b"]`. */
export function pathOf(...parts: readonly PathPart[]): string {
  let path = ''
  for (const part of parts) {
    if (typeof part === 'number') path += `[${part}]`
    else if (needsQuotes(part)) path += `[${JSON.stringify(part)}]`
    else path += path === '' ? part : `.${part}`
  }
  return path
}

function needsQuotes(name: string): boolean {
  return name === '' || name !== name.trim() || /[.[\]|"\\]/.test(name)
}

/** Returns the value at a path, or undefined. It reads own properties only. */
export function valueAt(value: JsonValue | undefined, ...parts: readonly PathPart[]): JsonValue | undefined {
  let found = value
  for (const part of parts) {
    if (typeof part === 'number') found = Array.isArray(found) ? found[part] : undefined
    else found = isJsonObject(found) && Object.hasOwn(found, part) ? found[part] : undefined
  }
  return found
}

export function objectAt(value: JsonValue | undefined, ...parts: readonly PathPart[]): JsonObject | undefined {
  const found = valueAt(value, ...parts)
  return isJsonObject(found) ? found : undefined
}

/** Returns the list at a path, and an empty one where there is none. */
export function listAt(value: JsonValue | undefined, ...parts: readonly PathPart[]): readonly JsonValue[] {
  const found = valueAt(value, ...parts)
  return Array.isArray(found) ? found : []
}

/** Returns the text or number at a path as trimmed text; undefined when it is blank or has another type. */
export function textAt(value: JsonValue | undefined, ...parts: readonly PathPart[]): string | undefined {
  const found = valueAt(value, ...parts)
  if (typeof found === 'number') return String(found)
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined
}

/** Returns whether a value says nothing: null, blank text, an empty list or object. */
export function isBlank(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  if (typeof value !== 'object') return false
  return Object.keys(value).length === 0
}

/**
 * Returns one answer, or none when its value is blank. Without a label it is the path's last name.
 * An answer about the form, the page or its owner is metadata unless a field is given.
 */
export function answerOf(
  parts: readonly PathPart[],
  label: string | undefined,
  value: JsonValue | undefined,
  field?: AnswerField,
): Answer[] {
  if (value === undefined || isBlank(value)) return []
  const name = label ?? lastName(parts)
  const answer = { path: pathOf(...parts), label: name, value }
  const assigned = field ?? (isAboutTool(name) ? 'metadata' : undefined)
  return [assigned === undefined ? answer : { ...answer, field: assigned }]
}

/** Returns whether a key names the form, the page or its owner, such as `form_name` or `Admin e-mail`. */
function isAboutTool(name: string): boolean {
  if (name.length > 60) return false
  return /^(form|site|page|blog|owner|admin|notification|recipient|organi[sz]er|host|agent)[ _.-]?(e-?mail|mail|name|title|id|url|address)[ _-]?(address)?$/i.test(
    name.trim(),
  )
}

function lastName(parts: readonly PathPart[]): string {
  return parts.findLast((part) => typeof part === 'string') ?? ''
}

/** Returns the field that a table assigns to a tool's own type or name. */
export function assignedField(
  fields: Readonly<Record<string, AnswerField>>,
  name: string | undefined,
): AnswerField | undefined {
  return name !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** How the entries of an object are read. All names are compared exactly. */
export interface EntryRules {
  /** Keys of this level that are no answers, such as the form's name. */
  readonly except?: ReadonlySet<string>
  /** Fields that the tool itself assigns to keys of this level. */
  readonly fields?: Readonly<Record<string, AnswerField>>
}

/**
 * Returns an answer for each entry of an object. Its nested objects are flattened; lists of texts stay one answer.
 * A nested answer is labelled with its own key, after its parent's where the key alone says nothing: `utm_source`.
 * Objects of the form, the page and its owner are metadata.
 */
export function answersOfEntries(
  object: JsonObject | undefined,
  base: readonly PathPart[],
  rules: EntryRules = {},
): Answer[] {
  if (object === undefined) return []
  return Object.entries(object)
    .filter(([key]) => rules.except?.has(key) !== true)
    .flatMap(([key, value]) => {
      return answersOfValue(value, [...base, key], key, assignedField(rules.fields ?? {}, key))
    })
}

/** Returns the answers of one entry of an object, as `answersOfEntries` does. */
export function answersOfEntry(base: readonly PathPart[], key: string, value: JsonValue): Answer[] {
  return answersOfValue(value, [...base, key], key)
}

function answersOfValue(value: JsonValue, parts: readonly PathPart[], label: string, field?: AnswerField): Answer[] {
  if (parts.length > maxDepth) return []
  if (isJsonObject(value)) {
    const assigned = field ?? (toolObjects.has(label) ? 'metadata' : undefined)
    return Object.entries(value).flatMap(([key, child]) =>
      answersOfValue(child, [...parts, key], vagueNames.has(key) ? `${label}_${key}` : key, assigned),
    )
  }
  if (!Array.isArray(value) || !value.some(isJsonObject)) return answerOf(parts, label, value, field)
  return value.flatMap((item, index) => answersOfValue(item, [...parts, index], label, field))
}

/** Names under which the items of a list of pairs hold question and answer; the first that is not blank counts. */
export interface PairNames {
  readonly label: readonly string[]
  readonly value: readonly string[]
}

/** Returns an answer for each `{label, value}` of a list. `fieldOf` returns the field that the tool's type assigns. */
export function answersOfPairs(
  list: readonly JsonValue[],
  base: readonly PathPart[],
  names: PairNames,
  fieldOf?: (item: JsonObject) => AnswerField | undefined,
): Answer[] {
  return list.flatMap((item, index) => {
    if (!isJsonObject(item)) return []
    const label = firstText(item, names.label)
    const name = names.value.find((candidate) => !isBlank(valueAt(item, candidate)))
    if (label === undefined || name === undefined) return []
    return answerOf([...base, index, name], label, valueAt(item, name), fieldOf?.(item))
  })
}

/** Returns the first text under one of the names. */
export function firstText(value: JsonValue | undefined, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textAt(value, name)
    if (text !== undefined) return text
  }
  return undefined
}

/** Returns the labels of options by their ids: `[{id, text}]`. */
export function optionLabels(
  options: readonly JsonValue[],
  idNames: readonly string[],
  labelNames: readonly string[],
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  for (const option of options) {
    const id = firstText(option, idNames)
    const label = firstText(option, labelNames)
    if (id !== undefined && label !== undefined) labels.set(id, label)
  }
  return labels
}

/** Returns a value with each id of an option replaced by its label; ids without a label stay. */
export function withOptionLabels(value: JsonValue, labels: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return labels.get(value) ?? value
  return Array.isArray(value) ? value.map((item: JsonValue) => withOptionLabels(item, labels)) : value
}

/** Returns a list of one as its item, with the path of the item. Some tools wrap every value in a list. */
export function unwrapped(parts: readonly PathPart[], value: JsonValue): [readonly PathPart[], JsonValue] {
  const [first] = Array.isArray(value) ? value : []
  return Array.isArray(value) && value.length === 1 && first !== undefined ? [[...parts, 0], first] : [parts, value]
}

/** Returns the items of a list or an object, each with its index or key. */
export function itemsOf(value: JsonValue | undefined): readonly (readonly [PathPart, JsonValue])[] {
  if (Array.isArray(value)) return value.map((item: JsonValue, index: number) => [index, item] as const)
  return isJsonObject(value) ? Object.entries(value) : []
}
