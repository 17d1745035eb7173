import { trimInvisible } from '../../platform/text/visible-text.ts'
import { isJsonObject, type JsonValue } from '../payload.ts'
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

/**
 * Follows the steps through own properties only. Selections with one `Selections` share what they look up and the number
 * of items that they may visit; after that they find nothing.
 */
export function findValue(
  steps: readonly PathStep[],
  body: JsonValue,
  selections = new Selections(),
): FoundValue | undefined {
  let value: JsonValue = body
  const parts: PathPart[] = []
  for (const step of steps) {
    const part = partOf(step, value, selections)
    const child = part === undefined ? undefined : childOf(value, part)
    if (part === undefined || child === undefined) return undefined
    parts.push(part)
    value = child
  }
  return { value, parts }
}

/** Returns the key or index of a step. PHP sends lists as objects of digits, so either reads the other. */
function partOf(step: PathStep, value: JsonValue, selections: Selections): PathPart | undefined {
  if (step.kind === 'selection') return selections.find(value, step.keys, step.value)
  if (isJsonObject(value)) return step.kind === 'name' ? step.name : String(step.index)
  if (!Array.isArray(value)) return undefined
  if (step.kind === 'index') return step.index
  return /^\d{1,9}$/.test(step.name) ? Number(step.name) : undefined
}

function childOf(value: JsonValue, part: PathPart): JsonValue | undefined {
  if (isJsonObject(value)) return Object.hasOwn(value, part) ? value[part] : undefined
  return Array.isArray(value) && typeof part === 'number' ? (value[part] as JsonValue | undefined) : undefined
}

/** Items of a list or object by the text under a key. Rules that select from one list read it once. */
export class Selections {
  readonly #parts = new Map<JsonValue, Map<string, ReadonlyMap<string, PathPart>>>()
  #visits = 20_000

  /** Returns the first item whose value under the keys is this text. */
  find(value: JsonValue, keys: readonly string[], text: string): PathPart | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const byKeys = this.#parts.get(value) ?? new Map<string, ReadonlyMap<string, PathPart>>()
    this.#parts.set(value, byKeys)
    const name = JSON.stringify(keys)
    const parts = byKeys.get(name) ?? this.#index(value, keys)
    byKeys.set(name, parts)
    return parts.get(text)
  }

  #index(value: JsonValue, keys: readonly string[]): ReadonlyMap<string, PathPart> {
    const parts = new Map<string, PathPart>()
    const items: Iterable<[PathPart, JsonValue]> = Array.isArray(value) ? value.entries() : Object.entries(value ?? {})
    for (const [part, item] of items) {
      if (this.#visits-- <= 0) break
      for (const text of textsOf(nestedValue(item, keys))) if (!parts.has(text)) parts.set(text, part)
    }
    return parts
  }
}

function nestedValue(item: JsonValue, keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = item
  for (const key of keys) value = value === undefined ? undefined : childOf(value, key)
  return value
}

/** Returns the texts that a value equals: also without the spaces around it. */
function textsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value, trimInvisible(value)]
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}
