import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/sources/payload.ts'
import { type Fixture, readFixtures, readGeneric } from './fixtures.ts'

let fixtures: readonly Fixture[]

beforeAll(async () => {
  fixtures = await readFixtures()
})

const strangers = [
  'organizer',
  'host',
  'agent',
  'owner',
  'assignee',
  'sender',
  'reply_to',
  'formOwner',
  'created_by',
  'Veranstalter',
  'organisateur',
  'anfitrión',
  'event_host',
  'accountManager',
  '担当者',
]
const flatStrangers = [
  'host_email',
  'organizerEmail',
  'Owner e-mail',
  'agent-email',
  'replyTo',
  'reply-to',
  'sender_email',
  'assigned_to_email',
  'form_owner_email',
  'Gastgeber E-Mail',
  '主催者メール',
  'notification_email',
]

/** Without `@`: a random text may be an address, such as `#@0.a`. */
const text = fc.string().map((characters) => characters.replaceAll('@', ''))

/** One change to a payload: `at` chooses the object among all of them, `nth` the entry within it. */
const mutation = fc.record({
  kind: fc.constantFrom('remove', 'rename', 'retype', 'add', 'stranger', 'flat stranger', 'wrap'),
  at: fc.nat(),
  nth: fc.nat(),
  name: fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('Nachricht', '質問', 'answer', 'data')),
  value: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text)),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

test('of payloads that are changed at random, none gives another address than its person has', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 5 }), (which, mutations) => {
      const { body, email, name } = fixtures[which % fixtures.length]!
      // Strangers come last: a stranger whose key is renamed to `0` is none any more.
      const ordered = mutations.toSorted(
        (a, b) => Number(a.kind.endsWith('stranger')) - Number(b.kind.endsWith('stranger')),
      )
      const changed = ordered.reduce(mutate, structuredClone(body) as Mutable)
      const reading = readGeneric(changed)
      if (reading.email !== undefined) expect({ name, email: reading.email }).toEqual({ name, email })
      else expect(reading.status).toBe('held')
    }),
    { numRuns: 2000 },
  )
})

type Mutable = Record<string, JsonValue>

function mutate(body: Mutable, { kind, at, nth, name, value }: Mutation): Mutable {
  const objects = objectsIn(body)
  const object = objects[at % objects.length]!
  const keys = Object.keys(object)
  const key = keys[nth % Math.max(keys.length, 1)]
  if (kind === 'stranger')
    object[strangers[nth % strangers.length]!] = { name: 'Hans Host', email: 'host@acme.example' }
  else if (kind === 'flat stranger') object[flatStrangers[nth % flatStrangers.length]!] = 'host@acme.example'
  else if (kind === 'add') define(object, name, value)
  else if (kind === 'wrap') return { [name === '__proto__' ? 'data' : name]: body }
  else if (key !== undefined) change(object, key, kind, name, value)
  return body
}

function change(object: Mutable, key: string, kind: string, name: string, value: JsonValue): void {
  const present = object[key]!
  if (kind === 'retype') object[key] = value
  else delete object[key]
  if (kind === 'rename') define(object, name, present)
}

function define(object: Mutable, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

function objectsIn(value: JsonValue): Mutable[] {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => objectsIn(item))
  return isJsonObject(value) ? [value as Mutable, ...Object.values(value as JsonObject).flatMap(objectsIn)] : []
}
