import type { JsonObject, JsonValue } from '../payload.ts'

const maxDepth = 16
const maxValues = 5000
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Bodies that have these bounds already. */
const bounded = new WeakSet<JsonObject>()

/** Says that a body has these bounds, and that nobody changes it: it need not be copied again. */
export function markBounded(body: JsonObject): void {
  bounded.add(body)
}

type MutableObject = Record<string, JsonValue>

/** Container and its copy. */
type Level =
  | { readonly isList: true; readonly from: readonly JsonValue[]; readonly to: JsonValue[] }
  | { readonly isList: false; readonly from: JsonObject; readonly to: MutableObject }

/**
 * Returns a copy of a body for mapping: at most 16 levels and 5,000 values, without keys that reach a prototype and
 * without characters that PostgreSQL does not store. It reads level by level, so a long list deep inside leaves the
 * answers above it, and no depth overflows the stack.
 */
export function boundPayload(body: JsonObject): JsonObject {
  if (bounded.has(body)) return body
  const copy: MutableObject = {}
  let levels: Level[] = [{ isList: false, from: body, to: copy }]
  let left = maxValues
  for (let depth = 1; depth <= maxDepth && levels.length > 0; depth++) {
    const next: Level[] = []
    for (const level of levels) {
      if (left <= 0) return copy
      left = level.isList ? copyItems(level, left, next) : copyEntries(level, left, next)
    }
    levels = next
  }
  return copy
}

/** Copies at most so many items, and adds their containers to the next level. Returns how many are left. */
function copyItems({ from, to }: Level & { isList: true }, most: number, next: Level[]): number {
  const items = from.length > most ? from.slice(0, most) : from
  for (const item of items) to.push(copyOf(item, next))
  return most - items.length
}

/** As `copyItems`. */
function copyEntries({ from, to }: Level & { isList: false }, most: number, next: Level[]): number {
  let left = most
  for (const key in from) {
    const value = Object.hasOwn(from, key) ? from[key] : undefined
    if (value === undefined || forbiddenKeys.has(key)) continue
    if (left-- <= 0) return 0
    const name = storable(key)
    const child = copyOf(value, next)
    if (!forbiddenKeys.has(name)) to[name] = child
  }
  return left
}

/** Returns a copy of a value; the children of a container are copied with the next level. */
function copyOf(value: JsonValue, next: Level[]): JsonValue {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) {
    const to: JsonValue[] = []
    next.push({ isList: true, from: value, to })
    return to
  }
  const to: MutableObject = {}
  next.push({ isList: false, from: value, to })
  return to
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function storable(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '').toWellFormed() : text.toWellFormed()
}
