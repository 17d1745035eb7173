import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readChanges, toStoredChanges } from '../../src/capture/write/changes.ts'

const change = (field: string, after: string | number | boolean | null, before: string | null = null) => ({
  field,
  before,
  after,
})

describe('11.16: changes as they are stored', () => {
  const posted = { email: ' Jane@example.com', first_name: 'Jane', plan: 'pro', metadata: { seats: 3, plan: 'free' } }

  it('leave out a value that was posted as it is', () => {
    const changes = [change('first_name', 'Jane'), change('metadata.seats', 3, 'few')]
    expect(JSON.parse(toStoredChanges({ changes, proposals: [] }, posted))).toEqual([
      { field: 'first_name', before: null },
      { field: 'metadata.seats', before: 'few' },
    ])
  })

  it('hold a value that was posted otherwise, and one that was cleared', () => {
    const changes = [change('email', 'jane@example.com'), change('last_name', null, 'Doe')]
    expect(JSON.parse(toStoredChanges({ changes, proposals: [] }, posted))).toEqual(changes)
  })

  it('mark what was only proposed', () => {
    const stored = JSON.parse(toStoredChanges({ changes: [], proposals: [change('first_name', 'Jane')] }, posted))
    expect(readChanges(stored, posted)).toEqual([{ ...change('first_name', 'Jane'), applied: false }])
  })

  it('have no value where the posted fields are deleted', () => {
    const stored = JSON.parse(toStoredChanges({ changes: [change('first_name', 'Jane')], proposals: [] }, posted))
    expect(readChanges(stored, {})).toEqual([change('first_name', null)])
  })

  it('are read as those of 0.1, which hold every value', () => {
    const old = [change('first_name', 'Joan'), { ...change('metadata.plan', 'pro'), applied: false }]
    expect(readChanges(old, posted)).toEqual(old)
    expect(readChanges(null, posted)).toEqual([])
  })

  it('are read as they were made, whatever was posted', () => {
    const value = fc.oneof(fc.constantFrom('a', 'b', ''), fc.boolean(), fc.constantFrom(0, 1), fc.constant(null))
    const key = fc.constantFrom('first_name', 'plan', 'toString', 'metadata', 'constructor')
    const object = fc.dictionary(key, value)
    const body = fc.tuple(object, fc.oneof(object, value)).map(([fields, metadata]) => ({ ...fields, metadata }))
    const field = fc.oneof(
      key,
      key.map((name) => `metadata.${name}`),
    )
    const made = fc.array(fc.record({ field, before: value, after: value }))
    fc.assert(
      fc.property(body, made, (fields, changes) => {
        const stored = JSON.parse(toStoredChanges({ changes, proposals: [] }, fields))
        expect(readChanges(stored, fields)).toEqual(changes)
      }),
    )
  })
})
