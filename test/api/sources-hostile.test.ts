import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, withSourceDoor } from '../support/source-door.ts'

const kibi = 1024
let rex: TestHttp
const { stored, post } = sourceClient(() => rex)

beforeAll(async () => {
  rex = await startTestHttp({ environment: { REX_SOURCE_RATE: '0' }, replace: withSourceDoor })
})
afterAll(() => rex?.stop())

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
const person = '"email":"person@hostile.example"'

/** Body, headers and the statuses that it may have. */
const accepted: Record<string, readonly [BodyInit, Record<string, string>]> = {
  'lists nested 100,000 levels deep': [`{${person},"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, json],
  'objects nested 50,000 levels deep': [`{${person},"x":${'{"a":'.repeat(5e4)}1${'}'.repeat(5e4)}}`, json],
  'objects nested 300 levels deep': [`{${person},"x":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`, json],
  'fifty thousand keys': [`{${person},${Array.from({ length: 40_000 }, (_, n) => `"k${n}":1`).join(',')}}`, json],
  'keys that reach prototypes': [
    `{${person},"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}},"a":{"__proto__":null}}`,
    json,
  ],
  'U+0000 and lone surrogates': [`{${person},"a":"x\\u0000y\\ud800z","\\u0000\\udfff":"\\\\u0000"}`, json],
  'a number that no number holds': [`{${person},"a":1e999,"b":-0,"c":123456789012345678901234567890}`, json],
  'broken percent escapes': ['email=person@hostile.example&a=%&b=%zz&c=%ff%fe&%00=%00', form],
  'names of brackets': [`email=person@hostile.example&a${'[b]'.repeat(1e5)}=1&[]=1&a[[]]=2&[x=3&a]b[=4`, form],
  'names that contradict each other': ['email=person@hostile.example&a=1&a[b]=2&a[b][c]=3&a[]=4&a.b.c=5', form],
  'names of prototypes in a form': [
    'email=person@hostile.example&__proto__[isAdmin]=1&constructor.prototype.x=1',
    form,
  ],
  'one name 60,000 times': [`email=person@hostile.example&${'a=1&'.repeat(6e4)}`, form],
  'a long run of spaces': [`email=person@hostile.example&a=${' '.repeat(5e5)}x`, form],
  'ten thousand addresses': [
    `{${person},"x":"${Array.from({ length: 1e4 }, (_, n) => `a${n}@x.example`).join(' ')}"}`,
    json,
  ],
  'nothing but @': [`{${person},"x":"${'@'.repeat(5e5)}"}`, json],
  'JSON inside JSON inside JSON': [
    `{${person},"payload":${JSON.stringify(JSON.stringify({ payload: '{"a":1}' }))}}`,
    json,
  ],
}

const held: Record<string, readonly [BodyInit, Record<string, string>]> = {
  nothing: ['', {}],
  'an empty list': ['[]', json],
  'a list of nothing': ['[null,1,[]]', json],
  'a text': ['"person@hostile.example"', json],
  'half of an object': [`{${person}`, json],
  'bytes that are no text': [Buffer.from([0xff, 0xfe, 0xfa, 0x00, 0x01]), json],
  'bytes that announce gzip': [Buffer.from([0x1f, 0x8b, 0, 1, 2, 3]), { ...json, 'content-encoding': 'gzip' }],
  'gzip that ends early': [
    gzipSync(lead('x@hostile.example')).subarray(0, 30),
    { ...json, 'content-encoding': 'gzip' },
  ],
  'an encoding that nobody knows': [Buffer.from([1, 2, 3]), { ...json, 'content-encoding': 'zstd, rot13, x' }],
  'a charset that nobody knows': [Buffer.from([1, 2, 3]), { 'content-type': 'text/plain; charset=klingon' }],
  'a multipart form without an end': ['--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nperson', multipart],
  'a multipart form of nothing': ['--x--', multipart],
  XML: ['<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', { 'content-type': 'application/xml' }],
}

describe('hostile payloads', () => {
  it.each(Object.entries(accepted))('finds the person beside %s', async (_name, [body, headers]) => {
    const source = await addSource(rex.database)
    const answer = await post(source, body, headers)
    expect(answer).toMatchObject({ status: 200, json: { data: { status: 'accepted' } } })
    const [row] = await stored(source)
    expect(row).toMatchObject({ status: 'ACCEPTED', fields: { email: 'person@hostile.example' } })
    expect(row!.raw_emails).toContain('person@hostile.example')
    expect(JSON.stringify(row!.fields)).not.toContain('isAdmin')
  })

  it.each(Object.entries(held))('keeps %s', async (_name, [body, headers]) => {
    const source = await addSource(rex.database)
    const answer = await post(source, body, headers)
    expect(answer).toMatchObject({ status: 200, json: { data: { status: 'held' } } })
    expect((await stored(source))[0]).toMatchObject({ status: 'HELD', reasons: ['unreadable'] })
  })

  it('keeps every item of a list that is longer than any tool sends', async () => {
    const source = await addSource(rex.database)
    const items = Array.from({ length: 1700 }, (_, nth) => ({ email: `item${nth}@list.example` }))
    const answer = await post(source, JSON.stringify(items), json)
    expect(answer.json.data).toMatchObject({ status: 'accepted', count: 1002 })
    const all = await stored(source)
    expect(all).toHaveLength(1002)
    expect(all.at(-1)).toMatchObject({ status: 'HELD', raw: { items: items.slice(1500) } })
    expect(all.at(-1)!.raw_emails).toContain('item1699@list.example')
  })

  it('lets other callers through while bombs come in', async () => {
    const source = await addSource(rex.database)
    const bombs = [gzipSync(Buffer.alloc(50_000 * kibi)), deflateSync(Buffer.alloc(50_000 * kibi, 'a'))]
    const sent = Array.from({ length: 20 }, (_, nth) =>
      post(source, bombs[nth % 2]!, { ...json, 'content-encoding': ['gzip', 'deflate'][nth % 2]! }),
    )
    const other = await sendJson(rex.url, '/capture', { email: 'other@hostile.example' })
    expect(other.status).toBe(201)
    expect(new Set((await Promise.all(sent)).map(({ status }) => status))).toEqual(new Set([413]))
  })

  it('answers any random bytes', async () => {
    const source = await addSource(rex.database)
    const types = ['application/json', form['content-type'], multipart['content-type'], 'text/plain', 'x', '']
    for (let nth = 0; nth < 120; nth++) {
      const body = Buffer.from(
        Array.from({ length: 1 + ((nth * 37) % 300) }, (_, at) => (nth * 131 + at * (nth % 17) * 7) % 256),
      )
      const type = types[nth % types.length]!
      const answer = await post(source, body, type === '' ? {} : { 'content-type': type })
      expect([nth, answer.status]).toEqual([nth, 200])
    }
  })
})
