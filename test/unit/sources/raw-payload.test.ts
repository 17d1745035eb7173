import { describe, expect, it } from 'vitest'
import { findEmails } from '../../../src/capture/source/raw-emails.ts'
import { toRawPayload, toUnreadablePayload } from '../../../src/capture/source/raw-payload.ts'
import type { JsonValue } from '../../../src/sources/payload.ts'

describe('findEmails', () => {
  it.each([
    ['a value', { a: { b: ['Jane@Example.COM'] } }, ['jane@example.com']],
    ['a key', { 'jane@example.com': 1 }, ['jane@example.com']],
    ['a sentence', 'Write to jane@example.com. Or <bob@example.org>, please', ['jane@example.com', 'bob@example.org']],
    ['a query', 'https://x.example/?email=jane%40example.com&b=1', ['jane@example.com']],
    ['a plus tag in a query', 'e=jane%2Bnews%40example.com', ['jane+news@example.com']],
    ['mailto', 'mailto:jane@example.com?subject=x', ['jane@example.com']],
    ['an escaped line break', 'text\\njane@example.com', ['jane@example.com']],
    ['an escaped bracket', '\\u003cjane@example.com\\u003e', ['jane@example.com']],
    ['JSON in a text', '{"mail":"jane@example.com"}', ['jane@example.com']],
    ['quotation marks', "'jane@example.com'", ['jane@example.com']],
    ['an apostrophe in the name', "o'hara@example.com", ["o'hara@example.com"]],
    ['a query that escapes every sign', 'e=o%27hara%40example.com', ["o'hara@example.com"]],
    ['a query that is encoded twice', 'next=%3Fe%3Djane%252Edoe%2540example.com', ['jane.doe@example.com']],
    ['an escaped domain', 'e=jane%40b%C3%BCcher.example', ['jane@xn--bcher-kva.example']],
    ['JSON that escapes the sign', '{"mail":"jane\\u0040example.com"}', ['jane@example.com']],
    [
      'HTML that escapes the sign',
      'Mail jane&#64;example.com or bob&#x40;b.example',
      ['jane@example.com', 'bob@b.example'],
    ],
    ['text without spaces', '連絡先：jane@example.comです', ['jane@example.com']],
    ['text right before it', 'メールはjane@example.com', ['jane@example.com']],
    ['a sentence that goes on', 'To jane@example.com.Thanks', ['jane@example.com']],
    ['dots around it', 'E-Mail...jane@example.com...', ['jane@example.com']],
    ['a list', '-jane@example.com', ['jane@example.com']],
    ['another alphabet', 'jane@bücher.example', ['jane@xn--bcher-kva.example']],
  ])('finds an address in %s', (_name, payload, emails) => {
    expect(findEmails(payload)).toEqual(expect.arrayContaining(emails))
  })

  it.each([['@'], ['a@'], ['@b.example'], ['a@b'], ['a b'], ['1@2.3'], [null], [7]])('finds none in %s', (payload) => {
    expect(findEmails(payload)).toEqual([])
  })

  it('finds all addresses of a long list', () => {
    const emails = Array.from({ length: 2500 }, (_, index) => `person${index}@example.com`)
    expect(findEmails({ items: emails.map((email) => ({ email })) })).toEqual(emails)
  })

  it.each([
    ['more addresses', Array.from({ length: 2501 }, (_, nth) => `p${nth}@a.example`).join(' ')],
    ['more addresses in many values', Array.from({ length: 2501 }, (_, nth) => `p${nth}@a.example`)],
    ['more addresses of several readings', Array.from({ length: 501 }, (_, nth) => `a=p${nth}@a.example`).join(' ')],
    ['more escaped text', `${'a%40b '.repeat(12_000)} jane%40example.com`],
    ['an address that is encoded too often', 'jane%25252540example.com'],
  ])('marks a payload with %s than are searched', (_name, payload) => {
    expect(findEmails(payload)).toContain('*')
  })

  it('marks no payload at the limit', () => {
    const emails = Array.from({ length: 2500 }, (_, nth) => `p${nth}@a.example`)
    expect(findEmails([...emails, ...emails].join(' '))).toEqual(emails)
  })

  it('finds no shorter address inside a longer one', () => {
    expect(findEmails('mary.jane@example.com')).toEqual(['mary.jane@example.com'])
    expect(findEmails("o'hara@example.com")).toEqual(["o'hara@example.com"])
  })
})

describe('toRawPayload', () => {
  it('leaves out secrets, and what PostgreSQL cannot store', () => {
    const raw = { google_key: 'hush', text: 'a\u0000b\ud800c\\u0000', '\u0000': 1 }
    expect(JSON.parse(toRawPayload({ raw }, ['google_key']).json)).toEqual({
      text: 'a\ufffdb\ufffdc\\u0000',
      '\ufffd': 1,
    })
    expect(toRawPayload({ raw: '{"a":1,"google_key" : "h\\"ush","b":2}' }, ['google_key']).json).not.toContain('ush')
  })

  it.each<[string, JsonValue]>([
    ['an object of a relay', { data: [{ google_key: 'hush', a: 1 }] }],
    ['the rest of a list', { items: [{ google_key: 'hush' }, { google_key: { value: 'hush' } }] }],
    ['JSON in a field', { payload: '{"a":1,"google_key":"hush","b":2}' }],
    ['JSON in JSON', JSON.stringify({ payload: JSON.stringify({ google_key: 'hush' }) })],
    ['a number', '{"google_key":4815162342}'],
    ['a form', 'a=1&google_key=hush&b=2'],
    ['text that was cut off', '{"google_key":"hush'],
  ])('leaves out a secret in %s', (_name, raw) => {
    const { json } = toRawPayload({ raw }, ['google_key'])
    expect(json).not.toMatch(/hush|4815162342/)
    expect(() => JSON.parse(json)).not.toThrow()
  })

  it('keeps everything beside a secret', () => {
    const raw = { payload: '{"a":1,"google_key":"hush","b":2}' }
    expect(JSON.parse(toRawPayload({ raw }, ['google_key']).json)).toEqual({
      payload: '{"a":1,"google_key":"","b":2}',
    })
  })

  it('keeps a text up to 64 KiB without breaking a character, and other bytes in base64', () => {
    expect(JSON.parse(toUnreadablePayload(Buffer.from('€'.repeat(30_000)), []).json)).toBe('€'.repeat(21_845))
    const bytes = Buffer.from('\ufeffjane@example.com', 'utf16le')
    expect(toUnreadablePayload(bytes, [])).toEqual({
      json: JSON.stringify({ base64: bytes.toString('base64') }),
      emails: expect.arrayContaining(['jane@example.com']),
    })
  })
})
