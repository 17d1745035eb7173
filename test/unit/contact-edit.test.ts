import { describe, expect, it } from 'vitest'
import { type ContactFieldsInput, parseContactEdit } from '../../src/contacts/edit-input.ts'
import { type ContactEdit, editContact } from '../../src/contacts/merge.ts'
import { AppError, type FieldProblem } from '../../src/platform/errors.ts'
import { contactOf } from '../support/captures.ts'

const now = new Date('2026-03-17T08:00:00.000Z')
const stages = ['lead', 'customer']
const stored = contactOf({ firstName: 'Jane', source: 'ads', metadata: { plan: 'free', seats: 3 }, version: 4 })
const edit = (wanted: ContactEdit) => editContact(stored, wanted, now)
const parse = (fields: ContactFieldsInput) => parseContactEdit({ fields }, stages)

function problemsOf(work: () => unknown): readonly FieldProblem[] {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error.fields ?? []
    throw error
  }
  return []
}

describe('an edit', () => {
  it('leaves what is left out, clears what is null and replaces the rest', () => {
    const { contact, changes } = edit({ firstName: null, lastName: 'Doe' })
    expect(contact).toEqual({
      ...stored,
      firstName: null,
      lastName: 'Doe',
      trustedFields: ['last_name'],
      updatedAt: now,
      version: 5,
    })
    expect(changes).toEqual([
      { field: 'first_name', before: 'Jane', after: null },
      { field: 'last_name', before: null, after: 'Doe' },
    ])
  })

  it('merges metadata by key, and removes the keys that are null', () => {
    const { contact, changes } = edit({ metadata: { plan: null, team: 'red', unknown: null } })
    expect(contact.metadata).toEqual({ seats: 3, team: 'red' })
    expect(changes).toEqual([
      { field: 'metadata.plan', before: 'free', after: null },
      { field: 'metadata.team', before: null, after: 'red' },
    ])
  })

  it('clears metadata that is null', () => {
    expect(edit({ metadata: null }).contact.metadata).toEqual({})
  })

  it('changes an e-mail and a stage', () => {
    expect(edit({ email: 'joan@example.com', stage: 'customer' }).changes).toEqual([
      { field: 'email', before: 'jane@example.com', after: 'joan@example.com' },
      { field: 'stage', before: 'lead', after: 'customer' },
    ])
  })

  it('11.7: that changes nothing is no new version, and makes what it repeats trusted', () => {
    const { contact, changes } = edit({ firstName: 'Jane', lastName: null, metadata: { seats: 3 } })
    expect(contact).toEqual({ ...stored, trustedFields: ['first_name', 'metadata.seats'] })
    expect(changes).toEqual([])
    expect(editContact(contact, { firstName: 'Jane' }, now).contact).toBe(contact)
  })

  it('11.7: opens what it clears to every caller', () => {
    const trustedFields = ['first_name', 'source', 'metadata.plan', 'metadata.seats']
    const ofTrusted = { ...stored, trustedFields }
    const clear = (wanted: ContactEdit) => editContact(ofTrusted, wanted, now).contact.trustedFields
    expect(clear({ firstName: null, metadata: { plan: null } })).toEqual(['source', 'metadata.seats'])
    expect(clear({ metadata: null })).toEqual(['first_name', 'source'])
  })
})

describe('the input of an edit', () => {
  it('is cleaned like a capture; what is blank clears', () => {
    expect(parseContactEdit({ email: ' Jane@EXAMPLE.com ', fields: { firstName: ' Ja\nne ' } }, stages)).toEqual({
      email: 'jane@example.com',
      firstName: 'Ja ne',
    })
    expect(parse({ firstName: ' ', lastName: null, metadata: { plan: '', team: null, seats: 0 } })).toEqual({
      firstName: null,
      lastName: null,
      metadata: { plan: null, team: null, seats: 0 },
    })
    expect(parse({ metadata: null })).toEqual({ metadata: null })
    expect(parseContactEdit({ fields: null }, stages)).toEqual({})
  })

  it.each([
    ['an e-mail that is none', () => parseContactEdit({ email: 'jane' }, stages), 'email', undefined],
    ['an e-mail that is cleared', () => parseContactEdit({ email: null }, stages), 'email', 'required'],
    ['a stage that is not the workspace’s', () => parse({ stage: 'vip' }), 'fields.stage', undefined],
    ['a stage that is cleared', () => parse({ stage: null }), 'fields.stage', undefined],
    ['a long name', () => parse({ lastName: 'x'.repeat(201) }), 'fields.lastName', 'too_long'],
    ['metadata that is no object', () => parse({ metadata: [] }), 'fields.metadata', undefined],
    ['a wrong key', () => parse({ metadata: { '1a': 1 } }), 'fields.metadata', undefined],
    ['__proto__', () => parse({ metadata: JSON.parse('{"__proto__": 1}') }), 'fields.metadata', undefined],
    ['a nested value', () => parse({ metadata: { a: {} } }), 'fields.metadata.a', undefined],
    ['a long value', () => parse({ metadata: { a: 'x'.repeat(501) } }), 'fields.metadata.a', 'too_long'],
    [
      'too many keys',
      () => parse({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, nth) => [`k${nth}`, null])) }),
      'fields.metadata',
      undefined,
    ],
  ])('is refused: %s', (_, work, path, kind) => {
    expect(problemsOf(work)).toMatchObject([{ path, ...(kind && { kind }) }])
  })
})
