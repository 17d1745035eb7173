import { describe, expect, it } from 'vitest'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'
import type { Answer, Kind } from '../../../src/sources/kinds/kind.ts'
import { isJsonObject, type JsonObject, type JsonValue, type Payload } from '../../../src/sources/payload.ts'
import { handedNames, handedPayload } from '../../support/handed-payloads.ts'

const owner = 'owner@acme.example'
const others: readonly JsonValue[] = [
  null,
  true,
  0,
  1e300,
  '',
  '   ',
  'x'.repeat(20_000),
  [],
  {},
  [[{ a: [null] }]],
  { value: {} },
  'Öffnen ☃',
]
const labels = [
  'Vorname',
  'Adresse électronique',
  'メール',
  '__proto__',
  'a.b[0]',
  '"',
  ' ',
  '1.3',
  'q9_name',
  'length',
]

/** Returns numbers from 0 to 1 that a seed determines (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Returns a copy with about one entry in ten removed, renamed, added or of another type. */
function mutate(value: JsonValue, random: () => number): JsonValue {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  if (Array.isArray(value)) return value.filter(() => random() > 0.05).map((item: JsonValue) => mutate(item, random))
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, child]): [string, JsonValue][] => {
    const dice = random()
    if (dice < 0.03) return []
    if (dice < 0.06) return [[pick(labels), child]]
    if (dice < 0.09) return [[key, pick(others)]]
    if (dice < 0.12)
      return [
        [key, mutate(child, random)],
        [pick(labels), pick(others)],
      ]
    return [[key, mutate(child, random)]]
  })
  return Object.fromEntries(entries)
}

/** Adds what tools say about themselves and their users. */
function withOwner(body: JsonObject): JsonObject {
  return { ...body, admin_email: owner, owner: { name: 'Host', email: owner }, form_email: owner }
}

describe('a payload with fields removed, renamed, added and of other types', () => {
  it.each(handedNames)('like %s never makes a kind throw, nor gives a wrong person', async (name) => {
    const { body, headers } = await handedPayload(name)
    for (let seed = 1; seed <= 60; seed++) {
      const mutated = mutate(body, randomFrom(seed))
      const payload = { body: withOwner(isJsonObject(mutated) ? mutated : {}), headers }
      for (const kind of allKinds) expectOfKind(kind, payload, `${kind.name}, seed ${seed}`)
    }
  })
})

function expectOfKind(kind: Kind, payload: Payload, about: string): void {
  kind.repeatId?.(payload)
  const reading = kind.read(payload)
  if (!kind.recognizes(payload) || reading.outcome === 'ignored') return
  for (const answer of reading.answers) expectOfPerson(answer, about)
}

function expectOfPerson({ field, value, path, label }: Answer, about: string): void {
  expect(path, about).not.toBe('')
  expect(label, about).toBeTypeOf('string')
  if (field === 'email' && typeof value === 'string' && value.includes('@')) expect(value, about).toMatch(/^jane\./)
  if (value === owner) expect([about, path, field]).toEqual([about, path, 'metadata'])
}
