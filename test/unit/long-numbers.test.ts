import { describe, expect, it } from 'vitest'
import { parseLead } from '../../src/capture/read/lead-json.ts'
import { digitsOf, parseKeepingDigits, quoteLongNumbers } from '../../src/platform/text/long-numbers.ts'

const adId = '120210000000000001'

describe('11.26: digitsOf', () => {
  it.each([
    adId,
    `-${adId}`,
    '9007199254740992',
    '-9007199254740992',
    '120210000000000000',
    '12345678901234567890.5',
    '120210000000000001.0',
    '9'.repeat(400),
  ])('keeps %s', (source) => {
    expect(digitsOf(source)).toBe(source)
  })

  it.each([
    '0',
    '-0',
    '1',
    '0.1',
    '9007199254740991',
    '-9007199254740991',
    '1e30',
    '1.2021e17',
    '1E400',
    '0.12345678901234567890',
  ])('leaves %s a number', (source) => {
    expect(digitsOf(source)).toBeUndefined()
  })
})

describe('11.26: parseKeepingDigits', () => {
  it('keeps long integers wherever they stand, and nothing else of the text', () => {
    const text = `{"a": ${adId}, "b": [{"c": -${adId}}], "d": "${adId}", "e": 1e30, "f": 0.1, "${adId}": true}`
    expect(parseKeepingDigits(text)).toEqual({
      a: adId,
      b: [{ c: `-${adId}` }],
      d: adId,
      e: 1e30,
      f: 0.1,
      [adId]: true,
    })
  })

  it('makes an own property of __proto__', () => {
    const value = parseKeepingDigits(`{"__proto__": {"admin": ${adId}}}`)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
  })
})

describe('11.26: quoteLongNumbers', () => {
  it.each([
    '{"a": 1}',
    '{"a": 1234567890123456}',
    `{"a": "${adId}"}`,
    `{"a": ${adId}`,
    `${'['.repeat(100_000)}${adId}`,
    `${'['.repeat(20_000)}${adId}${']'.repeat(20_000)}`,
  ])('returns %.40s as it is', (text) => {
    expect(quoteLongNumbers(text) === text).toBe(true)
  })

  it('quotes long integers', () => {
    expect(quoteLongNumbers(`{"query": "{ a }", "variables": {"m": {"ad": ${adId}}}}`)).toBe(
      `{"query":"{ a }","variables":{"m":{"ad":"${adId}"}}}`,
    )
  })
})

describe('11.26: a lead', () => {
  const parse = (text: string) => parseLead(Buffer.from(text))

  it('keeps the digits of metadata and of unknown fields', () => {
    expect(parse(`{"email": "a@b.co", "ad_id": ${adId}, "metadata": {"form_id": ${adId}, "n": 3}}`)).toEqual({
      email: 'a@b.co',
      ad_id: adId,
      metadata: { form_id: adId, n: 3 },
    })
  })

  it.each(['email', 'first_name', 'last_name', 'source', '_t', '_idempotency_key'])(
    'has a number in %s, whatever its size',
    (field) => {
      expect(parse(`{"${field}": ${adId}}`)).toEqual({ [field]: Number(adId) })
    },
  )

  it('that is nested too deep is refused as before', () => {
    const deep = `${'['.repeat(20_000)}${adId}${']'.repeat(20_000)}`
    expect(() => parse(deep)).toThrowError(expect.objectContaining({ code: 'too_deep' }))
  })
})
