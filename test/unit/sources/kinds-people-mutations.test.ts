import { describe, expect, it } from 'vitest'
import type { KindReading } from '../../../src/sources/kinds/kind.ts'
import { isAddress } from '../../../src/sources/kinds/people-answers.ts'
import type { JsonObject, JsonValue } from '../../../src/sources/payload.ts'
import { handedNames, valuesByPath } from '../../support/handed-payloads.ts'
import { personKinds } from '../../support/kind-groups.ts'
import { answersOf, payloadOf } from '../../support/kind-readings.ts'

const rounds = 150
const oddValues: readonly JsonValue[] = [
  null,
  true,
  0,
  -1.5,
  '',
  '  ',
  'ñandú',
  [],
  {},
  [null],
  [[1]],
  { value: null },
  ['a', 'b'],
]
const oddKeys = ['', '__proto__', 'constructor', 'correo electrónico', 'a.b', 'a[0]', 'a|b', '"', 'Prénom', 'メール']

/** Somebody of the tool's customer, as tools name them. */
const staff: JsonObject = {
  owner_email: 'boss@acme.example',
  organizerEmail: 'boss@acme.example',
  hubspot_owner_id: 'boss@acme.example',
  host: { email: 'boss@acme.example', name: 'The Boss' },
  assignee: { email: 'boss@acme.example', name: 'The Boss' },
}

const recognised = handedNames.filter((name) => personKinds.some(({ recognizes }) => recognizes(payloadOf(name))))

describe('a payload changed at random', () => {
  it.each(recognised)('%s is read without an error, and never as another person', (name) => {
    const random = seeded(name)
    for (let round = 0; round < rounds; round++) {
      const body = mutated(payloadOf(name).body, random)
      for (const kind of personKinds.filter(({ recognizes }) => recognizes({ body, headers: {} }))) {
        const reading = kind.read({ body, headers: {} })
        const id = kind.repeatId?.({ body, headers: {} })
        const faults = [...strangersIn(reading, name), ...wrongPathsIn(reading, body)]
        if (faults.length > 0) expect(faults, JSON.stringify(body)).toEqual([])
        if (id !== undefined) expect(id).toBeTypeOf('string')
      }
    }
  })

  it('is read without an error by every kind, also by those that do not recognise it', () => {
    const random = seeded('any kind')
    for (const name of handedNames) {
      const body = mutated(payloadOf(name).body, random)
      for (const { read, repeatId, recognizes } of personKinds) {
        expect(() => [
          recognizes({ body, headers: {} }),
          read({ body, headers: {} }),
          repeatId?.({ body, headers: {} }),
        ]).not.toThrow()
      }
    }
  })
})

describe('a person of the tool’s customer', () => {
  it.each(recognised)('%s is never among the answers', (name) => {
    const { body } = payloadOf(name)
    for (const changed of withEverywhere(body, staff)) {
      for (const { read, recognizes } of personKinds) {
        if (!recognizes({ body: changed, headers: {} })) continue
        expect(JSON.stringify(answersOf(read({ body: changed, headers: {} })))).not.toMatch(/boss|host@acme/i)
      }
    }
  })
})

/** Returns the addresses that are neither the person's nor said to be of nobody. */
function strangersIn(reading: KindReading, name: string): JsonValue[] {
  const addresses = answersOf(reading).filter(({ field, value }) => field !== 'metadata' && isAddress(value))
  return addresses.map(({ value }) => value).filter((value) => value !== `jane.${name}@example.com`)
}

function wrongPathsIn(reading: KindReading, body: JsonObject): string[] {
  const values = valuesByPath(body)
  const wrong = answersOf(reading).filter(({ path, value }) => textOf(values.get(path)) !== textOf(value))
  return wrong.map(({ path }) => path)
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim()
}

/** Returns a copy with up to four changes: a value removed, replaced, wrapped or renamed. */
function mutated(body: JsonObject, random: () => number): JsonObject {
  const copy = structuredClone(body)
  for (let nth = 0; nth < 1 + Math.floor(random() * 4); nth++) mutate(copy, random)
  // Lists lose what JSON cannot give them.
  return JSON.parse(JSON.stringify(copy))
}

function mutate(body: JsonObject, random: () => number): void {
  const place = pick(objectsIn(body), random)
  const key = pick(Object.keys(place), random)
  if (key === undefined) return
  const value = Reflect.get(place, key)
  const change = Math.floor(random() * 5)
  if (change !== 1 && change !== 4) Reflect.deleteProperty(place, key)
  if (change === 1) Reflect.set(place, key, structuredClone(pick(oddValues, random)))
  if (change === 2) define(place, pick(oddKeys, random), value)
  if (change === 3) define(place, key, random() < 0.5 ? [value] : { value })
  if (change === 4) define(place, pick(oddKeys, random), structuredClone(pick(oddValues, random)))
}

function define(place: object, key: string, value: unknown): void {
  Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true })
}

function objectsIn(value: JsonValue): object[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap((child: JsonValue) => objectsIn(child))
  return [value, ...inner]
}

/** Returns copies of a body, each with the entries in another object of it. */
function withEverywhere(body: JsonObject, entries: JsonObject): JsonObject[] {
  return objectsIn(body).flatMap((_, nth) => {
    const copy = structuredClone(body)
    const place = objectsIn(copy)[nth]
    if (place === undefined || Array.isArray(place)) return []
    Object.assign(place, entries)
    return [copy]
  })
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** Returns a generator (mulberry32) whose numbers depend on a text only. */
function seeded(text: string): () => number {
  let state = [...text].reduce((sum, character) => (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) | 0, 7)
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
