import type { PathPart } from '../mapping/path.ts'
import { entriesOf, isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import { isBlank, textOf } from '../value-text.ts'
import type { Finding, Standing } from './finding.ts'
import { joinedLabel, type Label, labelOf } from './label.ts'
import { NameBudget } from './name-budget.ts'
import { isListedOption, isOption, isPair, pairOf } from './pairs.ts'
import { Place } from './values/place.ts'
import { isTrackingBlock, isWrapper, standingWithin } from './values/places.ts'

/** Values that are kept, in the order of the payload. */
class Findings {
  readonly kept: Finding[] = []
  readonly #budget = new NameBudget()

  add(value: JsonValue, name: string, build: () => Finding): void {
    if (this.#budget.takes(name, value)) this.kept.push(build())
  }
}

/** Names of a value that say nothing without their parent: `phone.full`. */
const valueNames = new Set(['value', 'values', 'full', 'raw', 'raw_value', 'formatted', 'address', 'text', 'number'])

/** Returns the values of a payload of unknown shape, each with the names around it. The body is a bounded one. */
export function flatten(body: JsonObject): Finding[] {
  const findings = new Findings()
  visitObject(body, [], new Place(undefined, '', body), findings)
  return findings.kept
}

/** Adds the values of an object that stands as `parent.key` does; a kind's answer may hold one. */
export function flattenValue(value: JsonValue, label: string, parts: readonly PathPart[]): Finding[] {
  const findings = new Findings()
  visitValue(value, label, parts, new Place(undefined, '', {}), findings)
  return findings.kept
}

function visitObject(object: JsonObject, parts: readonly PathPart[], place: Place, findings: Findings): void {
  for (const [key, value] of parts.length === 0 ? entriesOf(object) : Object.entries(object))
    visitValue(value, key, [...parts, key], place, findings)
}

function visitValue(value: JsonValue, key: string, parts: readonly PathPart[], place: Place, findings: Findings): void {
  if (value === null || value === '') return
  if (typeof value !== 'object') findings.add(value, key, () => leaf(value, key, parts, place))
  else if (isJsonObject(value)) visitNested(value, key, parts, place, findings)
  else visitList(value, key, parts, place, findings)
}

function visitNested(
  object: JsonObject,
  key: string,
  parts: readonly PathPart[],
  place: Place,
  findings: Findings,
): void {
  if (isOption(object)) {
    const option = textOf(object)
    findings.add(option, key, () => leaf(option, key, parts, place))
  } else if (isPair(object)) visitPair(object, [key], parts, place, findings)
  else visitObject(object, parts, new Place(place, key, object), findings)
}

function visitList(
  list: readonly JsonValue[],
  key: string,
  parts: readonly PathPart[],
  place: Place,
  findings: Findings,
): void {
  if (isBlank(list)) return
  if (!list.some((item) => typeof item === 'object' && item !== null)) {
    findings.add(list, key, () => leaf(list, key, parts, place))
    return
  }
  if (list.every((item) => isJsonObject(item) && isListedOption(item))) {
    const texts = list.map(textOf)
    findings.add(texts, key, () => leaf(texts, key, parts, place))
    return
  }
  for (const [index, item] of list.entries()) visitItem(item, key, [...parts, index], place, findings)
}

function visitItem(item: JsonValue, key: string, parts: readonly PathPart[], place: Place, findings: Findings): void {
  if (!isJsonObject(item)) {
    visitValue(item, key, parts, place, findings)
    return
  }
  if (isPair(item)) visitPair(item, namesOfList(key), parts, new Place(place, key, item), findings)
  // Items of one entry, such as [{"Email": …}, {"Name": …}], are answers of one person.
  else if (Object.keys(item).length === 1) visitObject(item, parts, new Place(place, key, item), findings)
  else visitObject(item, parts, new Place(place, key, item, String(parts.at(-1))), findings)
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
  findings: Findings,
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
  const named = labels.length > 0 ? labels : [valueKey]
  const answer = scalars(value)
  findings.add(answer, keyText, () => {
    const { names: container, standing } = place
    return { place: valueParts, labels: named.map(labelOf), keyText, value: answer, container, standing }
  })
}

function scalars(value: JsonValue): JsonValue {
  return Array.isArray(value) && value.some((item) => typeof item === 'object') ? value.map(textOf) : value
}

function leaf(value: JsonValue, key: string, parts: readonly PathPart[], place: Place): Finding {
  const { names: container, parent, keyPrefix } = place
  const standing = standingOf(key, place)
  return { place: parts, labels: labelsOf(key, parent), keyText: `${keyPrefix}${key}`, value, container, standing }
}

function labelsOf(name: string, parent: Label | undefined): Label[] {
  const key = labelOf(lastPart(name))
  if (parent === undefined || parent.text === name || isWrapper(parent)) return [key]
  const tracked = isTrackingBlock(parent) ? [labelOf(`utm ${key.text === 'name' ? 'campaign' : key.text}`)] : []
  return [...tracked, joinedLabel(parent, key), valueNames.has(key.text) ? parent : key]
}

/** A flattened name has the objects around in it: `data__owner__email` is the owner's. */
function standingOf(name: string, { standing }: Place): Standing {
  const end = name.length - lastPart(name).length
  return end === 0 ? standing : standingWithin(standing, labelOf(name.slice(0, end)), {})
}

/** Returns what a flattened name ends with: Zapier writes `data__company` for `data.company`. */
function lastPart(name: string): string {
  const start = name.lastIndexOf('__')
  return start > 0 && start + 2 < name.length ? name.slice(start + 2) : name
}
