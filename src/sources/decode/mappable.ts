import { markBounded } from '../mapping/bounds.ts'
import type { JsonObject, JsonValue } from '../payload.ts'
import { parseNested } from './json-body.ts'

const maxDepth = 16
const maxValues = 5000
const maxOpened = 100
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
/** Fields in which tools send JSON as text. */
const jsonFields = new Set(['rawRequest', 'data.json', 'payload', 'data', 'json', 'form_data', 'formData'])

export function isJsonField(name: string): boolean {
  return jsonFields.has(name)
}

/**
 * Returns the part of a payload that is mapped: at most 16 levels and 5,000 values, without keys that could reach a
 * prototype, with JSON inside known fields opened, and all texts storable. The payload itself stays whole.
 */
export function toMappable(payload: JsonObject): JsonObject {
  const body = cutObject(payload, 1, { values: maxValues, texts: maxOpened })
  markBounded(body)
  return body
}

interface Budget {
  values: number
  /** Texts that are still opened as JSON: to fail at one takes as long as a hundred values. */
  texts: number
}

function cutObject(object: JsonObject, depth: number, budget: Budget): JsonObject {
  const kept: Record<string, JsonValue> = {}
  for (const key in object) {
    if (budget.values <= 0) break
    if (forbiddenKeys.has(key) || !Object.hasOwn(object, key)) continue
    const value = object[key]
    const child = cut(value === undefined ? null : open(key, value, budget), depth + 1, budget)
    if (child !== undefined) kept[toStorable(key)] = child
  }
  return kept
}

/** Returns undefined for what is left out. */
function cut(value: JsonValue, depth: number, budget: Budget): JsonValue | undefined {
  budget.values--
  if (typeof value === 'string') return toStorable(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return undefined
  if (!isList(value)) return cutObject(value, depth, budget)
  const items: JsonValue[] = []
  for (const item of value) {
    if (budget.values <= 0) break
    const child = cut(item, depth + 1, budget)
    if (child !== undefined) items.push(child)
  }
  return items
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function open(key: string, value: JsonValue, budget: Budget): JsonValue {
  if (typeof value !== 'string' || !isJsonField(key) || budget.texts <= 0) return value
  budget.texts--
  return parseNested(value) ?? value
}

/** Replaces what PostgreSQL cannot store: U+0000 and lone surrogates. */
export function toStorable(text: string): string {
  const whole = text.toWellFormed()
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '\ufffd') : whole
}
