import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBody, payloadOfRaw } from '../../../src/sources/decode/decode.ts'
import type { JsonValue } from '../../../src/sources/payload.ts'

const form = 'application/x-www-form-urlencoded'

async function decode(body: string | Uint8Array, contentType?: string, contentEncoding?: string): Promise<unknown> {
  const decoded = await decodeBody(Buffer.from(body), {
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(contentEncoding !== undefined && { 'content-encoding': contentEncoding }),
  })
  if (!decoded.ok) return decoded.reason
  const bodies = decoded.payloads.map((payload) => payload.body)
  return decoded.isArray ? bodies : bodies[0]
}

describe('names of forms', () => {
  it.each<[string, JsonValue]>([
    ['fields[email][value]=a&fields[email][id]=b', { fields: { email: { value: 'a', id: 'b' } } }],
    ['contact.email=a&contact.name.first=b', { contact: { email: 'a', name: { first: 'b' } } }],
    ['a.b[c]=1', { a: { b: { c: '1' } } }],
    ['tags[]=a&tags[]=b&one[]=c', { tags: ['a', 'b'], one: ['c'] }],
    ['tag=a&tag=b', { tag: ['a', 'b'] }],
    ['items[0][x]=1&items[1][x]=2', { items: [{ x: '1' }, { x: '2' }] }],
    ['items[][x]=1&items[][x]=2', { items: [{ x: '1' }, { x: '2' }] }],
    ['items[7][x]=1', { items: { 7: { x: '1' } } }],
    ['a=1&a[b]=2', { a: '1', 'a[b]': '2' }],
    ['a[b]=1&a=2&a=3', { a: { b: '1', '': ['2', '3'] } }],
    ['Your name (e.g. J.D.)=x', { 'Your name (e.g. J.D.)': 'x' }],
    ['data.json={"email":["a"]}', { 'data.json': { email: ['a'] } }],
    ['rawRequest={"q3":{"first":"J"}}', { rawRequest: { q3: { first: 'J' } } }],
    ['payload=plain text', { payload: 'plain text' }],
    ['a[constructor]=1&__proto__[b]=1&c=2', { a: {}, c: '2' }],
    ['empty=&flag', { empty: '', flag: '' }],
    ['a=1+2%2B3', { a: '1 2+3' }],
  ])('%s', async (text, body) => {
    expect(await decode(text.replaceAll(' ', '+'), form)).toEqual(body)
  })
})

describe('a form of more fields than are mapped', () => {
  it('keeps its text, from which it is mapped again', async () => {
    const text = `email=a%40b.example&${Array.from({ length: 6000 }, (_, nth) => `f${nth}=1`).join('&')}`
    const decoded = await decodeBody(Buffer.from(text), { 'content-type': form })
    if (!decoded.ok) throw new Error('It is a form.')
    expect(decoded.payloads[0].raw).toBe(text)
    expect(payloadOfRaw(text)?.body['email']).toBe('a@b.example')
  })
})

describe('charsets and packings', () => {
  it.each<[string, Uint8Array | string, string | undefined, string | undefined]>([
    ['UTF-8 with a mark', '\ufeff{"a":"é"}', 'application/json', undefined],
    ['UTF-16 with a mark', Buffer.from('\ufeff{"a":"é"}', 'utf16le'), 'application/json', undefined],
    ['UTF-16 without one', Buffer.from('{"a":"é"}', 'utf16le'), 'application/json; charset=utf-16', undefined],
    [
      'UTF-16 in the other order',
      Buffer.from('{"a":"é"}', 'utf16le').swap16(),
      'text/plain; charset=UTF-16',
      undefined,
    ],
    ['latin1', Buffer.from('{"a":"é"}', 'latin1'), 'application/json; charset=iso-8859-1', undefined],
    ['latin1 that says nothing', Buffer.from('{"a":"é"}', 'latin1'), 'application/json', undefined],
    ['a form in latin1', 'a=%E9', `${form}; charset=windows-1252`, undefined],
    ['a form in latin1 that says nothing', 'a=%E9', form, undefined],
    ['a form in UTF-8', 'a=%C3%A9', form, undefined],
    ['a charset that nobody knows', '{"a":"é"}', 'application/json; charset=klingon', undefined],
    ['gzip', gzipSync('{"a":"é"}'), 'application/json', 'gzip'],
    ['gzip that says nothing', gzipSync('{"a":"é"}'), 'application/json', undefined],
    ['deflate without its header', deflateRawSync('{"a":"é"}'), 'application/json', 'deflate'],
    ['two packings', brotliCompressSync(gzipSync('{"a":"é"}')), 'application/json', 'gzip, br'],
    ['a packing that is none', '{"a":"é"}', 'application/json', 'gzip'],
  ])('reads %s', async (_name, body, type, packing) => {
    expect(await decode(body, type, packing)).toEqual({ a: 'é' })
  })

  it('stops at 512 KiB after unpacking', async () => {
    expect(await decode(gzipSync(Buffer.alloc(512 * 1024 + 1, ' ')), 'application/json', 'gzip')).toBe('too_large')
    expect(await decode(gzipSync(gzipSync(Buffer.alloc(9_000_000))), undefined, 'gzip, gzip')).toBe('too_large')
  })
})

describe('JSON', () => {
  it('keeps the digits of long integers, and drops keys that reach prototypes at every level', async () => {
    const body = '{"id":12345678901234567890,"n":1,"a":[{"__proto__":{"x":1},"b":{"constructor":1,"prototype":2}}]}'
    expect(await decode(body)).toEqual({ id: '12345678901234567890', n: 1, a: [{ b: {} }] })
  })

  it('cuts what is mapped at 16 levels and 5,000 values, and keeps the whole as the raw payload', async () => {
    const deep = `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`
    const wide = `{"a":[${'1,'.repeat(9000)}1],"b":1}`
    const [first, second] = await Promise.all([deep, wide].map((body) => decodeBody(Buffer.from(body), {})))
    if (!first?.ok || !second?.ok) throw new Error('They are JSON.')
    expect(JSON.stringify(first.payloads[0].body)).toBe(`${'{"a":'.repeat(15)}{}${'}'.repeat(15)}`)
    expect(JSON.stringify(first.payloads[0].raw)).toBe(deep)
    expect(Object.keys(second.payloads[0].body)).toEqual(['a'])
    expect(JSON.stringify(second.payloads[0].raw)).toBe(wide)
  })

  it('keeps the text of what is nested too deeply for a database, and maps it again from there', async () => {
    const deep = `{"email":"a@b.example","x":${'['.repeat(300)}${']'.repeat(300)}}`
    const decoded = await decodeBody(Buffer.from(deep), {})
    if (!decoded.ok) throw new Error('It is JSON.')
    expect(decoded.payloads[0].raw).toBe(deep)
    expect(payloadOfRaw(deep)?.body['email']).toBe('a@b.example')
    expect(payloadOfRaw({ email: 'a@b.example' })).toEqual({ body: { email: 'a@b.example' }, headers: {} })
    expect(payloadOfRaw({ base64: 'AAE=' })).toBeDefined()
    expect(payloadOfRaw('no JSON')).toBeUndefined()
  })

  it('takes a list as that many payloads, whatever its items are', async () => {
    expect(await decode('[{"a":1},null,"x",[{"b":2}]]')).toEqual([
      { a: 1 },
      { value: null },
      { value: 'x' },
      { value: [{ b: 2 }] },
    ])
    for (const body of ['[]', '[null]', '"x"', '1', 'null', '', '{', 'prose, and = more of it', '<a b="c"/>'])
      expect([body, await decode(body)]).toEqual([body, 'unreadable'])
  })
})

describe('multipart forms', () => {
  const part = (name: string, value: string, more = '') =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`

  it('nest as well, have files by name, and may leave out the boundary', async () => {
    const body = `${part('a[b]', '1')}${part('f', 'bytes', '; filename="cv.pdf"')}${part('g', '', '; filename=""')}--x--\r\n`
    for (const type of ['multipart/form-data; boundary=x', 'multipart/form-data', undefined])
      expect(await decode(body, type)).toEqual({ a: { b: '1' }, f: 'cv.pdf' })
  })

  it('are the same when they are sent again with another boundary', async () => {
    const bodies = ['x', 'y'].map((mark) => Buffer.from(`${part('a', '1')}--x--\r\n`.replaceAll('--x', `--${mark}`)))
    const [one, other] = await Promise.all(
      bodies.map((body) => decodeBody(body, { 'content-type': 'multipart/form-data' })),
    )
    if (!one?.ok || !other?.ok) throw new Error('They are forms.')
    expect(one.identity).toEqual(other.identity)
  })
})
