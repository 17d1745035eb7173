import { describe, expect, it } from 'vitest'
import type { SourceKind } from '../../../src/generated/prisma/enums.ts'
import { kindOf, recognizeKind } from '../../../src/sources/kinds/all-kinds.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'
import { decoded } from '../../support/handed-payloads.ts'

const jane = 'jane@example.com'

/** Returns the answers that the kind finds, as `label=value`, with the assigned field in brackets. */
function read(kind: SourceKind, body: JsonObject, headers: Record<string, string> = {}): string[] {
  const reading = kindOf(kind)!.read({ body, headers })
  if (reading.outcome === 'ignored') return [`ignored: ${reading.event}`]
  return reading.answers.map(
    ({ label, value, field }) =>
      `${label}=${typeof value === 'string' ? value : JSON.stringify(value)}${field === undefined ? '' : ` [${field}]`}`,
  )
}

describe('Typeform', () => {
  const answer = (type: string, value: JsonObject[string], id: string): JsonObject => ({
    type,
    [type]: value,
    field: { id },
  })

  it('reads the parts of a contact block by what they are, in any language', () => {
    const parts = ['first_name', 'last_name', 'email', 'phone_number', 'company']
    const titles = ['Vorname', 'Nachname', 'Adresse', 'Nummer', 'Arbeitgeber']
    const fields = parts.map((part, i) => ({ id: `f${i}`, subfield_key: part, title: titles[i] ?? '' }))
    const answers = ['Jane', 'Doe', jane, '+4930123456', 'Acme'].map((text, i) => answer('text', text, `f${i}`))
    const definition = { fields: [{ id: 'g', type: 'contact_info', properties: { fields } }] }
    expect(read('TYPEFORM', { event_type: 'form_response', form_response: { definition, answers } })).toEqual([
      'Vorname=Jane [first_name]',
      'Nachname=Doe [last_name]',
      `Adresse=${jane} [email]`,
      'Nummer=+4930123456 [phone]',
      'Arbeitgeber=Acme [company]',
    ])
  })

  it('reads several choices with the one that was typed, numbers, yes and no, and variables', () => {
    const answers = [
      answer('choices', { ids: ['a', 'b'], labels: ['SEO', 'Ads'], other: 'Print' }, 'f1'),
      answer('choice', { other: 'A friend' }, 'f2'),
      answer('number', 0, 'f3'),
      answer('boolean', false, 'f4'),
    ]
    const variables = [{ key: 'score', type: 'number', number: 4 }]
    expect(read('TYPEFORM', { form_response: { answers, variables } })).toEqual([
      'f1=["SEO","Ads","Print"]',
      'f2=A friend',
      'f3=0',
      'f4=false',
      'score=4 [metadata]',
    ])
  })

  it('finds the value of an answer that does not say its type', () => {
    expect(
      read('TYPEFORM', { form_response: { answers: [{ email: jane, field: { ref: 'mail' } }, { field: {} }] } }),
    ).toEqual([`mail=${jane} [email]`])
  })

  it('ignores partial responses', () => {
    const body = { event_type: 'form_response_partial', form_response: { answers: [answer('email', jane, 'f1')] } }
    expect(read('TYPEFORM', body)).toEqual(['ignored: form_response_partial'])
  })
})

describe('Tally', () => {
  it('reads tables, files and groups of boxes once', () => {
    const fields = [
      {
        key: 'q1',
        label: 'Rate us',
        type: 'MATRIX',
        value: { r1: ['c2'] },
        rows: [{ id: 'r1', text: 'Price' }],
        columns: [{ id: 'c2', text: 'Good' }],
      },
      {
        key: 'q2',
        label: 'CV',
        type: 'FILE_UPLOAD',
        value: [{ id: 'x', name: 'cv.pdf', url: 'https://t.example/cv.pdf' }],
      },
      { key: 'q3', label: 'Topics', type: 'CHECKBOXES', value: ['o1', 'gone'], options: [{ id: 'o1', text: 'SEO' }] },
      { key: 'q3_o1', label: 'Topics (SEO)', type: 'CHECKBOXES', value: true },
      { key: 'q4', label: null, type: 'INPUT_EMAIL', value: jane },
      { key: 'q5', label: 'Later', type: 'INPUT_TEXT', value: null },
    ]
    expect(read('TALLY', { eventType: 'FORM_RESPONSE', data: { formId: 'm', fields } })).toEqual([
      'Rate us Price=["Good"]',
      'CV=["https://t.example/cv.pdf"]',
      'Topics=["SEO","gone"]',
      `q4=${jane} [email]`,
    ])
  })

  it('ignores other events', () => {
    expect(read('TALLY', { eventType: 'FORM_RESPONSE_UPDATED', data: { formId: 'm' } })).toEqual([
      'ignored: FORM_RESPONSE_UPDATED',
    ])
  })
})

describe('Jotform', () => {
  const ids = { formID: '1', submissionID: '2' }

  it('takes the person for the lead, not the friend that was named, and labels from the pretty text', () => {
    const rawRequest = {
      q2_friendsName: { first: 'Max', last: 'Friend' },
      q3_name: { prefix: 'Dr.', first: 'Jane', last: 'Doe' },
      q4_email7: jane,
      q5_phone: { area: '415', phone: '5550123' },
      q6_typeA6: '12',
      q7_date: { month: '3', day: '16', year: '2026' },
    }
    const pretty = `Friend:Max Friend, Name:Dr. Jane Doe, Wo erreichen wir dich?:${jane}, Phone:(415) 5550123, Team size:12`
    expect(read('JOTFORM', { ...ids, username: 'owner@acme.example', ip: '203.0.113.7', rawRequest, pretty })).toEqual([
      'Friend first=Max [metadata]',
      'Friend last=Friend [metadata]',
      'Name prefix=Dr. [metadata]',
      'Name first=Jane [first_name]',
      'Name last=Doe [last_name]',
      `Wo erreichen wir dich?=${jane} [email]`,
      'phone=415 5550123 [phone]',
      'Team size=12',
      'date month=3 [metadata]',
      'date day=16 [metadata]',
      'date year=2026 [metadata]',
    ])
  })

  it('reads the pretty text when the raw request cannot be opened', () => {
    const payload = { ...ids, rawRequest: '{"q3_name": {"fir', pretty: `Name:Jane Doe, Email:${jane}` }
    expect(recognizeKind({ body: payload, headers: {} })?.name).toBe('JOTFORM')
    expect(read('JOTFORM', payload)).toEqual(['Name=Jane Doe', `Email=${jane}`])
  })

  it('finds the questions of a long form in little time', () => {
    const entries = Array.from({ length: 4000 }, (_, i) => [`q${i}_text`, `:${'x'.repeat(60)}${i}`])
    const pretty = ':x'.repeat(100_000)
    const start = performance.now()
    expect(read('JOTFORM', { ...ids, rawRequest: Object.fromEntries(entries), pretty })).toHaveLength(4000)
    expect(performance.now() - start).toBeLessThan(3000)
  })
})

describe('Gravity Forms', () => {
  const entry = { form_id: '3', date_created: '2026-03-16', is_read: '0', source_url: 'https://acme.example/' }

  it('reads an entry that is form-encoded', async () => {
    const text = `form_id=3&date_created=x&is_read=0&1.3=Jane&1.6=Doe&2=${encodeURIComponent(jane)}`
    const { body } = await decoded(text, { 'content-type': 'application/x-www-form-urlencoded' })
    expect(recognizeKind({ body, headers: {} })?.name).toBe('GRAVITY_FORMS')
    const answers = [`field 2=${jane} [email]`, 'field 1 3=Jane [first_name]', 'field 1 6=Doe [last_name]']
    expect(read('GRAVITY_FORMS', body).sort()).toEqual(answers.sort())
    expect(read('GRAVITY_FORMS', { ...entry, 1: { 3: 'Jane', 6: 'Doe' } }).slice(0, 2)).toEqual([
      'field 1 3=Jane [first_name]',
      'field 1 6=Doe [last_name]',
    ])
  })

  it('takes no address or group of boxes for a name', () => {
    const address = { ...entry, '5.1': '1 Main St', '5.3': 'Springfield', '5.6': 'USA', '6.1': 'a', '6.3': 'c' }
    expect(read('GRAVITY_FORMS', address).filter((answer) => answer.includes('_name'))).toEqual([])
  })

  it('tells entries of two sites with the same id apart', () => {
    const repeatId = (url: string) =>
      kindOf('GRAVITY_FORMS')?.repeatId?.({ body: { ...entry, id: '12', 2: jane, source_url: url }, headers: {} })
    expect(repeatId('https://a.example/')).not.toBe(repeatId('https://b.example/'))
    expect(repeatId('no url')).toBeUndefined()
  })
})

describe('other shapes of a tool', () => {
  it('reads a submission that a function of Netlify passes on', () => {
    const payload = { form_name: 'contact', site_url: 'https://a.example', data: { email: jane, ip: '203.0.113.7' } }
    const body = { payload, site: { name: 'Acme', account: 'owner@acme.example' } }
    expect(recognizeKind({ body, headers: {} })?.name).toBe('NETLIFY')
    expect(read('NETLIFY', body)).toEqual([`email=${jane}`, 'form_name=contact [metadata]'])
  })

  it('reads fields of Elementor that have numbers for ids, and leaves those that are no question', async () => {
    const fields = ['fields[0][type]=email', `fields[0][title]=Adresse`, `fields[0][value]=${encodeURIComponent(jane)}`]
    const step = ['fields[1][type]=step', 'fields[1][title]=Next', 'fields[1][value]=1']
    const { body } = await decoded(['form[id]=a', 'form[name]=Kontakt', ...fields, ...step].join('&'), {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(recognizeKind({ body, headers: {} })?.name).toBe('ELEMENTOR')
    expect(read('ELEMENTOR', body)).toEqual([`Adresse=${jane} [email]`, 'form_name=Kontakt [metadata]'])
  })

  it('reads the old forms of Wix and leaves fields out that the contact holds', () => {
    const submissions = [{ fieldTitle: 'Telefon', fieldInputValue: '0744 123 456' }]
    const data = {
      formName: 'Kontakt',
      submissions,
      'field:comp-a1': jane,
      'field:comp-a2': 'Blue',
      'contact.Email[0]': jane,
    }
    expect(read('WIX', { data })).toEqual([
      `email=${jane} [email]`,
      'Telefon=0744 123 456',
      'comp-a2=Blue',
      'form_name=Kontakt [metadata]',
    ])
  })

  it('ignores the other events of Webflow', () => {
    const body = { triggerType: 'ecomm_new_order', payload: { customerInfo: { email: jane } } }
    expect(recognizeKind({ body, headers: {} })?.name).toBe('WEBFLOW')
    expect(read('WEBFLOW', body)).toEqual(['ignored: ecomm_new_order'])
  })

  it('reads the responses of a Google form in other languages', () => {
    const body = { Zeitstempel: ['16.03.2026'], 'E-Mail-Adresse': [jane], Themen: ['SEO', 'Ads'] }
    expect(recognizeKind({ body, headers: {} })?.name).toBe('GOOGLE_FORMS')
    expect(read('GOOGLE_FORMS', body)).toEqual([`E-Mail-Adresse=${jane} [email]`, 'Themen=["SEO","Ads"]'])
  })

  it('knows the tags that the editor of Contact Form 7 names itself', () => {
    const body = { _wpcf7: '5', 'email-341': jane, 'tel-12': '123', 'menu-3': 'Pro', admin_email: 'owner@acme.example' }
    expect(recognizeKind({ body, headers: {} })?.name).toBe('CONTACT_FORM_7')
    expect(read('CONTACT_FORM_7', body)).toEqual([
      `email-341=${jane} [email]`,
      'tel-12=123 [phone]',
      'menu-3=Pro',
      'admin_email=owner@acme.example [metadata]',
    ])
  })

  it.each([
    ['Zapier', 'ZAPIER'],
    ['Make/production', 'MAKE'],
    ['Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com)', 'GOOGLE_FORMS'],
  ] as const)('knows the sender %s', (agent, kind) => {
    expect(recognizeKind({ body: { email: jane }, headers: { 'user-agent': agent } })?.name).toBe(kind)
  })

  it('knows a shape before its sender', () => {
    const body = { eventType: 'FORM_RESPONSE', data: { formId: 'm', fields: [] } }
    expect(recognizeKind({ body, headers: { 'user-agent': 'Zapier' } })?.name).toBe('TALLY')
  })

  it('keeps what is about the page or its owner from being the lead, in a body that the user wrote', () => {
    const body = {
      ...{ email: jane, owner: { name: 'Host', email: 'owner@acme.example' }, form: { name: 'Contact Us' } },
      ...{ 'Site e-mail': 'site@acme.example', company: { name: 'Acme' }, utm: { source: 'google' }, user_agent: 'x' },
    }
    expect(read('ZAPIER', body)).toEqual([
      `email=${jane}`,
      'owner_name=Host [metadata]',
      'email=owner@acme.example [metadata]',
      'form_name=Contact Us [metadata]',
      'Site e-mail=site@acme.example [metadata]',
      'company_name=Acme',
      'utm_source=google',
    ])
  })
})
