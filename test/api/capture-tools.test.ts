import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { runSql } from '../support/test-parts.ts'

/** Requests as tools and pages send them, with invented people. */
const folder = new URL('../fixtures/door/', import.meta.url)
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.meta.json') ? [file.slice(0, -10)] : []))

type Person = readonly [firstName: string | null, lastName: string | null, metadata: Readonly<Record<string, unknown>>]

const message = 'I would like a demo.'
const phone = '+14155550123'
const company = 'Acme Ltd'

/** Who is captured of each, and with which metadata. */
const people: Readonly<Record<string, Person>> = {
  'cf7-to-webhook': ['Jane', 'Doe', { 'your-subject': 'Demo', 'your-message': message }],
  'chatwoot-contact-created': [
    'Jane',
    'Doe',
    { account_id: 1, account_name: 'Acme', phone_number: phone, blocked: false, event: 'contact_created' },
  ],
  'elementor-simple': [
    'Jane',
    'Doe',
    expect.objectContaining({ Phone: phone, page_url: 'https://acme.example/contact/' }),
  ],
  'fluentforms-all': ['Jane', 'Doe', { phone, message }],
  'formidable-api': ['Jane', 'Doe', {}],
  framer: ['Jane', 'Doe', { Company: company, Message: message }],
  'google-forms-flat': ['Jane', 'Doe', { timestamp: '2026-03-16T12:00:00Z', Company: company }],
  'google-forms-namedvalues': ['Jane', 'Doe', expect.objectContaining({ Company: company, phone_number: phone })],
  'gravity-select-fields': ['Jane', 'Doe', { phone, company, utm_source: 'google' }],
  'html-checkboxes': [null, null, { interests: 'seo, ads' }],
  'html-checkboxes-php': [null, null, { interests: 'seo' }],
  'html-empty-file': ['Jane', null, {}],
  'html-fname': ['Jane', 'Doe', {}],
  'html-labels': ['Jane', 'Doe', {}],
  'html-long-message': [null, null, { message: 'A longer message. '.repeat(40) }],
  'html-name-only': ['Jane', 'Doe', { message }],
  'html-plain': ['Jane', 'Doe', { utm_source: 'google', phone, company }],
  'html-recaptcha': ['Jane', 'Doe', {}],
  'hubspot-custom-body': ['Jane', 'Doe', { company }],
  instapage: ['Jane', 'Doe', expect.objectContaining({ page_name: 'Spring', variation: 'A' })],
  'json-camel': ['Jane', 'Doe', { phone }],
  'json-nested-utm': ['Jane', null, { utm_source: 'google' }],
  'json-tags': ['Jane', null, { tags: 'a, b' }],
  'landbot-custom': ['Jane', 'Doe', { phone }],
  leadpages: ['Jane', null, { phone_number: phone, page_name: 'Spring', utm_source: 'google' }],
  'make-http': ['Jane', 'Doe', {}],
  'manychat-full-contact': ['Jane', 'Doe', expect.objectContaining({ phone, locale: 'en_GB' })],
  'netlify-forms': ['Jane', 'Doe', expect.objectContaining({ summary: message, data_message: message })],
  'ninja-forms-mapped': ['Jane', null, { message }],
  'squarespace-via-zapier': ['Jane', 'Doe', { form_name: 'Contact' }],
  'tidio-flow-api-call': ['Jane', 'Doe', { phone }],
  'typebot-custom': ['Jane', 'Doe', { company }],
  'unbounce-json': ['Jane', 'Doe', expect.objectContaining({ page_name: 'Spring', phone })],
  'wpforms-mapped': ['Jane', 'Doe', { phone }],
  'zapier-form-flattened': ['Jane', null, { data__company: company, tags: 'a, b' }],
  'zapier-post': ['Jane', 'Doe', {}],
}
/** Their e-mail stands inside another object, or in a list: that takes a source. */
const refused = ['activecampaign', 'html-rails', 'json-array-of-one']

describe('POST /capture with what tools send', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  const post = (name: string) => {
    const meta = JSON.parse(readFileSync(new URL(`${name}.meta.json`, folder), 'utf8'))
    const file = readdirSync(folder).find((each) => each === `${name}.json` || each === `${name}.txt`)
    const headers = { ...meta.headers, 'content-type': meta.content_type }
    const body = readFileSync(new URL(file ?? '', folder))
    return { email: meta.email, answer: send(rex.url, { method: 'POST', path: '/capture', headers, body }) }
  }

  test('there is a row for each of them', () => {
    expect([...Object.keys(people), ...refused].toSorted()).toEqual(names.toSorted())
  })

  test.each(Object.entries(people))('takes %s, with the names of the person', async (name, [first, last, metadata]) => {
    const { email, answer } = post(name)
    expect((await answer).status).toBe(201)
    const text = 'select first_name, last_name, metadata from contact where email = $1'
    expect(await runSql(rex.database, text, [email])).toEqual([{ first_name: first, last_name: last, metadata }])
  })

  test.each(refused)('refuses %s, which has no e-mail of its own', async (name) => {
    expect((await post(name).answer).status).toBe(422)
  })
})
