import { describe, expect, it } from 'vitest'
import type { KindReading } from '../../../src/sources/kinds/kind.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { handedNames, valuesByPath } from '../../support/handed-payloads.ts'
import { personKinds } from '../../support/kind-groups.ts'
import { answersOf, kindNamed, payloadOf, told } from '../../support/kind-readings.ts'

const phone = '+14155550123'
const company = 'Acme Ltd'

/** Handed payloads, their kind, and what each person told. */
const persons: readonly [string, string, Record<string, string>][] = [
  ['hubspot-workflow', 'HUBSPOT', { first_name: 'Jane', last_name: 'Doe', phone, company }],
  ['meta-graph-lead', 'META_LEAD_ADS', { full_name: 'Jane Doe', phone, company, campaign_name: 'spring-launch' }],
  ['google-ads-lead-form', 'GOOGLE_ADS', { full_name: 'Jane Doe', phone, company, gclid: 'gclid-1' }],
  ['tiktok-lead', 'TIKTOK', { full_name: 'Jane Doe', phone, campaign_name: 'spring-launch' }],
  [
    'calendly',
    'CALENDLY',
    {
      full_name: 'Jane Doe',
      Company: company,
      Phone: phone,
      utm_source: 'google',
      utm_medium: 'cpc',
      utm_campaign: 'spring-launch',
    },
  ],
  ['calcom', 'CAL_COM', { full_name: 'Jane Doe', startTime: '2026-03-20T15:00:00Z' }],
  ['intercom-lead-created', 'INTERCOM', { full_name: 'Jane Doe', phone, company, utm_source: 'google' }],
  ['drift-contact-identified', 'DRIFT', {}],
  ['crisp-set-email', 'CRISP', {}],
  ['chatwoot-contact-created', 'CHATWOOT', { full_name: 'Jane Doe', phone }],
  ['manychat-full-contact', 'MANYCHAT', { first_name: 'Jane', last_name: 'Doe', phone, Company: company }],
  ['mailchimp', 'MAILCHIMP', { first_name: 'Jane', last_name: 'Doe', phone }],
  ['convertkit', 'KIT', { first_name: 'Jane', last_name: 'Doe', company }],
  ['activecampaign', 'ACTIVE_CAMPAIGN', { first_name: 'Jane', last_name: 'Doe', phone, tags: 'lead' }],
  ['segment-identify', 'SEGMENT', analyticsPerson()],
  ['rudderstack-identify', 'RUDDERSTACK', analyticsPerson()],
]

function analyticsPerson() {
  return {
    first_name: 'Jane',
    last_name: 'Doe',
    phone,
    company,
    utm_source: 'google',
    utm_medium: 'cpc',
    utm_campaign: 'spring-launch',
    page_url: 'https://acme.example/pricing',
  }
}

/** Handed payloads without a person. */
const others: readonly [string, string, KindReading][] = [
  ['meta-leadgen', 'META_LEAD_ADS', { outcome: 'needs_fetch', answers: [] }],
  ['linkedin-lead-notification', 'LINKEDIN', { outcome: 'needs_fetch', answers: [] }],
  ['slack-url-verification', 'SLACK', { outcome: 'ignored', event: 'url_verification' }],
]

describe('a handed payload', () => {
  it.each(persons)('%s gives the person and the answers of %s', (name, kind, answers) => {
    const { recognizes, read } = kindNamed(personKinds, kind)
    const payload = payloadOf(name)
    expect(recognizes(payload)).toBe(true)
    const reading = read(payload)
    expect(reading.outcome).toBe('lead')
    expect(told(reading)).toMatchObject({ email: `jane.${name}@example.com`, ...answers })
    expect(JSON.stringify(answersOf(reading))).not.toContain('acme.example"')
  })

  it.each(persons)('%s has each answer of %s at its path', (name, kind) => {
    const payload = payloadOf(name)
    const values = valuesByPath(payload.body)
    for (const { path, value } of answersOf(kindNamed(personKinds, kind).read(payload))) {
      expect(values.get(path), path).toEqual(value)
    }
  })

  it.each(others)('%s has no person, says %s', (name, kind, reading) => {
    const { recognizes, read } = kindNamed(personKinds, kind)
    expect(recognizes(payloadOf(name))).toBe(true)
    expect(read(payloadOf(name))).toEqual(reading)
  })

  it.each(handedNames)('%s is recognised by its own kind only', (name) => {
    const own = [...persons, ...others].find(([payload]) => payload === name)?.[1]
    const recognising = personKinds.filter(({ recognizes }) => recognizes(payloadOf(name))).map((kind) => kind.name)
    expect(recognising).toEqual(own === undefined ? [] : [own])
  })
})

describe('the kinds', () => {
  it('are 21 with different names, three steps each and the URL in one of them', () => {
    expect(new Set(personKinds.map(({ name }) => name)).size).toBe(21)
    for (const { setup, title } of personKinds) {
      expect(setup.join(' '), title).toMatch(/URL of the source/)
      expect(
        setup.every((step) => step.endsWith('.') || step.endsWith('`.')),
        title,
      ).toBe(true)
    }
  })

  it('recognise nothing in an empty payload, and read it without an error', () => {
    for (const kind of personKinds) {
      expect(kind.recognizes({ body: {}, headers: {} }), kind.title).toBe(false)
      expect(answersOf(kind.read({ body: {}, headers: {} })), kind.title).toEqual([])
    }
  })
})

/** Bodies of one kind each, and what they come to. */
const events: readonly [string, string, JsonObject, string][] = [
  ['CALENDLY', 'a cancellation', changed('calendly', { event: 'invitee.canceled' }), 'ignored'],
  ['CALENDLY', 'a no-show', changed('calendly', { event: 'invitee_no_show.created' }), 'ignored'],
  [
    'CALENDLY',
    'the new booking of a rescheduled meeting',
    changed('calendly', {}, { old_invitee: 'https://x' }),
    'lead',
  ],
  ['CAL_COM', 'a cancellation', changed('calcom', { triggerEvent: 'BOOKING_CANCELLED' }), 'ignored'],
  ['CAL_COM', 'a ping', changed('calcom', { triggerEvent: 'PING' }), 'ignored'],
  ['GOOGLE_ADS', 'test data', changed('google-ads-lead-form', { is_test: true }), 'test'],
  ['META_LEAD_ADS', 'another field of the page', metaChange({ field: 'feed', value: { item: 'post' } }), 'ignored'],
  [
    'META_LEAD_ADS',
    'the lead of the webhook tester',
    metaChange({ field: 'leadgen', value: { leadgen_id: '444444444444' } }),
    'test',
  ],
  [
    'META_LEAD_ADS',
    'a lead of the testing tool',
    { id: '1', field_data: [{ name: 'email', values: ['<test lead: dummy data for email>'] }] },
    'test',
  ],
  ['LINKEDIN', 'a deleted lead', changed('linkedin-lead-notification', { leadAction: 'DELETED' }), 'ignored'],
  ['MAILCHIMP', 'an unsubscription', changed('mailchimp', { type: 'unsubscribe' }), 'ignored'],
  ['MAILCHIMP', 'a changed profile', changed('mailchimp', { type: 'profile' }), 'ignored'],
  ['ACTIVE_CAMPAIGN', 'an unsubscription', changed('activecampaign', { type: 'unsubscribe' }), 'ignored'],
  ['KIT', 'an unsubscription', { subscriber: { email_address: 'jane@example.com', state: 'cancelled' } }, 'ignored'],
  ['SEGMENT', 'a page', changed('segment-identify', { type: 'page' }), 'ignored'],
  ['SEGMENT', 'a group', changed('segment-identify', { type: 'group' }), 'ignored'],
  ['SEGMENT', 'a track with an address', track({ email: 'jane@example.com' }), 'lead'],
  [
    'INTERCOM',
    'an answer of an admin',
    changed('intercom-lead-created', { topic: 'conversation.admin.replied' }),
    'ignored',
  ],
  ['INTERCOM', 'a message of an admin', intercomMessage('admin'), 'ignored'],
  ['INTERCOM', 'a message of a user', intercomMessage('user'), 'lead'],
  ['CHATWOOT', 'a message of an agent', chatwootMessage('outgoing', 'user'), 'ignored'],
  ['CHATWOOT', 'a message of a contact', chatwootMessage('incoming', 'contact'), 'lead'],
  ['CHATWOOT', 'a changed conversation', { event: 'conversation_updated', meta: {}, account: { id: 1 } }, 'ignored'],
  ['CRISP', 'a message of an operator', changed('crisp-set-email', { event: 'message:received' }), 'ignored'],
  ['DRIFT', 'a message of an agent', driftMessage('user'), 'ignored'],
  ['DRIFT', 'a message of a contact', driftMessage('contact'), 'lead'],
  ['LANDBOT', 'a message of a customer', landbotMessage('customer'), 'lead'],
  ['LANDBOT', 'a message of an agent', landbotMessage('agent'), 'ignored'],
  [
    'TYPEBOT',
    'an answer with the ids of the bot',
    { typebotId: 't', resultId: 'r', Email: 'jane@example.com' },
    'lead',
  ],
  ['TIDIO', 'a new contact', tidioEvent('contact.created'), 'lead'],
  ['TIDIO', 'an answer of an operator', tidioEvent('conversation.operator_replied'), 'ignored'],
  [
    'HUBSPOT',
    'the id of a new contact',
    { subscriptionType: 'contact.creation', portalId: 1, objectId: 2 },
    'needs_fetch',
  ],
  ['HUBSPOT', 'a deleted contact', { subscriptionType: 'contact.deletion', portalId: 1, objectId: 2 }, 'ignored'],
  ['SLACK', 'a message of the team', slackEvent({ type: 'message', text: 'jane@example.com' }), 'ignored'],
  ['SLACK', 'a bot that joins', slackEvent({ type: 'team_join', user: { is_bot: true } }), 'ignored'],
  [
    'SLACK',
    'a person who joins',
    slackEvent({ type: 'team_join', user: { profile: { email: 'jane@example.com' } } }),
    'lead',
  ],
]

describe('an event', () => {
  it.each(events)('of %s that is %s is told as such', (name, _title, body, outcome) => {
    const kind = kindNamed(personKinds, name)
    expect(kind.recognizes({ body, headers: {} })).toBe(true)
    expect(kind.read({ body, headers: {} }).outcome).toBe(outcome)
  })
})

function changed(name: string, body: JsonObject, payload: JsonObject = {}): JsonObject {
  const original = payloadOf(name).body
  if (Object.keys(payload).length === 0) return { ...original, ...body }
  return { ...original, ...body, payload: { ...Object(original['payload']), ...payload } }
}

function metaChange(change: JsonObject): JsonObject {
  return { object: 'page', entry: [{ id: '1', time: 1, changes: [change] }] }
}

function track(properties: JsonObject): JsonObject {
  return { type: 'track', event: 'Signed Up', anonymousId: 'a1', messageId: 'm2', context: {}, properties }
}

function intercomMessage(type: string): JsonObject {
  const source = { body: 'Hello', author: { type, email: 'jane@example.com', name: 'Jane Doe' } }
  const data = { type: 'notification_event_data', item: { type: 'conversation', id: '1', source } }
  return { type: 'notification_event', app_id: 'abc', topic: 'conversation.user.created', id: 'notif_2', data }
}

function chatwootMessage(messageType: string, senderType: string): JsonObject {
  const sender = { id: 5, type: senderType, name: 'Jane Doe', email: 'jane@example.com' }
  const meta = { assignee: { email: 'agent@acme.example', name: 'Agent' } }
  return {
    event: 'message_created',
    id: 9,
    content: 'Hello',
    message_type: messageType,
    sender,
    account: { id: 1, name: 'Acme' },
    conversation: { meta },
  }
}

function driftMessage(type: string): JsonObject {
  const author = { id: 1, type, bot: false, email: 'jane@example.com' }
  return { orgId: 1, token: 't', type: 'new_message', data: { id: 2, body: 'Hello', author }, timeStamp: 1 }
}

function landbotMessage(type: string): JsonObject {
  const customer = { id: 1, email: 'jane@example.com', name: 'Jane Doe' }
  return { messages: [{ type: 'text', sender: { type }, channel: { id: 1 }, customer, data: { body: 'Hello' } }] }
}

function tidioEvent(topic: string): JsonObject {
  const content = {
    id: 'c-1',
    email: 'jane@example.com',
    first_name: 'Jane',
    properties: [{ name: 'Plan', value: 'Pro' }],
  }
  return { created_at: 1, project_public_key: 'k', topic, version: 1, webhook_id: 'w', content }
}

function slackEvent(event: JsonObject): JsonObject {
  return { token: 't', team_id: 'T1', api_app_id: 'A1', type: 'event_callback', event_id: 'Ev1', event_time: 1, event }
}
