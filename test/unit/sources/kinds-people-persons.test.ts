import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../src/sources/kinds/kind.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { personKinds } from '../../support/kind-groups.ts'
import { answersOf, kindNamed, payloadOf, told } from '../../support/kind-readings.ts'

const jane = { email: 'jane@example.com', name: 'Jane Doe', timeZone: 'Europe/London' }
const guest = { email: 'guest@example.com', name: 'A Guest', timeZone: 'Europe/London' }
const organizer = { email: 'host@acme.example', name: 'Host' }

describe('a booking of Cal.com', () => {
  it('is the booker’s, whoever is invited and in whatever order', () => {
    const responses = { email: { value: jane.email }, name: { value: jane.name }, guests: { value: [guest.email] } }
    const answers = read('CAL_COM', booking({ responses, attendees: [guest, jane] }))
    expect(emails(answers)).toEqual([jane.email])
    expect(JSON.stringify(answers)).not.toMatch(/guest|host/i)
  })

  it('is the only attendee’s when the answers are missing', () => {
    const answers = read('CAL_COM', booking({ attendees: [organizer, jane] }))
    expect(told({ outcome: 'lead', answers })).toMatchObject({ email: jane.email, full_name: jane.name })
  })

  it('has several candidates and no name when the answers are missing and there are guests', () => {
    const answers = read('CAL_COM', booking({ attendees: [jane, guest] }))
    expect(emails(answers)).toEqual([jane.email, guest.email])
    expect(answers.some(({ field }) => field === 'full_name')).toBe(false)
  })

  it('is nobody’s when the host books for a test', () => {
    const responses = { email: { value: organizer.email }, name: { value: 'Host' } }
    expect(emails(read('CAL_COM', booking({ responses, attendees: [organizer] })))).toEqual([])
  })

  it('takes a name in two parts, the phone and the answers by their questions', () => {
    const responses = {
      email: { value: jane.email },
      name: { label: 'your_name', value: { firstName: 'Jane', lastName: 'Doe' } },
      attendeePhoneNumber: { label: 'phone_number', value: '+14155550123' },
      'company-size': { label: 'How large is your company?', value: '11-50' },
    }
    expect(told({ outcome: 'lead', answers: read('CAL_COM', booking({ responses })) })).toMatchObject({
      first_name: 'Jane',
      last_name: 'Doe',
      phone: '+14155550123',
      'How large is your company?': '11-50',
    })
  })

  it('of a routing form is the one of its answers', () => {
    const responses = { Email: { label: 'Email', value: jane.email }, 'Team size': { value: 5 } }
    const body = { triggerEvent: 'FORM_SUBMITTED', payload: { formId: 'f1', formName: 'Routing', responses } }
    expect(told({ outcome: 'lead', answers: read('CAL_COM', body) })).toMatchObject({
      Email: jane.email,
      'Team size': 5,
    })
  })
})

describe('a booking of Calendly', () => {
  it('is the invitee’s, not the host’s nor a guest’s', () => {
    const { body } = payloadOf('calendly')
    const event_memberships = [{ user_email: organizer.email, user_name: 'Host' }]
    const scheduled_event = { event_memberships, event_guests: [{ email: guest.email }] }
    const answers = read('CALENDLY', { ...body, payload: { ...Object(body['payload']), scheduled_event } })
    expect(JSON.stringify(answers)).not.toMatch(/guest|host/i)
  })

  it('of a routing form is the one of its answers', () => {
    const questions_and_answers = [{ question: 'E-mail', answer: jane.email }]
    const payload = { uri: 'https://api.calendly.com/routing_form_submissions/R1', questions_and_answers }
    const answers = read('CALENDLY', { event: 'routing_form_submission.created', payload })
    expect(told({ outcome: 'lead', answers })).toEqual({ 'E-mail': jane.email })
  })

  it('has another id than its cancellation, and the same one at each retry', () => {
    const { repeatId } = kindNamed(personKinds, 'CALENDLY')
    const { body } = payloadOf('calendly')
    const id = repeatId?.({ body, headers: {} })
    expect(id).toContain('/invitees/I1')
    expect(repeatId?.({ body: structuredClone(body), headers: {} })).toBe(id)
    expect(repeatId?.({ body: { ...body, event: 'invitee.canceled' }, headers: {} })).not.toBe(id)
  })
})

describe('a lead form of an ad network', () => {
  it('of Google Ads has the private address before the one at work', () => {
    const both = [column('WORK_EMAIL', 'jane@acme.example'), column('EMAIL', jane.email)]
    expect(emails(read('GOOGLE_ADS', { user_column_data: both }))).toEqual([jane.email])
    expect(emails(read('GOOGLE_ADS', { user_column_data: both.slice(0, 1) }))).toEqual(['jane@acme.example'])
  })

  it('of Google Ads has no key among its answers', () => {
    expect(JSON.stringify(read('GOOGLE_ADS', payloadOf('google-ads-lead-form').body))).not.toContain('shared-key')
  })

  it('of Meta is read in a notification that a relay has filled, and is another submission than the empty one', () => {
    const value = { leadgen_id: '5', field_data: [{ name: 'email', values: [jane.email] }] }
    const filled = { object: 'page', entry: [{ changes: [{ field: 'leadgen', value }] }] }
    expect(emails(read('META_LEAD_ADS', filled))).toEqual([jane.email])
    const empty = { object: 'page', entry: [{ changes: [{ field: 'leadgen', value: { leadgen_id: '5' } }] }] }
    const { repeatId } = kindNamed(personKinds, 'META_LEAD_ADS')
    expect(repeatId?.({ body: empty, headers: {} })).not.toBe(repeatId?.({ body: filled, headers: {} }))
  })

  it('of LinkedIn that a relay has fetched is read, with the questions of the form where they are there', () => {
    const answers = [
      { questionId: 1, answerDetails: { textQuestionAnswer: { answer: jane.email } } },
      { questionId: 2, answerDetails: { textQuestionAnswer: { answer: 'Jane' } } },
      { questionId: 3, answerDetails: { textQuestionAnswer: { answer: 'Soon' } } },
    ]
    const questions = [
      { questionId: 1, predefinedField: 'EMAIL' },
      { questionId: 2, predefinedField: 'FIRST_NAME' },
      { questionId: 3, question: { localized: { en_US: 'When do you start?' } } },
    ]
    const lead = { id: '1a2b', leadType: 'SPONSORED', formResponse: { answers }, form: { content: { questions } } }
    expect(told({ outcome: 'lead', answers: read('LINKEDIN', lead) })).toMatchObject({
      email: jane.email,
      first_name: 'Jane',
      'When do you start?': 'Soon',
    })
  })
})

describe('a contact of HubSpot', () => {
  it('is known by its identities when the property is missing, and has no owner', () => {
    const { body } = payloadOf('hubspot-workflow')
    const properties = { hubspot_owner_id: { value: organizer.email }, firstname: { value: 'Jane' } }
    const answers = read('HUBSPOT', { ...body, properties, 'associated-owner': { email: organizer.email } })
    expect(emails(answers)).toEqual(['jane.hubspot-workflow@example.com'])
    expect(JSON.stringify(answers)).not.toContain(organizer.email)
  })

  it('has the properties that HubSpot computes after those that people fill', () => {
    const properties = { hs_score: { value: 1 }, email: { value: jane.email }, plan: { value: 'Pro' } }
    const answers = read('HUBSPOT', { vid: 1, 'portal-id': 2, properties })
    expect(answers.map(({ label }) => label)).toEqual(['email', 'plan', 'hs_score'])
  })

  it('of the newer API is read, and so is a changed address', () => {
    const contact = {
      id: '1',
      properties: { email: jane.email, firstname: 'Jane', hs_object_id: '1' },
      archived: false,
    }
    expect(emails(read('HUBSPOT', contact))).toEqual([jane.email])
    const changed = { subscriptionType: 'contact.propertyChange', portalId: 1, propertyName: 'email' }
    expect(emails(read('HUBSPOT', { ...changed, propertyValue: jane.email }))).toEqual([jane.email])
  })
})

describe('a message', () => {
  it('in Chatwoot is the contact’s, without the account and the agent it is assigned to', () => {
    const sender = { id: 5, type: 'contact', email: jane.email, name: 'Jane Doe' }
    const conversation = { meta: { assignee: { email: organizer.email } } }
    const body = { event: 'message_created', message_type: 'incoming', sender, conversation, account: { name: 'Acme' } }
    const answers = read('CHATWOOT', { ...body, content: 'Hello' })
    expect(told({ outcome: 'lead', answers })).toEqual({ email: jane.email, full_name: 'Jane Doe', message: 'Hello' })
  })

  it('in Intercom is its newest author’s', () => {
    const user = { author: { type: 'user', email: jane.email }, body: 'And?' }
    const admin = { author: { type: 'admin', email: organizer.email }, body: 'Hello' }
    const read = (parts: JsonObject[]) => {
      const item = { type: 'conversation', conversation_parts: { conversation_parts: parts } }
      const body = { type: 'notification_event', topic: 'conversation.user.replied', data: { item } }
      return kindNamed(personKinds, 'INTERCOM').read({ body, headers: {} })
    }
    expect(emails(answersOf(read([admin, user])))).toEqual([jane.email])
    expect(read([user, admin]).outcome).toBe('ignored')
  })
})

describe('a call of Segment', () => {
  it('takes the id of the user for the address when it is one and the traits have none', () => {
    const call = { type: 'identify', messageId: 'm1', anonymousId: 'a1', userId: jane.email }
    expect(emails(read('SEGMENT', { ...call, traits: { firstName: 'Jane' } }))).toEqual([jane.email])
    expect(emails(read('SEGMENT', { ...call, traits: { email: 'j@example.com' } }))).toEqual(['j@example.com'])
  })

  it('that tracks an event is the person’s in the traits, not another in the properties', () => {
    const context = { traits: { email: jane.email }, library: { name: 'analytics.js' } }
    const call = { type: 'track', event: 'Invited', messageId: 'm1', userId: 'u1', context }
    expect(emails(read('SEGMENT', { ...call, properties: { email: guest.email } }))).toEqual([jane.email])
  })
})

function booking(payload: JsonObject): JsonObject {
  return { triggerEvent: 'BOOKING_CREATED', payload: { organizer, uid: 'u1', bookingId: 1, ...payload } }
}

function column(column_id: string, string_value: string): JsonObject {
  return { column_id, string_value }
}

function read(name: string, body: JsonObject): readonly Answer[] {
  const kind = kindNamed(personKinds, name)
  expect(kind.recognizes({ body, headers: {} })).toBe(true)
  return answersOf(kind.read({ body, headers: {} }))
}

/** Returns the addresses that the tool itself says are the person's. */
function emails(answers: readonly Answer[]) {
  return answers.filter(({ field }) => field === 'email').map(({ value }) => value)
}
