import type { PathPart } from '../mapping/path.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import { isBlank, textOf } from '../value-text.ts'
import type { Finding, Standing } from './finding.ts'
import { joinedLabel, type Label, labelOf } from './label.ts'
import { isListedOption, isOption, isPair, pairOf } from './pairs.ts'
import { isTrackingBlock, isWrapper, standingWithin } from './places.ts'

/** Place of an object in the payload. */
interface Place {
  readonly parts: readonly PathPart[]
  /** Names of the objects around, and indexes of lists of objects. */
  readonly names: readonly string[]
  readonly standing: Standing
  /** Name of the object, and the names that begin the metadata keys within it. */
  readonly parent?: Label
  readonly keyPrefix: string
}

const top: Place = { parts: [], names: [], standing: 'plain', keyPrefix: '' }

/** Names of a value that say nothing without their parent: `phone.full`. */
const valueNames = new Set(['value', 'values', 'full', 'raw', 'raw_value', 'formatted', 'address', 'text', 'number'])

/** Returns the values of a payload of unknown shape, each with the names around it. The body is a bounded one. */
export function flatten(body: JsonObject): Finding[] {
  const findings: Finding[] = []
  visitObject(body, top, findings)
  return findings
}

/** Adds the values of an object that stands as `parent.key` does; a kind's answer may hold one. */
export function flattenValue(value: JsonValue, label: string, parts: readonly PathPart[]): Finding[] {
  const findings: Finding[] = []
  visitValue(value, label, parts, top, findings)
  return findings
}

function visitObject(object: JsonObject, place: Place, findings: Finding[]): void {
  for (const [key, value] of Object.entries(object)) visitValue(value, key, [...place.parts, key], place, findings)
}

function visitValue(
  value: JsonValue,
  key: string,
  parts: readonly PathPart[],
  place: Place,
  findings: Finding[],
): void {
  if (value === null || value === '') return
  if (typeof value !== 'object') findings.push(leaf(value, key, parts, place))
  else if (isJsonObject(value)) visitNested(value, key, parts, place, findings)
  else visitList(value, key, parts, place, findings)
}

function visitNested(
  object: JsonObject,
  key: string,
  parts: readonly PathPart[],
  place: Place,
  findings: Finding[],
): void {
  if (isOption(object)) findings.push(leaf(textOf(object), key, parts, place))
  else if (isPair(object)) visitPair(object, [key], parts, place, findings)
  else visitObject(object, placeWithin(place, parts, key, object), findings)
}

function visitList(
  list: readonly JsonValue[],
  key: string,
  parts: readonly PathPart[],
  place: Place,
  findings: Finding[],
): void {
  if (isBlank(list)) return
  if (!list.some((item) => typeof item === 'object' && item !== null)) {
    findings.push(leaf(list, key, parts, place))
    return
  }
  if (list.every((item) => isJsonObject(item) && isListedOption(item))) {
    findings.push(leaf(list.map(textOf), key, parts, place))
    return
  }
  for (const [index, item] of list.entries()) visitItem(item, key, [...parts, index], place, findings)
}

function visitItem(item: JsonValue, key: string, parts: readonly PathPart[], place: Place, findings: Finding[]): void {
  if (!isJsonObject(item)) {
    visitValue(item, key, parts, place, findings)
    return
  }
  const within = placeWithin(place, parts, key, item)
  if (isPair(item)) visitPair(item, namesOfList(key), parts, within, findings)
  // Items of one entry, such as [{"Email": …}, {"Name": …}], are answers of one person.
  else if (Object.keys(item).length === 1) visitObject(item, within, findings)
  else visitObject(item, { ...within, names: [...within.names, String(parts.at(-1))] }, findings)
}

/** A list named `emails` names its items, whatever their own label is, such as `work`. */
function namesOfList(key: string): string[] {
  const { field } = labelOf(key)
  return field === 'email' || field === 'phone' ? [key] : []
}

function visitPair(
  object: JsonObject,
  outerNames: readonly string[],
  parts: readonly PathPart[],
  place: Place,
  findings: Finding[],
): void {
  const { label, valueKey, value } = pairOf(object)
  const labels = [...(label === undefined ? [] : [label]), ...outerNames]
  const [keyText = valueKey] = labels
  if (isBlank(value)) return
  const valueParts = [...parts, valueKey]
  if (isJsonObject(value)) {
    for (const [key, child] of Object.entries(value))
      visitValue(child, `${keyText} ${key}`, [...valueParts, key], place, findings)
    return
  }
  const { names: container, standing } = place
  const named = labels.length > 0 ? labels : [valueKey]
  findings.push({ place: valueParts, labels: named.map(labelOf), keyText, value: scalars(value), container, standing })
}

function scalars(value: JsonValue): JsonValue {
  return Array.isArray(value) && value.some((item) => typeof item === 'object') ? value.map(textOf) : value
}

function placeWithin(place: Place, parts: readonly PathPart[], key: string, object: JsonObject): Place {
  const label = labelOf(key)
  const names = label.field === 'email' ? place.names : [...place.names, key]
  const keyPrefix = isWrapper(label) ? place.keyPrefix : `${place.keyPrefix}${key} `
  return { parts, names, standing: standingWithin(place.standing, label, object), parent: label, keyPrefix }
}

function leaf(value: JsonValue, key: string, parts: readonly PathPart[], place: Place): Finding {
  const { names: container, standing, parent, keyPrefix } = place
  return { place: parts, labels: labelsOf(key, parent), keyText: `${keyPrefix}${key}`, value, container, standing }
}

function labelsOf(name: string, parent: Label | undefined): Label[] {
  const key = labelOf(lastPart(name))
  if (parent === undefined || parent.text === name || isWrapper(parent)) return [key]
  const tracked = isTrackingBlock(parent) ? [labelOf(`utm ${key.text === 'name' ? 'campaign' : key.text}`)] : []
  return [...tracked, joinedLabel(parent, key), valueNames.has(key.text) ? parent : key]
}

/** Returns what a flattened name ends with: Zapier writes `data__company` for `data.company`. */
function lastPart(name: string): string {
  const start = name.lastIndexOf('__')
  return start > 0 && start + 2 < name.length ? name.slice(start + 2) : name
}
