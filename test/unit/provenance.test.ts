import { describe, expect, it } from 'vitest'
import type { Contact } from '../../src/contacts/contact.ts'
import { type ContactFields, mergeContact } from '../../src/contacts/merge.ts'
import { overflows } from '../../src/contacts/provenance.ts'
import type { MergePolicy } from '../../src/generated/prisma/enums.ts'
import { contactOf } from '../support/captures.ts'

const now = new Date('2026-03-17T08:00:00.000Z')
const policies = ['OVERWRITE', 'FILL_EMPTY'] as const

function merge(
  stored: Contact,
  fields: Partial<ContactFields>,
  by: 'stranger' | 'trusted',
  policy: MergePolicy = 'OVERWRITE',
) {
  return mergeContact(stored, { metadata: {}, ...fields }, { policy, isTrusted: by === 'trusted', touch: null, now })
}

function keys(prefix: string, count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, nth) => [`${prefix}${nth}`, nth]))
}

const everything = { firstName: 'Jane', lastName: 'Doe', source: 'crm', metadata: { plan: 'pro' } }
const names = ['first_name', 'last_name', 'source', 'metadata.plan']

describe.each(policies)('11.7: a stranger, under %s,', (policy) => {
  it('replaces no value of a trusted caller, and proposes its own', () => {
    const stored = merge(contactOf(), everything, 'trusted').contact
    const sent = { firstName: 'Mallory', lastName: 'X', source: 'spam', metadata: { plan: 'free' } }
    const { contact, changes, proposals } = merge(stored, sent, 'stranger', policy)
    expect(contact).toEqual({ ...stored, lastSeenAt: now })
    expect(changes).toEqual([])
    expect(proposals).toEqual([
      { field: 'first_name', before: 'Jane', after: 'Mallory' },
      { field: 'last_name', before: 'Doe', after: 'X' },
      { field: 'source', before: 'crm', after: 'spam' },
      { field: 'metadata.plan', before: 'pro', after: 'free' },
    ])
  })

  it('proposes nothing by what is stored already', () => {
    const stored = merge(contactOf(), everything, 'trusted').contact
    expect(merge(stored, everything, 'stranger', policy)).toMatchObject({ changes: [], proposals: [] })
    expect(stored.trustedFields).toEqual(names)
  })

  it('fills what is empty, also where a trusted caller wrote before', () => {
    const cleared = contactOf({ trustedFields: names })
    const { contact, changes, proposals } = merge(cleared, everything, 'stranger', policy)
    expect(contact).toMatchObject({ ...everything, trustedFields: [] })
    expect(changes).toHaveLength(4)
    expect(proposals).toEqual([])
  })
})

describe('11.7: a trusted caller', () => {
  it('takes over the values that it replaces or repeats', () => {
    const stored = merge(contactOf(), everything, 'stranger').contact
    expect(stored.trustedFields).toEqual([])
    const { contact, changes } = merge(stored, { ...everything, firstName: 'Janet' }, 'trusted')
    expect(changes).toEqual([{ field: 'first_name', before: 'Jane', after: 'Janet' }])
    expect(contact.trustedFields).toEqual(names)
    expect(merge(stored, everything, 'trusted')).toMatchObject({ changes: [], contact: { version: stored.version } })
  })

  it('with FILL_EMPTY takes over nothing that it leaves as it is', () => {
    const stored = merge(contactOf(), everything, 'stranger').contact
    const { contact, proposals } = merge(stored, { firstName: 'Janet' }, 'trusted', 'FILL_EMPTY')
    expect(contact).toMatchObject({ firstName: 'Jane', trustedFields: [] })
    expect(proposals).toEqual([])
  })

  it('guards a key of metadata that is spelled like a field, and the field, apart', () => {
    const stored = merge(contactOf(), { metadata: { first_name: 'Jane', 'metadata.source': 'crm' } }, 'trusted').contact
    const sent = { firstName: 'Mallory', source: 'ads', metadata: { first_name: 'X', 'metadata.source': 'X' } }
    const { contact, proposals } = merge(stored, sent, 'stranger')
    expect(contact).toMatchObject({ firstName: 'Mallory', source: 'ads', metadata: stored.metadata })
    expect(proposals.map(({ field }) => field)).toEqual(['metadata.first_name', 'metadata.metadata.source'])
  })
})

describe('11.7: the metadata of a contact', () => {
  it('takes 50 keys of strangers, over all captures; the others are proposed', () => {
    const first = merge(contactOf(), { metadata: keys('a', 30) }, 'stranger').contact
    const { contact, changes, proposals } = merge(first, { metadata: keys('b', 30) }, 'stranger')
    expect(Object.keys(contact.metadata)).toHaveLength(50)
    expect(changes).toHaveLength(20)
    expect(proposals).toHaveLength(10)
    expect(proposals[0]).toEqual({ field: 'metadata.b20', before: null, after: 20 })
    expect(merge(contact, { metadata: { a0: 'changed', c: 1 } }, 'stranger').contact.metadata).toEqual({
      ...contact.metadata,
      a0: 'changed',
    })
  })

  it('takes keys of trusted callers as long as there is room, and no more of strangers then', () => {
    const ofStrangers = merge(contactOf(), { metadata: keys('s', 50) }, 'stranger').contact
    const full = merge(ofStrangers, { metadata: keys('t', 150) }, 'trusted').contact
    expect(overflows(ofStrangers, full)).toBe(false)
    const beyond = merge(full, { metadata: { s0: 'changed', one: 1 } }, 'trusted').contact
    expect(overflows(full, beyond)).toBe(true)
    expect(overflows(full, merge(full, { metadata: { s0: 'changed' } }, 'trusted').contact)).toBe(false)
    const whole = merge(contactOf(), { metadata: keys('t', 200) }, 'trusted').contact
    expect(overflows(contactOf(), whole)).toBe(false)
    expect(merge(whole, { metadata: { one: 1 } }, 'stranger')).toMatchObject({
      contact: { metadata: whole.metadata },
      proposals: [{ field: 'metadata.one', before: null, after: 1 }],
    })
  })

  it('has room for 100 keys of trusted callers even where strangers filled it before the limits', () => {
    const stored = contactOf({ metadata: keys('s', 200) })
    const hundred = merge(stored, { metadata: keys('t', 100) }, 'trusted').contact
    expect(overflows(stored, hundred)).toBe(false)
    expect(overflows(hundred, merge(hundred, { metadata: { one: 1 } }, 'trusted').contact)).toBe(true)
  })
})
