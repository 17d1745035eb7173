import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SignedRequest, Verification } from '../../../src/sources/kinds/kind.ts'
import { hmac } from '../../../src/sources/verify/hmac.ts'
import { bodySecret, headerSecret, userHeader } from '../../../src/sources/verify/secrets.ts'
import { signedDigest } from '../../../src/sources/verify/signed-digest.ts'
import { isAuthentic } from '../../../src/sources/verify/source-verification.ts'

const body = '{"a":"ü"}'
const now = new Date('2026-03-16T12:00:00Z')
const seconds = now.getTime() / 1000

function request(headers: Record<string, string>, more: Partial<SignedRequest> = {}): SignedRequest {
  return { bytes: Buffer.from(body), headers, body: JSON.parse(body), now, ...more }
}

const sign = (text: string, encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, 'secret').update(text).digest(encoding)

const timed = hmac({
  header: 'x-signature',
  algorithm: 'sha256',
  encoding: 'hex',
  signatureField: 'v1',
  timestamp: { field: 't', unit: 's' },
  signed: '{timestamp}.{body}',
})

describe('hmac', () => {
  it("verifies GitHub's published example", () => {
    const github = hmac({ header: 'x-hub-signature-256', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' })
    const headers = {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    }
    const signed = request(headers, { bytes: Buffer.from('Hello, World!') })
    expect(github.verify(signed, "It's a Secret to Everybody")).toBe(true)
    expect(github.verify(signed, "It's a secret to Everybody")).toBe(false)
    expect(github.verify(request(headers), "It's a Secret to Everybody")).toBe(false)
  })

  it('verifies the example of RFC 4231, in either base64', () => {
    const digest = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    const plain = hmac({ header: 'x', algorithm: 'sha256', encoding: 'base64', secretEncoding: 'hex' })
    const signed = (encoding: 'base64' | 'base64url') =>
      request(
        { x: Buffer.from(digest, 'hex').toString(encoding) },
        { bytes: Buffer.from('what do ya want for nothing?') },
      )
    const secret = Buffer.from('Jefe').toString('hex')
    expect(plain.verify(signed('base64'), secret)).toBe(true)
    expect(plain.verify(signed('base64url'), secret)).toBe(true)
  })

  it.each<[string, Verification, Record<string, string>, boolean]>([
    [
      'the signature',
      hmac({ header: 'x', algorithm: 'sha1', encoding: 'hex' }),
      { x: sign(body, 'hex', 'sha1') },
      true,
    ],
    [
      'it in capitals',
      hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex' }),
      { x: sign(body).toUpperCase() },
      true,
    ],
    ['half of it', hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex' }), { x: sign(body).slice(0, 32) }, false],
    ['more than it', hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex' }), { x: `${sign(body)}00` }, false],
    ['an empty one', hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex' }), { x: '' }, false],
    ['none', hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex' }), {}, false],
    [
      'another prefix',
      hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=' }),
      { x: sign(body) },
      false,
    ],
    ['now', timed, { 'x-signature': `t=${seconds},v1=${sign(`${seconds}.${body}`)}` }, true],
    ['one of two', timed, { 'x-signature': `t=${seconds},v1=00,v1=${sign(`${seconds}.${body}`)}` }, true],
    ['299 seconds ago', timed, { 'x-signature': `t=${seconds - 299},v1=${sign(`${seconds - 299}.${body}`)}` }, true],
    ['301 seconds ago', timed, { 'x-signature': `t=${seconds - 301},v1=${sign(`${seconds - 301}.${body}`)}` }, false],
    ['301 seconds ahead', timed, { 'x-signature': `t=${seconds + 301},v1=${sign(`${seconds + 301}.${body}`)}` }, false],
    ['another time', timed, { 'x-signature': `t=${seconds},v1=${sign(`${seconds - 1}.${body}`)}` }, false],
    ['no time', timed, { 'x-signature': `v1=${sign(`.${body}`)}` }, false],
    ['no number', timed, { 'x-signature': `t=now,v1=${sign(`now.${body}`)}` }, false],
  ])('%s: of a secret, in a header', (_name, verification, headers, isValid) => {
    expect(verification.verify(request(headers), 'secret')).toBe(isValid)
    expect(verification.verify(request(headers), 'other')).toBe(false)
    expect(verification.verify(request(headers), '')).toBe(false)
  })

  it('signs other headers beside the body, and fails without them', () => {
    const framer = hmac({ header: 'x', algorithm: 'sha256', encoding: 'hex', signed: '{body}{x-submission-id}' })
    expect(framer.verify(request({ x: sign(`${body}id1`), 'x-submission-id': 'id1' }), 'secret')).toBe(true)
    expect(framer.verify(request({ x: sign(body) }), 'secret')).toBe(false)
  })
})

describe('secrets', () => {
  it('are found in a header, in the body, or in the header that a user names', () => {
    expect(headerSecret('x-token').verify(request({ 'x-token': 'secret' }), 'secret')).toBe(true)
    expect(headerSecret('x-token').verify(request({ 'x-token': 'secret ' }), 'secret')).toBe(false)
    for (const encoding of ['latin1', 'utf8'] as const)
      expect(
        headerSecret('x-token').verify(request({ 'x-token': Buffer.from('süß', encoding).toString('latin1') }), 'süß'),
      ).toBe(true)
    expect(bodySecret('key').verify(request({}, { body: { key: 'secret' } }), 'secret')).toBe(true)
    for (const sent of [undefined, null, [], { key: 1 }, { key: ['secret'] }, { other: 'secret' }])
      expect(bodySecret('key').verify(request({}, { body: sent }), 'secret')).toBe(false)
    expect(bodySecret('toString').verify(request({}, { body: {} }), 'secret')).toBe(false)
    for (const value of ['secret', 'Bearer secret', `sha256=${sign(body)}`, sign(body)])
      expect(userHeader('X-Token').verify(request({ 'x-token': value }), 'secret')).toBe(true)
    for (const value of ['', 'secre', 'Basic secret', `sha1=${sign(body)}`, `sha256=${sign('{}')}`])
      expect(userHeader('X-Token').verify(request({ 'x-token': value }), 'secret')).toBe(false)
  })
})

describe('signedDigest', () => {
  const netlify = signedDigest({ header: 'x-webhook-signature', claim: 'sha256' })
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (head: object, claims: object, secret = 'secret') => {
    const text = `${encode(head)}.${encode(claims)}`
    return { 'x-webhook-signature': `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}` }
  }
  const digest = createHash('sha256').update(body).digest('hex')

  it('verifies a JSON Web Signature of the digest of the body', () => {
    expect(netlify.verify(request(token({ alg: 'HS256' }, { iss: 'netlify', sha256: digest })), 'secret')).toBe(true)
    for (const headers of [
      token({ alg: 'HS256' }, { sha256: digest }, 'other'),
      token({ alg: 'none' }, { sha256: digest }),
      token({ alg: 'HS256' }, { sha256: createHash('sha256').update('{}').digest('hex') }),
      token({ alg: 'HS256' }, {}),
      { 'x-webhook-signature': `${encode({ alg: 'none' })}.${encode({ sha256: digest })}.` },
      { 'x-webhook-signature': '...' },
      {},
    ])
      expect(netlify.verify(request(headers), 'secret')).toBe(false)
  })
})

describe('isAuthentic', () => {
  it('takes every request without a secret, any valid secret, and none that cannot be verified', () => {
    const signed = request({ 'x-token': 'new' })
    expect(isAuthentic({ secrets: [], header: null }, undefined, signed)).toBe(true)
    expect(isAuthentic({ secrets: ['old', 'new'], header: 'x-token' }, undefined, signed)).toBe(true)
    expect(isAuthentic({ secrets: ['old'], header: 'x-token' }, undefined, signed)).toBe(false)
    expect(isAuthentic({ secrets: ['new'], header: null }, undefined, signed)).toBe(false)
  })
})
