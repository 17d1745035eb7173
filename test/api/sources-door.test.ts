import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, withSourceDoor } from '../support/source-door.ts'

let rex: TestHttp
const { rows, stored, post } = sourceClient(() => rex)

beforeAll(async () => {
  rex = await startTestHttp({ environment: { REX_TRUSTED_PROXIES: '127.0.0.0/8' }, replace: withSourceDoor })
})
afterAll(() => rex?.stop())

describe('POST /capture/<token>', () => {
  it('captures a lead as a contact, with the payload on its submission', async () => {
    const source = await addSource(rex.database)
    const answer = await post(source, lead('Jane@Example.com', { job: 'CTO' }), json)
    expect(answer).toMatchObject({ status: 200, json: { data: { status: 'accepted' } } })
    const [row, ...others] = await stored(source)
    expect(others).toEqual([])
    expect(answer.json.data).toEqual({ status: 'accepted', id: row!.id })
    expect(row).toMatchObject({
      status: 'ACCEPTED',
      fields: { email: 'jane@example.com', first_name: 'Jane', source: 'Pricing page', metadata: { job: 'CTO' } },
      raw: { email: 'Jane@Example.com', first_name: 'Jane', job: 'CTO' },
      raw_emails: ['jane@example.com'],
      reasons: [],
    })
    const [contact] = await rows('select * from contact where email = $1', ['jane@example.com'])
    expect(contact).toMatchObject({ id: row!.contact_id, source: 'Pricing page' })
    const events = await rows('select * from event where contact_id = $1', [row!.contact_id])
    expect(events).toHaveLength(1)
  })

  it('keeps a payload without a person as HELD, and an event that is no lead as IGNORED', async () => {
    const source = await addSource(rex.database)
    const held = await post(source, '{"message":"write to ann@example.com or bob@example.org"}', json)
    const ignored = await post(source, '{"event":"unsubscribe","email":"gone@example.com"}', json)
    expect(held.json.data.status).toBe('held')
    expect(ignored.json.data.status).toBe('ignored')
    const [first, second] = await stored(source)
    expect(first).toMatchObject({
      id: held.json.data.id,
      status: 'HELD',
      email: null,
      contact_id: null,
      reasons: ['needs_mapping'],
    })
    expect(first!.raw_emails.sort()).toEqual(['ann@example.com', 'bob@example.org'])
    expect(second).toMatchObject({ id: ignored.json.data.id, status: 'IGNORED', reasons: ['unsubscribe'] })
    expect(await rows("select * from contact where email like 'gone@%'")).toEqual([])
  })

  it.each([
    ['JSON without a type', lead('a1@example.com'), {}],
    ['JSON as text/plain', lead('a2@example.com'), { 'content-type': 'text/plain' }],
    [
      'JSON of a vendor type',
      lead('a3@example.com'),
      { 'content-type': 'application/vnd.acme.v1+json; charset=utf-8' },
    ],
    ['JSON with a broken type', lead('a4@example.com'), { 'content-type': 'application/json;;;=' }],
    ['JSON that announces a form', lead('a5@example.com'), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form', 'email=a6%40example.com&first_name=Jane', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['gzip', gzipSync(lead('a7@example.com')), { ...json, 'content-encoding': 'gzip' }],
    ['deflate', deflateSync(lead('a8@example.com')), { ...json, 'content-encoding': 'deflate' }],
    ['brotli', brotliCompressSync(lead('a9@example.com')), { ...json, 'content-encoding': 'br' }],
    ['UTF-16', Buffer.from(`\ufeff${lead('a10@example.com')}`, 'utf16le'), json],
    ['a byte order mark', `\ufeff${lead('a11@example.com')}`, json],
  ])('takes %s', async (_name, body, headers) => {
    const source = await addSource(rex.database)
    expect((await post(source, body as BodyInit, headers as Record<string, string>)).json.data.status).toBe('accepted')
    expect((await stored(source))[0]).toMatchObject({ fields: { first_name: 'Jane' } })
  })

  it('takes multipart forms, a file by its name', async () => {
    const source = await addSource(rex.database)
    const form = new FormData()
    form.set('email', 'form@example.com')
    form.set('cv', new Blob(['secret bytes']), 'cv.pdf')
    const answer = await fetch(`${rex.url}/capture/${source.token}`, { method: 'POST', body: form })
    expect(answer.status).toBe(200)
    expect((await stored(source))[0]).toMatchObject({
      status: 'ACCEPTED',
      raw: { email: 'form@example.com', cv: 'cv.pdf' },
    })
  })

  it('takes a list as that many leads, and answers with the first', async () => {
    const source = await addSource(rex.database)
    const body = JSON.stringify([
      { note: 'x' },
      { email: 'l1@example.com' },
      { email: 'l2@example.com' },
      'l3@example.com',
    ])
    const answer = await post(source, body, json)
    const all = await stored(source)
    expect(answer.json.data).toEqual({ status: 'accepted', id: all[0]!.id, count: 4 })
    expect(all.map(({ status }) => status)).toEqual(['HELD', 'ACCEPTED', 'ACCEPTED', 'HELD'])
    expect(all[3]!.raw_emails).toEqual(['l3@example.com'])
    expect((await post(source, body, json)).json).toEqual(answer.json)
    expect(await stored(source)).toHaveLength(4)
  })

  it('reads the source from the query, and takes a trailing slash', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('query@example.com'), json, '/?source=Spring&utm_medium=cpc')
    expect((await stored(source))[0]).toMatchObject({ fields: { source: 'Spring' } })
  })

  it('keeps what it cannot read, as text or in base64, and finds addresses in both', async () => {
    const source = await addSource(rex.database)
    const text = await post(source, 'Hello, I am lost@example.com\nand more', { 'content-type': 'text/plain' })
    const bytes = await post(source, Buffer.from([0, 1, 2, 0xff, ...Buffer.from(' byte@example.com '), 0xfe]), {
      'content-type': 'application/octet-stream',
    })
    expect([text.json.data.status, bytes.json.data.status]).toEqual(['held', 'held'])
    const [first, second] = await stored(source)
    expect(first).toMatchObject({
      reasons: ['unreadable'],
      raw: 'Hello, I am lost@example.com\nand more',
      raw_emails: ['lost@example.com'],
    })
    expect(second).toMatchObject({ reasons: ['unreadable'], raw: { base64: expect.any(String) } })
    expect(second!.raw_emails).toContain('byte@example.com')
    await post(source, `${'é'.repeat(40_000)} end`, { 'content-type': 'text/plain' })
    expect(String((await stored(source))[2]!.raw)).toBe('é'.repeat(32_768))
  })

  it('holds what screening finds, and never calls it spam', async () => {
    const source = await addSource(rex.database)
    const links = 'see https://a.example/1 and https://a.example/2 and https://a.example/3 and https://a.example/4 now'
    const answer = await post(source, lead('spam@mailinator.com', { message: links }), json)
    expect(answer.json.data.status).toBe('held')
    expect((await stored(source))[0]).toMatchObject({
      status: 'HELD',
      email: 'spam@mailinator.com',
      reasons: [],
      spam_reasons: ['disposable_domain', 'too_many_links'],
    })
    const sites = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key) => [key, `https://${key}.example/page`]))
    expect((await post(source, lead('sites@example.com', sites), json)).json.data.status).toBe('accepted')
  })

  it('holds everything of a disabled source', async () => {
    const source = await addSource(rex.database, { isEnabled: false })
    expect((await post(source, lead('off@example.com'), json)).json.data.status).toBe('held')
    expect((await stored(source))[0]).toMatchObject({
      status: 'HELD',
      email: 'off@example.com',
      reasons: ['source_disabled'],
    })
  })

  it('holds an e-mail that is none, and a payload that a reader fails on, without a word of it in the log', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('not an address'), json)
    await post(source, lead('jane@example.com', { throws: 'yes' }), json)
    expect((await stored(source)).map(({ reasons }) => reasons)).toEqual([['invalid_email'], ['needs_mapping']])
    const lines = rex.logLines.filter((line) => line.includes('source.read_failed'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('jane@')
    const [answered] = rex.logLines
      .slice(rex.logLines.indexOf(lines[0]!))
      .filter((line) => line.includes('http.answered'))
    expect(JSON.parse(lines[0]!).request_id).toBe(JSON.parse(answered!).request_id)
  })

  it('stores no key that is a secret', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('ads@example.com', { google_key: 'hush' }), json)
    expect((await stored(source))[0]!.raw).toEqual({ email: 'ads@example.com', first_name: 'Jane' })
  })
})
