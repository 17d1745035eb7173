import { describe, expect, it } from 'vitest'
import type { Touch } from '../../src/contacts/contact.ts'
import { type ContactFields, changedFields, changesOfNew, mergeContact } from '../../src/contacts/merge.ts'
import type { MergePolicy } from '../../src/generated/prisma/enums.ts'
import { contactOf } from '../support/captures.ts'

const now = new Date('2026-03-17T08:00:00.000Z')

function merge(
  stored: ReturnType<typeof contactOf>,
  fields: Partial<ContactFields>,
  {
    policy = 'OVERWRITE',
    touch = null,
    isTrusted = false,
  }: { policy?: MergePolicy; touch?: Touch | null; isTrusted?: boolean } = {},
) {
  return mergeContact(stored, { metadata: {}, ...fields }, { policy, touch, isTrusted, now })
}

function touchOf(campaign: string): Touch {
  const nothing = { source: null, medium: null, term: null, content: null, referrer: null, landingPage: null }
  return { ...nothing, campaign, clickIds: {}, capturedAt: now.toISOString() }
}

describe('a field that was sent', () => {
  it.each([
    ['fills an empty one', 'OVERWRITE', null, 'Jane', 'Jane'],
    ['replaces a stored one', 'OVERWRITE', 'Joan', 'Jane', 'Jane'],
    ['fills an empty one with FILL_EMPTY too', 'FILL_EMPTY', null, 'Jane', 'Jane'],
    ['never replaces a stored one with FILL_EMPTY', 'FILL_EMPTY', 'Joan', 'Jane', 'Joan'],
    ['that is left out clears nothing', 'OVERWRITE', 'Joan', undefined, 'Joan'],
  ] as const)('%s', (_, policy, stored, sent, expected) => {
    for (const field of ['firstName', 'lastName', 'source'] as const) {
      const fields = sent === undefined ? {} : { [field]: sent }
      expect(merge(contactOf({ [field]: stored }), fields, { policy }).contact[field]).toBe(expected)
    }
  })
})

describe('metadata', () => {
  const stored = contactOf({ metadata: { plan: 'free', seats: 3, trial: false } })

  it('merges by key and replaces what was sent', () => {
    const { contact, changes } = merge(stored, { metadata: { plan: 'pro', team: 'blue' } })
    expect(contact.metadata).toEqual({ plan: 'pro', seats: 3, trial: false, team: 'blue' })
    expect(changes).toEqual([
      { field: 'metadata.plan', before: 'free', after: 'pro' },
      { field: 'metadata.team', before: null, after: 'blue' },
    ])
  })

  it('keeps every stored key with FILL_EMPTY, also a false or a zero', () => {
    const { contact, changes } = merge(
      contactOf({ metadata: { trial: false, seats: 0 } }),
      { metadata: { trial: true, seats: 5, plan: 'pro' } },
      { policy: 'FILL_EMPTY' },
    )
    expect(contact.metadata).toEqual({ trial: false, seats: 0, plan: 'pro' })
    expect(changes).toEqual([{ field: 'metadata.plan', before: null, after: 'pro' }])
  })

  it('tells a number from its spelling', () => {
    expect(merge(stored, { metadata: { seats: '3' } }).changes).toEqual([
      { field: 'metadata.seats', before: 3, after: '3' },
    ])
  })

  it.each(['toString', 'hasOwnProperty', 'valueOf'])('takes the key %s for a key like any other', (key) => {
    const { contact, changes } = merge(contactOf(), { metadata: { [key]: 'x' } })
    expect(contact.metadata).toEqual({ [key]: 'x' })
    expect(changes).toEqual([{ field: `metadata.${key}`, before: null, after: 'x' }])
  })
})

describe('a change', () => {
  it('moves version and updatedAt, and is told with before and after', () => {
    const stored = contactOf({ firstName: 'Joan', version: 4 })
    const { contact, changes } = merge(stored, { firstName: 'Jane', lastName: 'Doe', stage: 'customer' })
    expect(contact).toMatchObject({ firstName: 'Jane', lastName: 'Doe', stage: 'customer', version: 5, updatedAt: now })
    expect(changes).toEqual([
      { field: 'first_name', before: 'Joan', after: 'Jane' },
      { field: 'last_name', before: null, after: 'Doe' },
      { field: 'stage', before: 'lead', after: 'customer' },
    ])
  })

  it('leaves identity and creation alone, and what was stored as it is', () => {
    const stored = Object.freeze(contactOf({ firstName: 'Joan', metadata: Object.freeze({ plan: 'free' }) }))
    const { contact } = merge(stored, { firstName: 'Jane', metadata: { plan: 'pro' } })
    const { id, email, workspaceId, createdAt } = stored
    expect(contact).toMatchObject({ id, email, workspaceId, createdAt })
    expect(stored).toMatchObject({ firstName: 'Joan', metadata: { plan: 'free' } })
  })

  it('is none when the same values come again', () => {
    const stored = contactOf({ firstName: 'Jane', source: 'organic', metadata: { plan: 'free', seats: 3 } })
    const { contact, changes } = merge(stored, {
      firstName: 'Jane',
      source: 'organic',
      metadata: { seats: 3, plan: 'free' },
    })
    expect(changes).toEqual([])
    expect(contact).toEqual({ ...stored, lastSeenAt: now })
  })
})

describe('touches', () => {
  it('set the first once and the last each time, and are no change', () => {
    const first = merge(contactOf(), {}, { touch: touchOf('spring') })
    const second = merge(first.contact, {}, { touch: touchOf('summer') })
    expect(second.contact).toMatchObject({
      firstTouch: { campaign: 'spring' },
      lastTouch: { campaign: 'summer' },
      version: 1,
      updatedAt: contactOf().updatedAt,
    })
    expect([...first.changes, ...second.changes]).toEqual([])
  })

  it('take the first from where the visit began, and only once', () => {
    const visit = {
      policy: 'OVERWRITE',
      isTrusted: false,
      firstTouch: touchOf('spring'),
      touch: touchOf('summer'),
      now,
    } as const
    const first = mergeContact(contactOf(), { metadata: {} }, visit)
    expect(first.contact).toMatchObject({ firstTouch: { campaign: 'spring' }, lastTouch: { campaign: 'summer' } })
    const later = { ...visit, firstTouch: touchOf('autumn'), touch: touchOf('winter') }
    const second = mergeContact(first.contact, { metadata: {} }, later)
    expect(second.contact).toMatchObject({ firstTouch: { campaign: 'spring' }, lastTouch: { campaign: 'winter' } })
  })

  it('stay when a capture carries none', () => {
    const touched = contactOf({ firstTouch: touchOf('spring'), lastTouch: touchOf('summer') })
    expect(merge(touched, { firstName: 'Jane' }).contact).toMatchObject({
      firstTouch: { campaign: 'spring' },
      lastTouch: { campaign: 'summer' },
    })
  })

  it('set the first with FILL_EMPTY as well, and the last each time', () => {
    const touched = contactOf({ firstTouch: touchOf('spring'), lastTouch: touchOf('spring') })
    const { contact } = merge(touched, {}, { policy: 'FILL_EMPTY', touch: touchOf('summer') })
    expect(contact).toMatchObject({ firstTouch: { campaign: 'spring' }, lastTouch: { campaign: 'summer' } })
  })
})

describe('what a new contact is told to have been given', () => {
  it('is everything that it has, and nothing that it has not', () => {
    const contact = contactOf({ firstName: 'Jane', source: 'organic', metadata: { plan: 'free', trial: false } })
    expect(changesOfNew(contact)).toEqual([
      { field: 'email', before: null, after: 'jane@example.com' },
      { field: 'first_name', before: null, after: 'Jane' },
      { field: 'source', before: null, after: 'organic' },
      { field: 'stage', before: null, after: 'lead' },
      { field: 'metadata.plan', before: null, after: 'free' },
      { field: 'metadata.trial', before: null, after: false },
    ])
  })
})

describe('the names in `changed`', () => {
  it('are those of the webhook body, metadata once', () => {
    const { changes } = merge(contactOf(), { metadata: { plan: 'pro', seats: 3 }, lastName: 'Doe' })
    expect(changedFields(changes)).toEqual(['last_name', 'metadata'])
  })
})
