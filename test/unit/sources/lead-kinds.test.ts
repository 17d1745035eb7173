import { describe, expect, test } from 'vitest'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'
import type { Answer, Kind, KindReading } from '../../../src/sources/kinds/kind.ts'
import { kindNamed } from '../../support/kind-readings.ts'
import { readGeneric } from './fixtures.ts'

describe("a user's mapping", () => {
  test('wins over what the names say', () => {
    const body = {
      lead: { mail: 'a@example.com', name: 'Wrong Name' },
      x: { 'who?': 'Ann Lee', nr: '+14155550123' },
      size: [{ label: 'S' }],
    }
    const mapping = [
      { field: 'full_name', paths: ['x.who?'] },
      { field: 'phone', paths: ['x.nr'] },
      { field: 'metadata.shirt', paths: ['size[0].label'] },
    ]
    expect(readGeneric(body, { mapping }).fields).toMatchObject({
      firstName: 'Ann',
      lastName: 'Lee',
      metadata: { shirt: 'S', phone: '+14155550123' },
    })
  })

  test('gives names of one line and at most 200 characters', () => {
    const mapping = [{ field: 'full_name', paths: ['who'] }]
    const nameOf = (who: string) => readGeneric({ email: 'a@example.com', who }, { mapping }).fields
    expect(nameOf(' Ann\n\u200b\tvan  der Lee ')).toMatchObject({ firstName: 'Ann', lastName: 'van der Lee' })
    expect([...(nameOf('\u0958'.repeat(300)).firstName ?? '')]).toHaveLength(200)
    for (const who of ['ann@example.com', 'https://example.com', '12345', ' '])
      expect(nameOf(who)).not.toHaveProperty('firstName')
  })

  test('decides between two addresses, and alone', () => {
    const body = { email: 'a@example.com', guest: { email: 'b@example.com' } }
    expect(readGeneric(body, { mapping: [{ field: 'email', paths: ['guest.email'] }] }).email).toBe('b@example.com')
    expect(
      readGeneric({ email: 'a@example.com' }, { mapping: [{ field: 'email', paths: ['guest.email'] }] }),
    ).toMatchObject({ status: 'held', reasons: ['needs_mapping'] })
    expect(readGeneric({ email: 'x' }, { mapping: [{ field: 'email', paths: ['email'] }] }).reasons).toEqual([
      'invalid_email',
    ])
  })
})

describe('a kind', () => {
  const kindOf = (read: KindReading): Kind => ({
    name: 'TALLY',
    title: 'Tally',
    recognizes: ({ body }) => 'tally' in body,
    read: () => read,
    setup: ['', '', ''],
    evidence: 'shape',
  })
  const leadOf = (...answers: Answer[]) => kindOf({ outcome: 'lead', answers })
  const read = (kind: Kind, more = {}) =>
    readGeneric({ tally: 1, email: 'wrong@example.com' }, { kinds: [kind], ...more })
  const answer = (label: string, value: Answer['value'], field?: Answer['field']): Answer => ({
    path: label,
    label,
    value,
    ...(field && { field }),
  })

  test('is recognised by its shape, and named', () => {
    const kind = leadOf(answer('Q', 'a@example.com', 'email'))
    expect(read(kind)).toMatchObject({ status: 'accepted', email: 'a@example.com', recognizedKind: 'TALLY' })
    expect(readGeneric({ email: 'b@example.com' }, { kind, kinds: [kind] })).toMatchObject({
      email: 'b@example.com',
      recognizedKind: undefined,
    })
  })

  test('has its fields before guesses', () => {
    const kind = leadOf(
      answer('Work e-mail', 'a@example.com', 'email'),
      answer('Email', 'b@example.com'),
      answer('Work email', 'c@example.com', 'metadata'),
    )
    expect(read(kind)).toMatchObject({
      email: 'a@example.com',
      fields: { metadata: { email: 'b@example.com', work_email: 'c@example.com' } },
    })
  })

  test('is held with two addresses, and decided by a label that names a friend or a second address', () => {
    expect(read(leadOf(answer('A', 'a@example.com', 'email'), answer('B', 'b@example.com', 'email'))).reasons).toEqual([
      'ambiguous_email',
    ])
    expect(
      read(leadOf(answer('Email', 'a@example.com', 'email'), answer("Friend's email", 'b@example.com', 'email'))).email,
    ).toBe('a@example.com')
    expect(
      read(leadOf(answer('Second email', 'a@example.com', 'email'), answer('Email', 'b@example.com', 'email'))).email,
    ).toBe('b@example.com')
    expect(read(leadOf(answer('Email', 'jane@', 'email'), answer('Mail', 'b@example.com'))).reasons).toEqual([
      'invalid_email',
    ])
  })

  test('of Meta is held with two addresses, and accepted with one twice', () => {
    const read = (workEmail: string) => {
      const answers = { email: 'a@example.com', work_email: workEmail }
      const field_data = Object.entries(answers).map(([name, value]) => ({ name, values: [value] }))
      return readGeneric({ id: '1', field_data }, { kind: kindNamed(allKinds, 'META_LEAD_ADS'), kinds: allKinds })
    }
    expect(read('b@example.com').reasons).toEqual(['ambiguous_email'])
    expect(read('A@example.com')).toMatchObject({ status: 'accepted', email: 'a@example.com' })
  })

  test('is not believed about somebody else, whom a user of the tool nested beside the lead', () => {
    const nested = (path: string, label: string, value: string): Answer => ({ path, label, value })
    const host = [nested('data.host.email', 'email', 'host@acme.example'), nested('data.host.name', 'name', 'Hans')]
    expect(read(leadOf(...host))).toMatchObject({ status: 'held', reasons: ['needs_mapping'] })
    expect(read(leadOf(...host)).fields).not.toHaveProperty('firstName')
    expect(read(leadOf(...host, nested('data.email', 'email', 'a@example.com'))).email).toBe('a@example.com')
  })

  test('may answer with objects', () => {
    const kind = leadOf(
      answer('Email', 'a@example.com', 'email'),
      answer('Full name', { first: 'Ann', last: 'Lee' }),
      answer('Phone', { full: '+14155550123' }, 'phone'),
      answer('Address', { city: 'Rome', zip: '1' }),
    )
    expect(read(kind).fields).toEqual({
      source: 'Pricing page',
      firstName: 'Ann',
      lastName: 'Lee',
      metadata: { phone: '+14155550123', phone_e164: '+14155550123', address_city: 'Rome', address_zip: '1' },
    })
  })

  test('ignores events, and holds tests and ids', () => {
    expect(read(kindOf({ outcome: 'ignored', event: 'unsubscribe' }))).toMatchObject({
      status: 'ignored',
      reasons: ['unsubscribe'],
    })
    expect(read(kindOf({ outcome: 'test', answers: [answer('E', 'a@example.com', 'email')] }))).toMatchObject({
      status: 'held',
      reasons: ['test_lead'],
      email: 'a@example.com',
    })
    const ids = kindOf({ outcome: 'needs_fetch', answers: [] })
    expect(read(ids)).toMatchObject({ status: 'held', reasons: ['needs_fetch'] })
    expect(read(ids, { mapping: [{ field: 'email', paths: ['email'] }] })).toMatchObject({
      status: 'accepted',
      email: 'wrong@example.com',
    })
    expect(read(ids, { emailByHand: 'x@example.com' })).toMatchObject({ status: 'accepted', email: 'x@example.com' })
  })
})
