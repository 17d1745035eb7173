import { describe, expect, test } from 'vitest'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { kindNamed } from '../../support/kind-readings.ts'
import { readGeneric } from './fixtures.ts'

const email = 'ann@example.com'

/** Events that lack most of what their tool sends. */
const events: readonly [string, JsonObject][] = [
  ['MAILCHIMP', { type: 'unsubscribe', data: { email } }],
  ['MAILCHIMP', { type: 'cleaned', data: { reason: 'hard', email } }],
  ['ACTIVE_CAMPAIGN', { type: 'unsubscribe', contact: { email } }],
  ['SEGMENT', { type: 'page', properties: { url: 'https://example.com', email } }],
  ['SEGMENT', { type: 'group', traits: { email } }],
  ['SEGMENT', { type: 'track', event: 'Signed out', properties: { plan: 'pro' } }],
  ['SEGMENT', { type: 'track', event: 'Viewed', messageId: 'm' }],
  ['SEGMENT', { type: 'track', event: 'Viewed', userId: 'u' }],
  ['SEGMENT', { type: 'track', event: 'Viewed', properties: { email: 'none' } }],
  ['RUDDERSTACK', { type: 'track', event: 'Viewed' }],
  ['TIDIO', { topic: 'contact.updated', webhook_id: 'w', content: { contact: { name: 'Ann' } } }],
  ['RUDDERSTACK', { type: 'screen', properties: { email } }],
  ['INTERCOM', { topic: 'conversation.admin.replied', data: { item: { email } } }],
]

/** Leads in the same sources. */
const leads: readonly [string, JsonObject][] = [
  ['MAILCHIMP', { type: 'subscribe', data: { email } }],
  ['MAILCHIMP', { type: 'profile', email }],
  ['ACTIVE_CAMPAIGN', { type: 'subscribe', contact: { email } }],
  ['SEGMENT', { type: 'identify', traits: { email } }],
  ['SEGMENT', { type: 'identify', email }],
  ['SEGMENT', { type: 'track', event: 'Signed up', properties: { email } }],
  ['SEGMENT', { type: 'track', event: 'Signed up', userId: email, properties: {} }],
  ['SEGMENT', { type: 'track', event: 'Signed up', properties: { customer_email: email } }],
  ['SEGMENT', { type: 'track', event: 'Signed up', email }],
  ['RUDDERSTACK', { type: 'track', event: 'Signed up', userId: email, context: { traits: {} } }],
  ['INTERCOM', { topic: 'contact.lead.created', data: { item: { email } } }],
]

describe('an incomplete event in a source of its kind', () => {
  test.for(events)('is ignored: %s %j', ([name, body]) => {
    expect(readGeneric(body, { kind: kindNamed(allKinds, name), kinds: allKinds }).status).toBe('ignored')
  })

  test.for(leads)('becomes a lead where it is one: %s %j', ([name, body]) => {
    const reading = readGeneric(body, { kind: kindNamed(allKinds, name), kinds: allKinds })
    expect(reading).toMatchObject({ status: 'accepted', email })
  })

  const aliases = [
    'businessEmail',
    'email_id',
    'correo',
    'Correo electrónico',
    'courriel',
    'adresse mail',
    'your-email',
  ]
  test.for(aliases)('is a lead with an address in the property %s', (name) => {
    const body = { type: 'track', event: 'Lead', messageId: 'm', userId: 'u', properties: { [name]: email } }
    const reading = readGeneric(body, { kind: kindNamed(allKinds, 'SEGMENT'), kinds: allKinds })
    expect(reading).toMatchObject({ status: 'accepted', email })
  })

  const unnamed: readonly [string, JsonObject, string][] = [
    ['SEGMENT', { type: 'track', event: 'Lead', properties: { contact: email } }, 'properties.contact'],
    [
      'TIDIO',
      { topic: 'contact.updated', webhook_id: 'w', content: { contact: { notes: { by: email } } } },
      'content.contact.notes.by',
    ],
  ]
  test.for(unnamed)('is a lead where the mapping of the user finds its address: %s', ([name, body, path]) => {
    const source = { kind: kindNamed(allKinds, name), kinds: allKinds }
    expect(readGeneric(body, source).email).toBeUndefined()
    const mapping = [{ field: 'email', paths: [path] }]
    expect(readGeneric(body, { ...source, mapping })).toMatchObject({ status: 'accepted', email })
  })

  test.for<[JsonObject, string]>([
    [{ invited_email: email }, 'needs_mapping'],
    [{ seller: { email } }, 'needs_mapping'],
    [{ email: 'ann@' }, 'invalid_email'],
  ])('is held with an address that may not be its own: %j', ([properties, reason]) => {
    const body = { type: 'track', event: 'Invited', messageId: 'm', context: {}, properties }
    const reading = readGeneric(body, { kind: kindNamed(allKinds, 'SEGMENT'), kinds: allKinds })
    expect(reading).toMatchObject({ status: 'held', reasons: [reason] })
  })

  test('is held where two addresses could be its own', () => {
    const body = { type: 'track', event: 'Lead', properties: { email, 'user email': 'other@example.com' } }
    const reading = readGeneric(body, { kind: kindNamed(allKinds, 'SEGMENT'), kinds: allKinds })
    expect(reading).toMatchObject({ status: 'held', reasons: ['ambiguous_email'] })
  })

  test('is a form of its own in another source', () => {
    const reading = readGeneric({ type: 'profile', data: { email } }, { kinds: allKinds })
    expect(reading).toMatchObject({ status: 'accepted', email })
  })
})
