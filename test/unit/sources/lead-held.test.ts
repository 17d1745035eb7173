import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

describe('a payload is held, and nobody is taken for the lead', () => {
  test.for<[string, string, JsonObject]>([
    ['two addresses', 'ambiguous_email', { email: 'a@example.com', contact: { email: 'b@example.com' } }],
    ['work and private', 'ambiguous_email', { 'Work email': 'a@example.com', 'Personal email': 'b@example.com' }],
    ['two attendees', 'ambiguous_email', { attendees: [{ email: 'a@example.com' }, { email: 'b@example.com' }] }],
    ['two in one value', 'ambiguous_email', { email: 'a@example.com, b@example.com' }],
    ['two without labels', 'ambiguous_email', { '1': 'a@example.com', '2': 'b@example.com' }],
    ['a broken address', 'invalid_email', { email: 'jane@', name: 'Ann Lee' }],
    ['no address in its field', 'invalid_email', { email: 'none', other: 'b@example.com' }],
    ['no address', 'needs_mapping', { name: 'Ann Lee', phone: '+14155550123' }],
    ['the organiser only', 'needs_mapping', { organizer: { email: 'host@acme.example' }, title: 'Demo' }],
    ['the host only', 'needs_mapping', { hostEmail: 'host@acme.example', name: 'Ann Lee' }],
    ['the agent only', 'needs_mapping', { data: { agent: { contact: { email: 'agent@acme.example' } } } }],
    ['the friend only', 'needs_mapping', { "Friend's email": 'b@example.com' }],
    ['the sender only', 'needs_mapping', { from_email: 'noreply@tool.example', name: 'Ann Lee' }],
    ['the account only', 'needs_mapping', { account: { email: 'billing@acme.example' }, name: 'Ann Lee' }],
    ['the form owner only', 'needs_mapping', { form: { id: 1, email: 'o@acme.example' }, name: 'Ann Lee' }],
    ['who created it only', 'needs_mapping', { created_by: { email: 'o@acme.example' }, name: 'Ann Lee' }],
    ['members of the event only', 'needs_mapping', { event_memberships: [{ user_email: 'host@acme.example' }] }],
    ['a German adviser only', 'needs_mapping', { Berater: 'b@acme.example', name: 'Ann' }],
    ['an address in prose only', 'needs_mapping', { message: 'please write to bob@example.com' }],
    ['a label that says nothing of an address', 'needs_mapping', { 'Who sent you?': 'b@example.com' }],
    ['nothing', 'needs_mapping', {}],
  ])('%s', ([, reason, body]) => {
    expect(readGeneric(body)).toMatchObject({ status: 'held', reasons: [reason], email: undefined })
  })

  test.for([
    ...['Kontoinhaber E-Mail', 'Seitenbetreiber E-Mail', 'Formularbesitzer E-Mail', 'E-Mail des Veranstalters'],
    ...[
      'Email del titolare',
      'E-mail van de eigenaar',
      'E-post till arrangören',
      'avsändarens e-post',
      'Verkäufer E-Mail',
    ],
    ...['Email właściciela', 'nadawca email', 'e-mail odesílatele', 'feladó email', 'expeditor email'],
    ...['Почта организатора', 'отправитель email', 'email αποστολέα', 'gönderen e-posta', 'lähettäjän sähköposti'],
    ...[
      'Email người gửi',
      'email pengirim',
      'alamat email pemilik',
      'بريد المرسل email',
      'Webmaster email',
      'processed_by_email',
    ],
  ])('the address of %j only', (label) => {
    expect(readGeneric({ [label]: 'b@example.com' })).toMatchObject({ status: 'held', email: undefined })
    const body = { [label]: 'b@example.com', email: 'ann@example.com' }
    expect(readGeneric(body)).toMatchObject({ status: 'accepted', email: 'ann@example.com' })
  })

  test.for<[string, JsonObject]>([
    ['beside a form without one', { name: 'Contact Us', form: { id: 1 }, email: 'ann@example.com' }],
    ['beside a form in an object', { data: { name: 'Spring Sale', form: { slug: 'x' }, email: 'ann@example.com' } }],
    ['that is the value of `form`', { form: 'Contact Us', name: 'Contact Us', email: 'ann@example.com' }],
    ['that is the campaign', { utm_campaign: 'Spring Sale', name: 'Spring Sale', email: 'ann@example.com' }],
  ])('a title is no name %s', ([, body]) => {
    const { status, fields } = readGeneric(body)
    expect([status, fields.firstName, fields.lastName]).toEqual(['accepted', undefined, undefined])
  })

  test("and a form's title is no name, also with an address by hand", () => {
    const body = { name: 'Contact Us', data: { phone: '+14155550123' } }
    expect(readGeneric(body, { emailByHand: 'ann@example.com' })).toMatchObject({
      status: 'accepted',
      email: 'ann@example.com',
    })
    expect(readGeneric(body, { emailByHand: 'ann@example.com' }).fields).not.toHaveProperty('firstName')
    expect(readGeneric({ name: 'Contact', form_name: 'Contact', email: 'a@example.com' }).fields).not.toHaveProperty(
      'firstName',
    )
  })

  test('an address by hand takes the name that stands beside it', () => {
    const body = {
      attendees: [
        { email: 'a@example.com', name: 'Ann Lee' },
        { email: 'b@example.com', name: 'Bob Ray' },
      ],
    }
    const { email, fields } = readGeneric(body, { emailByHand: 'B@example.com' })
    expect({ email, ...fields }).toMatchObject({ email: 'b@example.com', firstName: 'Bob', lastName: 'Ray' })
    expect(readGeneric(body, { emailByHand: 'none' })).toMatchObject({ status: 'held', reasons: ['invalid_email'] })
  })
})

test('a payload of unknown shape that says it is a test is held', () => {
  const reading = (mark: JsonObject[string]) => readGeneric({ email: 'a@example.com', is_test: mark })
  for (const mark of [true, 1, 'true', 'TRUE', '1'])
    expect(reading(mark)).toMatchObject({ status: 'held', reasons: ['test_lead'] })
  for (const mark of [false, 0, 'false', '', null, 'Is this a test?']) expect(reading(mark).status).toBe('accepted')
})
