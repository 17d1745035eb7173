import { readdirSync, readFileSync } from 'node:fs'
import type { Answer, Kind, KindReading } from '../../src/sources/kinds/kind.ts'
import type { JsonObject, JsonValue, Payload } from '../../src/sources/payload.ts'

const folder = new URL('../fixtures/sources/', import.meta.url)

/** A form's fields while they are being nested. */
interface Fields {
  [key: string]: string | Fields
}

export const payloadNames = readdirSync(folder)
  .filter((file) => !file.endsWith('.meta.json'))
  .map((file) => file.replace(/\.(json|txt)$/, ''))

/** Reads a handed payload, without its multipart or JSON lists: those are the decoder's. */
export function payloadOf(name: string): Payload {
  const isJson = readdirSync(folder).includes(`${name}.json`)
  const text = readFileSync(new URL(`${name}.${isJson ? 'json' : 'txt'}`, folder), 'utf8')
  return { body: isJson ? parseObject(text) : parseForm(text), headers: {} }
}

function parseObject(text: string): JsonObject {
  const parsed: JsonObject | JsonObject[] = JSON.parse(text)
  return Array.isArray(parsed) ? (parsed[0] ?? {}) : parsed
}

function parseForm(text: string): Fields {
  const fields: Fields = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = name.split(/[[\]]+/).filter((key) => key !== '')
    const last = keys.pop() ?? ''
    let place = fields
    for (const key of keys) {
      const inner = place[key]
      const next: Fields = typeof inner === 'object' ? inner : {}
      place[key] = next
      place = next
    }
    place[last] = value
  }
  return fields
}

/** Returns the answers of a lead by the field that the kind assigns, else by label. */
export function told(reading: KindReading): Record<string, JsonValue> {
  return Object.fromEntries(answersOf(reading).map(({ field, label, value }) => [keyOf(field, label), value]))
}

function keyOf(field: Answer['field'], label: string): string {
  return field === undefined || field === 'metadata' ? label : field
}

export function answersOf(reading: KindReading): readonly Answer[] {
  return reading.outcome === 'ignored' ? [] : reading.answers
}

/** Returns the value that a path of a mapping names. */
export function resolve(body: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const [, name, index, quoted] of path.matchAll(/(?:^|\.)([^.[\]|]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    const key: string = quoted === undefined ? (name ?? index ?? '') : JSON.parse(quoted)
    value =
      typeof value === 'object' && value !== null ? Object.entries(value).find(([own]) => own === key)?.[1] : undefined
  }
  return value
}

export function kindNamed(kinds: readonly Kind[], name: string): Kind {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (kind === undefined) throw new Error(`There is no kind ${name}.`)
  return kind
}
