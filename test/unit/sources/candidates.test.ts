import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundPayload } from '../../../src/sources/mapping/bounds.ts'
import { readPath } from '../../../src/sources/mapping/read-path.ts'
import { checkMapping } from '../../../src/sources/mapping/rules.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { candidatesOf } from '../../../src/sources/read/candidates.ts'
import { textOf } from '../../../src/sources/value-text.ts'
import { readFixtures } from './fixtures.ts'

const listOf = (body: JsonObject) => candidatesOf({ body, headers: {} }, undefined, [])

test('candidates are the values with their paths and the fields that they are taken for', () => {
  const body = {
    data: { 'Work e-mail (.com)': 'ann@example.com', name: 'Ann Lee', tags: ['a', 'b'], empty: '', none: null },
    answers: [
      { label: 'Phone', value: '+14155550123' },
      { label: 'Size', value: 12 },
    ],
    organizer: { email: 'host@acme.example' },
    utm: { source: 'x' },
    csrf_token: 'secret',
  }
  expect(listOf(body)).toEqual([
    { path: 'data["Work e-mail (.com)"]', value: 'ann@example.com', guess: 'email' },
    { path: 'data.name', value: 'Ann Lee', guess: 'full_name' },
    { path: 'data.tags', value: 'a, b', guess: null },
    { path: 'answers[0].label', value: 'Phone', guess: null },
    { path: 'answers[0].value', value: '+14155550123', guess: 'phone' },
    { path: 'answers[1].label', value: 'Size', guess: null },
    { path: 'answers[1].value', value: '12', guess: null },
    { path: 'organizer.email', value: 'host@acme.example', guess: null },
    { path: 'utm.source', value: 'x', guess: 'metadata.utm_source' },
  ])
})

test('candidates are at most 500, each cut at 500 characters, with paths that a rule accepts', () => {
  const many = listOf(Object.fromEntries(Array.from({ length: 900 }, (_, nth) => [`key${nth}`, 'x'.repeat(900)])))
  expect(many).toHaveLength(500)
  expect(many[0]?.value).toHaveLength(500)
  expect(listOf({ ['k'.repeat(300)]: 1, short: 2 })).toEqual([{ path: 'short', value: '2', guess: null }])
})

test('the path of each candidate reads its value, in every payload', async () => {
  for (const { body } of await readFixtures()) {
    const bounded = boundPayload(body)
    const candidates = listOf(body)
    expect(candidates.length).toBeGreaterThan(0)
    for (const { path, value } of candidates) expect(textOf(readPath(path, bounded)!).slice(0, 500)).toBe(value)
    const paths = candidates.slice(0, 10).map(({ path }) => path)
    expect(checkMapping([{ field: 'email', paths }])).toEqual([])
  }
})

test('the path of each candidate reads its value, whatever the keys are', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a.b', '["x"]', '0', '01', ' ', '', '__proto__', 'a|b', '\\'),
  )
  const body = fc.dictionary(
    key,
    fc.oneof(fc.string(), fc.integer(), fc.dictionary(key, fc.array(fc.dictionary(key, fc.string())))),
  )
  fc.assert(
    fc.property(body, (payload) => {
      const bounded = boundPayload(payload)
      for (const { path, value } of listOf(payload)) expect(textOf(readPath(path, bounded) ?? null)).toBe(value)
    }),
    { numRuns: 500 },
  )
})
