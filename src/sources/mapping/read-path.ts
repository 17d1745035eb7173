import { trimInvisible } from '../../platform/text/visible-text.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import { type PathPart, type PathStep, parsePath } from './path.ts'

/** Value of a payload and where it was found; `parts` has an index where the path has a selection. */
export interface FoundValue {
  readonly value: JsonValue
  readonly parts: readonly PathPart[]
}

/** Returns the value at a path in the mapping language; undefined where there is none or the path is invalid. */
export function readPath(path: string, body: JsonValue): JsonValue | undefined {
  const parsed = parsePath(path)
  return parsed.isValid ? findValue(parsed.steps, body)?.value : undefined
}

/** Follows the steps through own properties only. Its time grows with the steps and with the lists it selects from. */
export function findValue(steps: readonly PathStep[], body: JsonValue): FoundValue | undefined {
  let value: JsonValue = body
  const parts: PathPart[] = []
  for (const step of steps) {
    const part = partOf(step, value)
    const child = part === undefined ? undefined : childOf(value, part)
    if (part === undefined || child === undefined) return undefined
    parts.push(part)
    value = child
  }
  return { value, parts }
}

/** Returns the key or index of a step. PHP sends lists as objects of digits, so either reads the other. */
function partOf(step: PathStep, value: JsonValue): PathPart | undefined {
  if (step.kind === 'selection') return selectedPart(value, step.keys, step.value)
  if (isJsonObject(value)) return step.kind === 'name' ? step.name : String(step.index)
  if (!Array.isArray(value)) return undefined
  if (step.kind === 'index') return step.index
  return /^\d{1,9}$/.test(step.name) ? Number(step.name) : undefined
}

function childOf(value: JsonValue, part: PathPart): JsonValue | undefined {
  if (isJsonObject(value)) return Object.hasOwn(value, part) ? value[part] : undefined
  return Array.isArray(value) && typeof part === 'number' ? (value[part] as JsonValue | undefined) : undefined
}

function selectedPart(value: JsonValue, keys: readonly string[], wanted: string): PathPart | undefined {
  const matches = (item: JsonValue) => isEqualText(nestedValue(item, keys), wanted)
  if (Array.isArray(value)) {
    const index = value.findIndex(matches)
    return index < 0 ? undefined : index
  }
  return isJsonObject(value) ? keyOfMatch(value, matches) : undefined
}

function keyOfMatch(object: JsonObject, matches: (item: JsonValue) => boolean): string | undefined {
  return Object.keys(object).find((key) => {
    const item = object[key]
    return item !== undefined && matches(item)
  })
}

function nestedValue(item: JsonValue, keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = item
  for (const key of keys) value = value === undefined ? undefined : childOf(value, key)
  return value
}

function isEqualText(value: JsonValue | undefined, wanted: string): boolean {
  if (typeof value === 'string') return value === wanted || trimInvisible(value) === wanted
  return (typeof value === 'number' || typeof value === 'boolean') && String(value) === wanted
}
