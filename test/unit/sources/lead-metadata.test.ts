import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/sources/payload.ts'
import { readGeneric } from './fixtures.ts'

const metadataOf = (body: JsonObject, more = {}) =>
  readGeneric({ email: 'ann@example.com', ...body }, more).fields.metadata

describe('metadata', () => {
  test('have slugs for keys, lists joined and options by their labels', () => {
    const body = {
      'Job Title': 'CTO',
      jobLevel: 3,
      interests: ['a', 'b'],
      plan: { id: 'c1', label: 'Pro', ref: 'pro' },
      topics: [
        { id: 1, label: 'SEO' },
        { id: 2, label: 'Ads' },
      ],
      tags: [{ name: 'x' }, { name: 'y' }],
      ok: true,
      '1.3': 'x',
      empty: '',
      none: null,
    }
    expect(metadataOf(body)).toEqual({
      job_title: 'CTO',
      job_level: 3,
      interests: 'a, b',
      plan: 'Pro',
      topics: 'SEO, Ads',
      tags: 'x, y',
      ok: true,
      field_1_3: 'x',
    })
  })

  test('keep every value of a key that is given twice', () => {
    expect(metadataOf({ Message: 'one', message: 'two', MESSAGE: 'one' })).toEqual({ message: 'one', message_2: 'two' })
  })

  test('have a key of their own for a label without Latin letters, always the same', () => {
    const [[key]] = Object.entries(metadataOf({ ご予算: '100万円' })) as [[string, unknown]]
    expect(key).toMatch(/^field_[0-9a-f]{8}$/)
    expect(metadataOf({ x: 'y', ご予算: '200万円' })).toEqual({ x: 'y', [key]: '200万円' })
  })

  test('leave out tokens against robots and forgery', () => {
    const tokens = [
      'g-recaptcha-response',
      'h-captcha-response',
      'cf-turnstile-response',
      'authenticity_token',
      'csrf_token',
      'csrfmiddlewaretoken',
      '_wpnonce',
      '__RequestVerificationToken',
      'google_key',
    ]
    expect(metadataOf(Object.fromEntries(tokens.map((token) => [token, 'x'])))).toEqual({})
  })

  test('are cut at 5,000 characters and 50 keys, the known ones first', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, nth) => [`question ${nth}x`, nth]))
    const metadata = metadataOf({
      ...many,
      phone: '+14155550123',
      company: 'Acme',
      utm_source: 'x',
      text: '😀'.repeat(6000),
    })
    expect(Object.keys(metadata)).toHaveLength(50)
    expect(metadata).toMatchObject({
      phone: '+14155550123',
      phone_e164: '+14155550123',
      company: 'Acme',
      utm_source: 'x',
    })
    expect([...String(metadataOf({ text: '😀'.repeat(6000) })['text'])]).toHaveLength(5000)
  })

  test('have no key that reaches a prototype', () => {
    expect(metadataOf({ Constructor: 'x', 'proto type': 'y', prototype: 'z' })).toEqual({
      field_constructor: 'x',
      proto_type: 'y',
    })
  })

  test('have the campaign and click ids of any tracking block', () => {
    const body = {
      utm: { source: 'a', medium: 'b' },
      context: { campaign: { name: 'spring', term: 't' } },
      hidden: { gclid: 'g', 'utm-content': 'c' },
      tracking: { fbclid: 'f', li_fat_id: 'l' },
      referer: 'https://x.example/',
    }
    expect(metadataOf(body)).toEqual({
      utm_source: 'a',
      utm_medium: 'b',
      utm_campaign: 'spring',
      utm_term: 't',
      gclid: 'g',
      utm_content: 'c',
      fbclid: 'f',
      li_fat_id: 'l',
      referrer: 'https://x.example/',
    })
  })

  test('have those of the query where the payload has none', () => {
    const query = new URLSearchParams('utm_source=q&utm_medium=cpc&gclid=1&other=2&source=ads')
    expect(metadataOf({ utm_source: 'p' }, { query })).toEqual({ utm_source: 'p', utm_medium: 'cpc', gclid: '1' })
  })

  test('have every campaign value of the query, of which the first counts', () => {
    const query = new URLSearchParams('utm_id=42&utm_id=43&utm_source_platform=ga&utm_creative_format=&utm_x=1&utmy=2')
    expect(metadataOf({ utm: { x: 'p' } }, { query })).toEqual({ utm_id: '42', utm_source_platform: 'ga', utm_x: 'p' })
    expect(metadataOf({ 'UTM id': 'p' }, { query: new URLSearchParams('utm_id=42') })).toEqual({ utm_id: 'p' })
  })

  test('have a phone number as written, and in E.164 where the country is known', () => {
    expect(metadataOf({ tel: '(415) 555-0123' })).toEqual({ phone: '(415) 555-0123' })
    expect(metadataOf({ tel: '(415) 555-0123' }, { defaultCountry: 'US' })).toEqual({
      phone: '(415) 555-0123',
      phone_e164: '+14155550123',
    })
    expect(metadataOf({ phone: { full: '+44 20 7946 0958' }, whatsapp: 'yes' })).toEqual({
      phone: '+44 20 7946 0958',
      phone_e164: '+442079460958',
      whatsapp: 'yes',
    })
    expect(metadataOf({ phone: '+14155550123', mobile: '+14155550124' })).toEqual({
      phone: '+14155550123',
      phone_e164: '+14155550123',
      mobile: '+14155550124',
    })
  })
})

test('a value whose label has neither letters nor digits is kept', () => {
  expect(metadataOf({ '???': 'a', '🎉': 'b', '-': 'a' })).toEqual({ field: 'a', field_2: 'b' })
})

describe("an object or a list that the user's mapping takes", () => {
  const email = 'ann@example.com'

  test.for<[JsonValue, string, string]>([
    [{ first: 'Ann', last: 'Lee' }, 'Ann', 'Lee'],
    [{ prefix: 'Dr', first: 'Ann Mary', last: 'Lee' }, 'Ann Mary', 'Lee'],
    [{ a: 'Ann', b: 'Lee' }, 'Ann', 'Lee'],
    [['Ann', 'Mary', 'Lee'], 'Ann', 'Mary Lee'],
  ])('is a full name: %j', ([name, firstName, lastName]) => {
    const mapping = [{ field: 'full_name', paths: ['who'] }]
    expect(readGeneric({ email, who: name }, { mapping }).fields).toMatchObject({ firstName, lastName, metadata: {} })
    expect(metadataOf({ email, who: name }, { mapping })).toEqual({})
  })

  test('leaves the fields of the person in it to the names, unless it is a name or a phone number', () => {
    const contact = { name: 'Ann Lee', email, phone: '555 0123' }
    for (const field of ['metadata.raw', 'company'])
      expect(readGeneric({ contact }, { mapping: [{ field, paths: ['contact'] }] }).fields).toMatchObject({
        firstName: 'Ann',
        lastName: 'Lee',
        metadata: { phone: '555 0123' },
      })
  })

  test('is a phone number, and a list of them', () => {
    const mapping = [{ field: 'phone', paths: ['call'] }]
    expect(metadataOf({ call: { area: '415', phone: '555 0123' } }, { mapping })).toEqual({ phone: '415 555 0123' })
    expect(metadataOf({ call: ['555 0123', '555 0124'] }, { mapping })).toEqual({ phone: '555 0123, 555 0124' })
  })
})

describe('the source', () => {
  const body = { email: 'ann@example.com', source: 'zapier', utm_source: 'google', origin: 'fair' }
  const mapping = [{ field: 'source', paths: ['origin'] }]

  test('is the name of the source, and never one of the payload by itself', () => {
    expect(readGeneric(body).fields).toMatchObject({ source: 'Pricing page', metadata: { source: 'zapier' } })
  })

  test("is the query's", () => {
    expect(readGeneric(body, { query: new URLSearchParams('source=ads') }).fields.source).toBe('ads')
  })

  test("is what the user's mapping finds", () => {
    expect(readGeneric(body, { mapping, query: new URLSearchParams('source=ads') }).fields).toMatchObject({
      source: 'fair',
    })
  })
})
