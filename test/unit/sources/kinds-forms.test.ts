import { describe, expect, it } from 'vitest'
import type { SourceKind } from '../../../src/generated/prisma/enums.ts'
import { allKinds, kindOf } from '../../../src/sources/kinds/all-kinds.ts'
import type { KindReading } from '../../../src/sources/kinds/kind.ts'
import { senderKinds } from '../../../src/sources/kinds/sender-kinds.ts'
import { handedNames, handedPayload, valuesByPath } from '../../support/handed-payloads.ts'
import { enteredKinds } from '../../support/kind-groups.ts'

const [phone, company] = ['+14155550123', 'Acme Ltd']
const person = { first_name: 'Jane', last_name: 'Doe' }

/** Answers of a payload by the field that the tool assigns, else by question. `email` is the handed one. */
type Told = Readonly<Record<string, unknown>>

const recognised: readonly (readonly [string, SourceKind, Told])[] = [
  [
    'typeform',
    'TYPEFORM',
    {
      ...{ 'First name': 'Jane', 'Last name': 'Doe', phone, Company: company, Plan: 'Pro', form_name: 'Demo request' },
      ...{ utm_source: 'google', utm_medium: 'cpc', utm_campaign: 'spring-launch' },
    },
  ],
  [
    'tally',
    'TALLY',
    {
      ...{ 'Full name': 'Jane Doe', phone, Company: company, Plan: ['Pro'], form_name: 'Demo request' },
      ...{ utm_source: 'google', utm_campaign: 'spring-launch' },
    },
  ],
  [
    'jotform',
    'JOTFORM',
    { ...person, phone: '(415) 555-0123', Company: company, utm_source: 'google', form_name: 'Demo request' },
  ],
  ['google-forms-flat', 'GOOGLE_FORMS', { 'Full name': 'Jane Doe', Company: company }],
  ['google-forms-namedvalues', 'GOOGLE_FORMS', { 'Full name': 'Jane Doe', 'Phone number': phone, Company: company }],
  ['webflow-v1', 'WEBFLOW', { name: 'Jane Doe', form_name: 'Contact Us' }],
  [
    'webflow-v2',
    'WEBFLOW',
    { 'First Name': 'Jane', 'Last Name': 'Doe', 'Phone Number': phone, Company: company, form_name: 'Contact Us' },
  ],
  ['wix-automation-old', 'WIX', { ...person, phone, form_name: 'Contact' }],
  ['wix-automation-new', 'WIX', { ...person, 'First name': 'Jane', phone, form_name: 'Contact' }],
  ['framer', 'FRAMER', { Name: 'Jane Doe', Company: company, Message: 'I would like a demo.' }],
  [
    'netlify-forms',
    'NETLIFY',
    {
      ...{ Name: 'Jane Doe', ...person, message: 'I would like a demo.', form_name: 'contact' },
      referrer: 'https://acme.example/',
    },
  ],
  [
    'elementor-simple',
    'ELEMENTOR',
    {
      ...{ Name: 'Jane Doe', Phone: phone, Message: 'I would like a demo.', form_name: 'Contact' },
      page_url: 'https://acme.example/contact/',
    },
  ],
  [
    'elementor-advanced',
    'ELEMENTOR',
    {
      ...{ Name: 'Jane Doe', phone, utm_source: 'google', form_name: 'Contact' },
      page_url: 'https://acme.example/contact/',
    },
  ],
  [
    'cf7-to-webhook',
    'CONTACT_FORM_7',
    { 'your-name': 'Jane Doe', 'your-subject': 'Demo', 'your-message': 'I would like a demo.' },
  ],
  [
    'gravity-all-fields',
    'GRAVITY_FORMS',
    { ...person, phone, 'field 4': company, page_url: 'https://acme.example/contact/' },
  ],
  [
    'fluentforms-all',
    'FLUENT_FORMS',
    { ...person, phone, message: 'I would like a demo.', page_url: 'https://acme.example/' },
  ],
  [
    'unbounce',
    'UNBOUNCE',
    {
      ...{ full_name: 'Jane Doe', phone, utm_source: 'google' },
      ...{ page_name: 'Spring', page_url: 'https://go.acme.example/', variant: 'a' },
    },
  ],
  [
    'unbounce-json',
    'UNBOUNCE',
    { full_name: 'Jane Doe', phone, page_name: 'Spring', page_url: 'https://go.acme.example/', variant: 'a' },
  ],
  [
    'instapage',
    'INSTAPAGE',
    { Name: 'Jane Doe', page_id: '123', page_name: 'Spring', page_url: 'https://go.acme.example/', variation: 'A' },
  ],
]

/** Payloads without a shape of their own, which a source of the kind reads all the same. */
const plain: readonly (readonly [string, SourceKind, Told])[] = [
  ['squarespace-via-zapier', 'SQUARESPACE', { name: 'Jane Doe', form_name: 'Contact' }],
  ['gravity-select-fields', 'GRAVITY_FORMS', { ...person, phone, company, utm_source: 'google' }],
  ['wpforms-mapped', 'WPFORMS', { ...person, phone }],
  ['ninja-forms-mapped', 'NINJA_FORMS', { first_name: 'Jane', message: 'I would like a demo.' }],
  ['formidable-api', 'FORMIDABLE', person],
  ['leadpages', 'LEADPAGES', { first_name: 'Jane', phone_number: phone, page_name: 'Spring', utm_source: 'google' }],
  ['zapier-post', 'ZAPIER', { ...person, source: 'zapier' }],
  ['zapier-form-flattened', 'ZAPIER', { first_name: 'Jane', company, tags: ['a', 'b'] }],
  ['make-http', 'MAKE', person],
]

describe('a handed payload', () => {
  it.each([...recognised, ...plain])('%s says to a source of kind %s who the person is', async (name, kind, told) => {
    const reading = kindOf(kind)?.read(await handedPayload(name))
    expect(reading?.outcome).toBe('lead')
    expect(toldBy(reading)).toEqual({ ...told, email: `jane.${name}@example.com` })
  })

  it.each([...recognised, ...plain])('%s has each answer at the path that %s gives', async (name, kind) => {
    const payload = await handedPayload(name)
    const values = valuesByPath(payload.body)
    for (const { path, value } of answersOf(kindOf(kind)?.read(payload))) {
      const found = values.get(path)
      expect(found, path).toBeDefined()
      if (!Array.isArray(value)) expect(found).toBe(value)
    }
  })

  it.each(handedNames)('%s is recognised by its own kind only', async (name) => {
    const payload = await handedPayload(name)
    const own = recognised.find(([handed]) => handed === name)?.[1]
    const names = [...enteredKinds, ...senderKinds].filter((kind) => kind.recognizes(payload)).map((kind) => kind.name)
    expect(names).toEqual(own === undefined ? [] : [own])
  })
})

describe('the id of a repeat', () => {
  it.each([
    ['typeform', 'TYPEFORM', 'tok_1234567890'],
    ['tally', 'TALLY', 'r1'],
    ['jotform', 'JOTFORM', '5123456789012345678'],
    ['webflow-v1', 'WEBFLOW', '6321ca84df3949bfc6752327'],
    ['webflow-v2', 'WEBFLOW', '6321ca84df3949bfc6752327'],
    ['netlify-forms', 'NETLIFY', '5c3e58'],
    ['framer', 'FRAMER', 's1'],
    ['gravity-all-fields', 'GRAVITY_FORMS', 'acme.example/3/12'],
    ['fluentforms-all', 'FLUENT_FORMS', 'acme.example/3/7'],
  ] as const)('of %s is that of %s', async (name, kind, id) => {
    expect(kindOf(kind)?.repeatId?.(await handedPayload(name))).toBe(id)
  })

  it('is undefined where the tool sends none', async () => {
    for (const kind of allKinds) {
      expect(kind.repeatId?.({ body: { email: 'jane@example.com', data: {} }, headers: {} })).toBeUndefined()
    }
  })
})

describe('the list of kinds', () => {
  it('has each kind once, with three steps of setup', () => {
    const names = allKinds.map((kind) => kind.name)
    expect(new Set(names).size).toBe(names.length)
    for (const kind of allKinds) expect(kind.setup.filter((step) => step.endsWith('.'))).toHaveLength(3)
  })
})

function answersOf(reading: KindReading | undefined) {
  return reading === undefined || reading.outcome === 'ignored' ? [] : reading.answers
}

function toldBy(reading: KindReading | undefined): Told {
  const entries = answersOf(reading).map(({ field, label, value }) => {
    const key = field === undefined || field === 'metadata' ? label : field
    return [/^(your-|work )?e-?mail( address)?$/i.test(key) ? 'email' : key, value] as const
  })
  return Object.fromEntries(entries)
}
