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

  test('is a form of its own in another source', () => {
    const reading = readGeneric({ type: 'profile', data: { email } }, { kinds: allKinds })
    expect(reading).toMatchObject({ status: 'accepted', email })
  })
})
