import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundPayload } from '../../../src/sources/mapping/bounds.ts'
import { applyMapping, checkMapping } from '../../../src/sources/mapping/rules.ts'
import type { JsonObject, JsonValue } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

describe('a mapping', () => {
  test('is valid with every field, and with its limits reached', () => {
    const fields = ['email', 'first_name', 'last_name', 'full_name', 'phone', 'company', 'source', 'metadata.job_title']
    expect(checkMapping(fields.map((field) => ({ field, paths: ['payload.email', 'a'.repeat(200)] })))).toEqual([])
    expect(
      checkMapping(Array.from({ length: 30 }, (_, nth) => ({ field: `metadata.key${nth}`, paths: ['a'] }))),
    ).toEqual([])
    expect(checkMapping([{ field: `metadata.${'k'.repeat(64)}`, paths: ['😀'.repeat(200)] }])).toEqual([])
  })

  test('names the rule, the path and the character of a problem', () => {
    const problems = checkMapping([
      { field: 'email', paths: ['payload.email'] },
      { field: 'phone', paths: ['a[b', 'c', 'd..e'] },
    ])
    expect(problems).toEqual([
      {
        path: ['mapping', '1', 'paths', '0'],
        message: 'character 4: an index, a quoted name or a selection like question=Company is expected',
      },
      { path: ['mapping', '1', 'paths', '2'], message: 'character 3: a name is expected' },
    ])
  })

  test.for([
    ['stage', ['a'], ['mapping', '0', 'field']],
    ['metadata.', ['a'], ['mapping', '0', 'field']],
    ['metadata.1', ['a'], ['mapping', '0', 'field']],
    ['metadata.__proto__', ['a'], ['mapping', '0', 'field']],
    ['metadata.constructor', ['a'], ['mapping', '0', 'field']],
    [`metadata.${'k'.repeat(65)}`, ['a'], ['mapping', '0', 'field']],
    ['email', [], ['mapping', '0', 'paths']],
    ['email', Array.from({ length: 51 }, () => 'a'), ['mapping', '0', 'paths']],
    ['email', ['a'.repeat(201)], ['mapping', '0', 'paths', '0']],
  ] as const)('refuses the field %s with paths %j', ([field, paths, path]) => {
    expect(checkMapping([{ field, paths }]).map((problem) => problem.path)).toEqual([path])
  })

  test('refuses a 31st rule', () => {
    const rules = Array.from({ length: 31 }, () => ({ field: 'email', paths: ['a'] }))
    expect(checkMapping(rules)).toEqual([{ path: ['mapping'], message: 'at most 30 rules are allowed' }])
  })

  test('takes the first path that is not blank, and says where it was', () => {
    const body = {
      a: ' ',
      b: null,
      c: [],
      d: { e: '' },
      list: [
        { q: 'x', v: '' },
        { q: 'y', v: 'found' },
      ],
    }
    const paths = ['missing', 'a', 'b', 'c', 'd', 'list[q=x].v', 'list[q=y].v', 'list[0].q']
    expect(applyMapping([{ field: 'company', paths }], body)).toEqual([
      { field: 'company', value: 'found', path: 'list[1].v' },
    ])
  })

  test('stops to select after 20,000 items', () => {
    const list = Array.from({ length: 4000 }, (_, nth) => ({ k: `v${nth}` }))
    const rules = Array.from({ length: 30 }, (_, nth) => ({
      field: `metadata.a${nth}`,
      paths: Array.from({ length: 10 }, (_, other) => `list[missing${nth}x${other}=1]`),
    }))
    expect(applyMapping([...rules.slice(0, 29), { field: 'email', paths: ['list[k=v1].k'] }], { list })).toEqual([])
    expect(applyMapping([{ field: 'email', paths: ['list[k=v3999].k'] }], { list })).toHaveLength(1)
  })
})

describe('a body is bounded', () => {
  test('at 16 levels, without an overflow of the stack', () => {
    const body: Record<string, JsonValue> = { email: 'jane@example.com' }
    let level = body
    for (let depth = 0; depth < 100_000; depth++) {
      const next = { depth }
      level['next'] = next
      level = next
    }
    const bounded = boundPayload(body)
    expect(bounded['email']).toBe('jane@example.com')
    expect(JSON.stringify(bounded).match(/next/g)).toHaveLength(16)
  })

  test('at 5,000 values, those of outer levels first', () => {
    const bounded = boundPayload({ junk: Array.from({ length: 6000 }, () => 1), lead: { email: 'jane@example.com' } })
    expect(bounded['junk']).toHaveLength(4998)
    expect(
      boundPayload({ junk: [[...Array.from({ length: 6000 }, () => 1)]], email: 'jane@example.com' }),
    ).toMatchObject({
      email: 'jane@example.com',
    })
  })

  test('without keys that reach a prototype, at every level', () => {
    const body = JSON.parse(
      '{"__proto__":{"x":1},"a":{"constructor":{"prototype":1},"b":[{"__proto__":{"email":"x@example.com"},"c":1}]},"\\u0000__proto__":2}',
    ) as JsonObject
    const bounded = boundPayload(body)
    expect(JSON.stringify(bounded)).toBe('{"a":{"b":[{"c":1}]}}')
    expect(Object.getPrototypeOf(bounded)).toBe(Object.prototype)
  })

  test('without characters that the database does not store', () => {
    expect(boundPayload({ 'a\u0000b': 'x\u0000y\ud800z' })).toEqual({ ab: 'xy\ufffdz' })
  })
})

describe('random rules over random payloads', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'email',
      'E-Mail',
      'name',
      'Phone',
      'utm_source',
      '__proto__',
      'constructor',
      'label',
      'value',
      'fields',
      'organizer',
      'a.b',
    ),
    fc.string({ maxLength: 20 }),
  )
  const leaf = fc.oneof(
    fc.constantFrom<JsonValue>('jane@example.com', 'bob@example.org', 'Jane Doe', '+14155550123', null, true, '', 'o1'),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('value')), fc.dictionary(key, tie('value'))),
  }))
  const body = fc.dictionary(key, value) as fc.Arbitrary<JsonObject>
  const path = fc.oneof(
    key,
    fc.tuple(key, key).map(([a, b]) => `${a}.${b}`),
    fc.tuple(key, key, key).map(([a, b, c]) => `${a}[${b}=${c}].value`),
    fc.string(),
  )
  const field = fc.constantFrom('email', 'first_name', 'full_name', 'phone', 'company', 'source', 'metadata.plan')
  const rules = fc.array(fc.record({ field, paths: fc.array(path, { maxLength: 4 }) }), { maxLength: 6 })

  test('never throw, and give fields that a contact accepts', () => {
    fc.assert(
      fc.property(body, rules, (payload, mapping) => {
        checkMapping(mapping)
        const { status, reasons, email, fields } = readGeneric(payload, { mapping })
        expect(status === 'accepted').toBe(reasons.length === 0)
        if (status === 'accepted') expect(email).toMatch(/@/)
        const { firstName = '', lastName = '', source, metadata } = fields
        for (const line of [firstName, lastName, source]) expect(line.length).toBeLessThanOrEqual(400)
        expect(Object.keys(metadata).length).toBeLessThanOrEqual(50)
        for (const [name, stored] of Object.entries(metadata)) {
          expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/)
          expect(['string', 'number', 'boolean']).toContain(typeof stored)
          if (typeof stored === 'string') expect(stored.isWellFormed() && !stored.includes('\u0000')).toBe(true)
        }
        expect(({} as Record<string, unknown>)['x']).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})
