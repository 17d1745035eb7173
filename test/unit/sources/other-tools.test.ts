import { expect, test } from 'vitest'
import { allKinds } from '../../../src/sources/kinds/all-kinds.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

const jane = 'jane@example.com'
const host = 'owner@acme.example'

/** Payloads as tools without a kind of their own send them; the people are invented. All have Jane Doe. */
const payloads: Readonly<Record<string, JsonObject>> = {
  Paperform: {
    data: [
      { title: 'Full name', description: null, type: 'text', key: '8h2d', custom_key: 'name', value: 'Jane Doe' },
      { title: 'Email', description: null, type: 'email', key: 'e7b1', custom_key: null, value: jane },
      { title: 'What do you need?', type: 'choices', key: '9xk', value: ['Design', 'SEO'] },
    ],
    form_id: '5f1',
    slug: 'contact-us',
    submission_id: '60a1',
    created_at: '2026-10-01 12:00:00',
    ip_address: '203.0.113.7',
    charge: null,
  },
  Fillout: {
    formId: 'vso75yNDLxus',
    formName: 'Contact form',
    submission: {
      submissionId: 'ab9959b2',
      submissionTime: '2026-10-01T12:00:00.000Z',
      lastUpdatedAt: '2026-10-01T12:00:00.000Z',
      questions: [
        { id: 'a1', name: 'First name', type: 'ShortAnswer', value: 'Jane' },
        { id: 'a2', name: 'Last name', type: 'ShortAnswer', value: 'Doe' },
        { id: 'a3', name: 'Your email', type: 'EmailInput', value: jane },
      ],
      calculations: [],
      urlParameters: [{ id: 'utm_source', name: 'utm_source', value: 'google' }],
      documents: [],
    },
  },
  Formstack: {
    FormID: '1234567',
    UniqueID: '987654321',
    Name: { first: 'Jane', last: 'Doe' },
    Email: jane,
    'How did you hear about us?': 'A friend',
    HandshakeKey: 'abc',
  },
  'Zoho Forms': {
    Name_First: 'Jane',
    Name_Last: 'Doe',
    Email: jane,
    PhoneNumber_countrycode: '+14155550123',
    SingleLine: 'Acme Ltd',
    REFERRER_NAME: 'https://example.com/',
    FORM_NAME: 'Contact us',
    ADDED_TIME: '01-Oct-2026 12:00:00',
    TASK_OWNER: host,
  },
  'Gravity Forms, by labels': {
    'Entry Id': '42',
    'Form Title': 'Contact Us',
    'Name (First)': 'Jane',
    'Name (Last)': 'Doe',
    'Email Address': jane,
    'Created By (User Id)': '1',
    'Source Url': 'https://example.com/contact',
  },
  'WPForms, all fields': {
    form_id: '12',
    form_title: 'Contact',
    fields: [
      { id: 0, name: 'Name', type: 'name', value: 'Jane Doe', first: 'Jane', middle: '', last: 'Doe' },
      { id: 1, name: 'Email', type: 'email', value: jane },
      { id: 2, name: 'Comment or Message', type: 'textarea', value: 'Please call' },
    ],
  },
  'Ninja Forms, all fields': {
    form_id: '3',
    fields: { name_1: 'Jane Doe', email_2: jane, message_3: 'Hello', submit_4: '' },
    settings: { admin_email: host, title: 'Contact me' },
  },
  Unbounce: {
    page_name: 'Spring offer',
    variant: 'b',
    page_id: '0b3c',
    'data.json': { email: [jane], first_name: ['Jane'], last_name: ['Doe'], ip_address: ['203.0.113.7'] },
  },
  Leadpages: {
    email: jane,
    'first-name': 'Jane',
    'last-name': 'Doe',
    form_name: 'Get the guide',
    page_name: 'Guide',
    page_url: 'https://acme.lpages.co/guide/',
  },
  'Squarespace, by Zapier': {
    'Form Name': 'New form',
    'Submitted On': '10/01/2026 12:00:00',
    Name: 'Jane Doe',
    Email: jane,
    Message: 'Hello there',
  },
  'Wix automation': {
    data: {
      formName: 'Contact',
      'field:first_name_3f2b': 'Jane',
      'field:last_name_b112': 'Doe',
      'field:email_8bbd': jane,
      submissionTime: '2026-10-01T12:00:00Z',
      contact: { name: { first: 'Jane', last: 'Doe' }, email: jane, contactId: 'c-1' },
      siteOwner: { email: host },
    },
  },
  Framer: { Name: 'Jane Doe', Email: jane, Location: 'Berlin', Message: 'Hello' },
  Carrd: { name: 'Jane Doe', email: jane, message: 'Hello', _form: 'form01', _site: 'acme.carrd.co' },
  'ManyChat, full contact': {
    id: 'user:71',
    page_id: '1',
    first_name: 'Jane',
    last_name: 'Doe',
    name: 'Jane Doe',
    email: jane,
    live_chat_url: 'https://manychat.com/fb1/chat/71',
    last_input_text: 'friend@example.org',
    custom_fields: { budget: '1000' },
  },
  'Tawk.to': {
    event: 'ticket:create',
    time: '2026-10-01T12:00:00Z',
    property: { id: '58ca8453b8a7e060cd3b1ecb', name: 'Acme site' },
    requester: { name: 'Jane Doe', email: jane, type: 'customer' },
    ticket: { id: 't1', humanId: 7, subject: 'Hello', message: 'Please call' },
  },
  Drift: {
    orgId: 1,
    type: 'contact_identified',
    data: { id: 5, attributes: { email: jane, name: 'Jane Doe', _classification: 'Engaged' } },
  },
  'Zapier, flattened': {
    data__contact__first_name: 'Jane',
    data__contact__last_name: 'Doe',
    data__contact__email: jane,
    data__owner__email: host,
  },
  'Make, bundle': {
    bundle: { contact: { firstName: 'Jane', lastName: 'Doe', email: jane }, assignee: { email: host } },
  },
  'n8n, item': {
    headers: { host: 'n8n.example.com', 'user-agent': 'x' },
    params: {},
    query: {},
    body: { name: 'Jane Doe', email: jane, message: 'Hello' },
    webhookUrl: 'https://n8n.example.com/webhook/1',
    executionMode: 'production',
  },
  'Stripe Checkout': {
    id: 'evt_1',
    object: 'event',
    type: 'checkout.session.completed',
    data: {
      object: {
        id: 'cs_1',
        object: 'checkout.session',
        amount_total: 4900,
        customer: 'cus_1',
        customer_details: { email: jane, name: 'Jane Doe', phone: null, address: { city: 'Berlin', country: 'DE' } },
        customer_email: null,
        custom_fields: [],
        metadata: { plan: 'pro' },
      },
    },
  },
  'Shopify customer': {
    id: 706_405_506_930_370_000,
    email: jane,
    first_name: 'Jane',
    last_name: 'Doe',
    orders_count: 0,
    addresses: [{ id: 1, first_name: 'Jane', last_name: 'Doe', company: 'Acme Ltd', phone: '+14155550123' }],
    default_address: { id: 1, first_name: 'Jane', last_name: 'Doe', name: 'Jane Doe', country_name: 'Germany' },
  },
  'Shopify order': {
    id: 820_982_911_946_154,
    name: '#9999',
    email: jane,
    contact_email: jane,
    customer: { id: 1, email: jane, first_name: 'Jane', last_name: 'Doe' },
    billing_address: { first_name: 'Jane', last_name: 'Doe', name: 'Jane Doe' },
    line_items: [{ id: 1, name: 'Aviator sunglasses', title: 'Aviator sunglasses', vendor: 'Acme' }],
  },
  'Eventbrite attendee': {
    id: '123',
    event_id: '9',
    order_id: '8',
    ticket_class_name: 'General',
    profile: { first_name: 'Jane', last_name: 'Doe', name: 'Jane Doe', email: jane },
    answers: [{ question: 'Diet?', answer: 'None', question_id: '1', type: 'text' }],
    event: { name: { text: 'Launch party' }, organizer: { name: 'Acme', email: host } },
  },
  'Pipedrive person': {
    meta: { action: 'create', entity: 'person', user_id: '1', host: 'acme.pipedrive.com' },
    data: {
      id: 5,
      name: 'Jane Doe',
      first_name: 'Jane',
      last_name: 'Doe',
      emails: [{ label: 'work', value: jane, primary: true }],
      phones: [{ label: 'work', value: '+14155550123', primary: true }],
      owner_id: { id: 1, name: 'Olga Owner', email: host, active_flag: true },
    },
    previous: null,
  },
  ActiveCampaign: {
    type: 'subscribe',
    date_time: '2026-10-01T12:00:00-05:00',
    initiated_by: 'public',
    list: '1',
    contact: { id: '1', email: jane, first_name: 'Jane', last_name: 'Doe', orgname: 'Acme Ltd', tags: 'a, b' },
  },
  Klaviyo: {
    data: {
      type: 'profile',
      id: '01GDD',
      attributes: { email: jane, first_name: 'Jane', last_name: 'Doe', organization: 'Acme Ltd', properties: {} },
      links: { self: 'https://a.klaviyo.com/api/profiles/01GDD/' },
    },
  },
  ConvertKit: {
    subscriber: { id: 1, first_name: 'Jane', email_address: jane, state: 'active', fields: { last_name: 'Doe' } },
  },
  Basin: { name: 'Jane Doe', email: jane, message: 'Hi', form_id: 'abc', created_at: '2026-10-01', spam: false },
  Formspree: {
    form: 'xyzabc',
    submission: { _date: '2026-10-01T12:00:00Z', name: 'Jane Doe', email: jane, message: 'Hi' },
    keys: ['name', 'email', 'message'],
  },
  Getform: { id: '1', formName: 'Contact', payload: { name: 'Jane Doe', email: jane, message: 'Hi' } },
  'Cognito Forms': {
    Form: { Id: '1', InternalName: 'Contact', Name: 'Contact' },
    Name: { First: 'Jane', Last: 'Doe', FirstAndLast: 'Jane Doe', Prefix: null },
    Email: jane,
    Entry: { Number: 5, Status: 'Submitted', User: { Email: host, Name: 'Olga Owner' } },
  },
  'Webform of Drupal': {
    serial: '12',
    sid: '12',
    uri: '/node/1',
    webform_id: 'contact',
    data: { name: 'Jane Doe', email: jane, subject: 'Hello', message: 'Hi' },
    operation: 'completed',
  },
  'Acuity, by relay': {
    id: 54_321,
    firstName: 'Jane',
    lastName: 'Doe',
    email: jane,
    phone: '4155550123',
    calendar: 'Olga Owner',
    calendarEmail: host,
    type: 'Consultation',
  },
  'SurveyMonkey, by relay': {
    id: '5007154402',
    pages: [
      {
        id: '1',
        questions: [
          { id: '2', heading: 'Your name', answers: [{ tag_data: [], text: 'Jane Doe' }] },
          { id: '3', heading: 'Your email address', answers: [{ text: jane }] },
        ],
      },
    ],
  },
}

test.each(Object.entries(payloads))('%s: Jane Doe, or nobody', (_tool, body) => {
  const { status, email, fields } = readGeneric(body, { kinds: allKinds })
  if (status === 'held') return
  expect({ email, ...fields }).toMatchObject({ email: jane })
  expect([undefined, 'Jane']).toContain(fields.firstName)
  expect([undefined, 'Doe']).toContain(fields.lastName)
})
