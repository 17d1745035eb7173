import type { JsonObject, JsonValue } from '../payload.ts'

const maxDepth = 16
const maxValues = 5000
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

type MutableObject = Record<string, JsonValue>

interface Level {
  readonly from: JsonObject | readonly JsonValue[]
  readonly to: MutableObject | JsonValue[]
}

/**
 * Returns a copy of a body for mapping: at most 16 levels and 5,000 values, without keys that reach a prototype and
 * without characters that PostgreSQL does not store. It reads level by level, so a long list deep inside leaves the
 * answers above it, and no depth overflows the stack.
 */
export function boundPayload(body: JsonObject): JsonObject {
  const copy: MutableObject = {}
  let levels: Level[] = [{ from: body, to: copy }]
  let values = 0
  for (let depth = 1; depth <= maxDepth && levels.length > 0; depth++) {
    const next: Level[] = []
    for (const level of levels) {
      for (const [key, value] of entriesOf(level.from)) {
        if (values++ >= maxValues) return copy
        store(level.to, key, copyOf(value, depth, next))
      }
    }
    levels = next
  }
  return copy
}

function* entriesOf(container: Level['from']): Generator<readonly [string, JsonValue]> {
  if (isList(container)) {
    for (const value of container) yield ['', value]
    return
  }
  for (const key in container) {
    const value = Object.hasOwn(container, key) ? container[key] : undefined
    if (value !== undefined && !forbiddenKeys.has(key)) yield [storable(key), value]
  }
}

/** Returns a copy of a value; the children of a container are copied with the next level. */
function copyOf(value: JsonValue, depth: number, next: Level[]): JsonValue {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  const to: Level['to'] = isList(value) ? [] : {}
  if (depth < maxDepth) next.push({ from: value, to })
  return to
}

function store(container: Level['to'], key: string, value: JsonValue): void {
  if (Array.isArray(container)) container.push(value)
  else if (!forbiddenKeys.has(key)) container[key] = value
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function storable(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '').toWellFormed() : text.toWellFormed()
}
