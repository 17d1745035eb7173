import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multipart, multipartOf, part, urlencoded } from '../support/form-bodies.ts'
import { type Received, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const canary = 'canary'
const email = `${canary}@example.com`
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const boundary = '----rex-test-boundary'
const disposition = 'Content-Disposition: form-data; name="email"'

describe('a form posted to /capture', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
    await post(urlencoded('email=before@example.com'))
  })
  afterAll(() => rex.stop())

  type Post = ReturnType<typeof urlencoded>

  const post = ({ headers, body }: Post, more: Readonly<Record<string, string>> = {}): Promise<Received> =>
    send(rex.url, { method: 'POST', path: '/capture', headers: { ...headers, ...more }, ...(body && { body }) })

  /** How many rows there are of everything that a capture writes, and when a contact was last touched. */
  const stored = () =>
    rex.database.query({
      name: '',
      text: `select (select count(*) from contact) as contacts, (select count(*) from submission) as submissions,
        (select count(*) from event) as events, (select count(*) from idempotency_key) as keys,
        (select max(last_seen_at) from contact)::text as seen`,
    })

  const lastSubmission = async () => {
    const text = 'select fields, status from submission order by received_at desc, id desc limit 1'
    const [row] = await rex.database.query<{ fields: Record<string, unknown>; status: string }>({ name: '', text })
    return row!
  }

  test.for<[string, Post, Record<string, unknown>]>([
    [
      'urlencoded, with plus signs, escapes and metadata in brackets',
      urlencoded('email=jane%2Bnews@example.com&first_name=Mary+Ann&metadata[utm_source]=g%C3%B6&metadata%5Bn%5D=1'),
      { email: 'jane+news@example.com', first_name: 'Mary Ann', metadata: { utm_source: 'gö', n: '1' } },
    ],
    [
      'urlencoded in a charset that is spelled out',
      urlencoded('email=a@example.com', '; charset="UTF-8"'),
      { email: 'a@example.com' },
    ],
    [
      'urlencoded with letters that are not escaped, and empty pairs',
      urlencoded('&email=a@example.com&&last_name=Zoë&'),
      { email: 'a@example.com', last_name: 'Zoë' },
    ],
    [
      'urlencoded with an equals sign in a value, and a name without one',
      urlencoded('email=a@example.com&note=a=b=c&flag'),
      { email: 'a@example.com', note: 'a=b=c', flag: '' },
    ],
    [
      'urlencoded with control fields, which are not stored',
      urlencoded('email=a@example.com&_redirect=https://evil.example&_t=&_anything=2&_charset_=UTF-8'),
      { email: 'a@example.com' },
    ],
    [
      'urlencoded with numbers and booleans, which stay text',
      urlencoded('email=a@example.com&size=50&vip=true'),
      { email: 'a@example.com', size: '50', vip: 'true' },
    ],
    [
      'multipart',
      multipart(part('email', 'a@example.com'), part('last_name', 'Zoë 🙂'), part('metadata[utm_source]', 'google')),
      { email: 'a@example.com', last_name: 'Zoë 🙂', metadata: { utm_source: 'google' } },
    ],
    [
      'multipart with a name that is not quoted, and more headers',
      multipart('content-disposition:form-data;name=email\r\nContent-Length: 13\r\nX-Any: 1\r\n\r\na@example.com'),
      { email: 'a@example.com' },
    ],
    [
      'multipart whose values hold line breaks, dashes and nearly the boundary',
      multipart(part('email', 'a@example.com'), part('note', 'one\r\n--\r\n------rex-test\r\nthree')),
      { email: 'a@example.com', note: 'one\r\n--\r\n------rex-test\r\nthree' },
    ],
    [
      'multipart with a type and an encoding that say nothing new',
      multipart(
        part('email', 'a@example.com', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'),
      ),
      { email: 'a@example.com' },
    ],
    [
      'multipart with one letter as a boundary that values hold, and an epilogue',
      multipartOf(`--x\r\n${disposition}\r\n\r\nx@example.com\r\n--x--\r\nbye`, '; boundary=x'),
      { email: 'x@example.com' },
    ],
  ])('is taken: %s', async ([_name, form, expected]) => {
    expect((await post(form)).status).toBe(201)
    expect((await lastSubmission()).fields).toEqual(expected)
  })

  describe.each<[string, Post, number, string, string[]?]>([
    ['an empty urlencoded body', urlencoded(''), 422, 'invalid_request', ['email']],
    ['no e-mail', urlencoded(`first_name=${canary}`), 422, 'invalid_request', ['email']],
    ['JSON that is called urlencoded', urlencoded(`{"email":"${email}"}`), 422, 'invalid_request', ['email']],
    ['two e-mails', urlencoded(`email=${email}&email=x${email}`), 422, 'invalid_request', ['email']],
    ['two sources', urlencoded(`email=${email}&source=a&source=b`), 422, 'invalid_request', ['source']],
    ['a control field given twice', urlencoded(`email=${email}&_t=1&_t=2`), 422, 'invalid_request', ['']],
    ['two e-mails as a list', urlencoded(`email[]=${email}&email[]=x${email}`), 422, 'invalid_request', ['email']],
    ['metadata as text', urlencoded(`email=${email}&metadata=1`), 422, 'invalid_request', ['metadata']],
    [
      'metadata as text and in brackets',
      urlencoded(`email=${email}&metadata[a]=1&metadata=1`),
      422,
      'invalid_request',
      ['metadata'],
    ],
    ['__proto__', urlencoded(`email=${email}&__proto__=1`), 422, 'invalid_request', ['metadata']],
    ['__proto__ in brackets', urlencoded(`email=${email}&metadata[__proto__]=1`), 422, 'invalid_request', ['metadata']],
    ['__proto__ with brackets', urlencoded(`email=${email}&__proto__[a]=1`), 422, 'invalid_request', ['metadata']],
    ['constructor', urlencoded(`email=${email}&constructor=1`), 422, 'invalid_request', ['metadata']],
    [
      'constructor[prototype]',
      urlencoded(`email=${email}&constructor[prototype][a]=1`),
      422,
      'invalid_request',
      ['metadata'],
    ],
    ['prototype in brackets', urlencoded(`email=${email}&metadata[prototype]=1`), 422, 'invalid_request', ['metadata']],
    [
      'a name of 201 characters',
      urlencoded(`email=${email}&first_name=${'x'.repeat(201)}`),
      422,
      'invalid_request',
      ['first_name'],
    ],
    [
      'a metadata value of 5,001 characters',
      urlencoded(`email=${email}&metadata[a]=${'x'.repeat(5001)}`),
      422,
      'invalid_request',
      ['metadata.a'],
    ],
    ['100 KB', urlencoded(`email=${email}&note=${'x'.repeat(100_000)}`), 413, 'body_too_large'],
    ['a percent sign alone', urlencoded(`email=${email}&a=100%`), 400, 'invalid_encoding'],
    ['a percent escape that is none', urlencoded(`email=${email}&a=%zz`), 400, 'invalid_encoding'],
    ['a broken escape in a name', urlencoded(`email=${email}&%4=1`), 400, 'invalid_encoding'],
    ['U+0000 in a value', urlencoded(`email=${email}&a=%00`), 400, 'invalid_encoding'],
    ['U+0000 in a name', urlencoded(`email=${email}&a%00=1`), 400, 'invalid_encoding'],
    ['a raw U+0000', urlencoded(`email=${email}&a=\u0000`), 400, 'invalid_encoding'],
    ['escapes that are no UTF-8', urlencoded(`email=${email}&a=%FF`), 400, 'invalid_encoding'],
    ['an overlong form', urlencoded(`email=${email}&a=%C0%AF`), 400, 'invalid_encoding'],
    ['a lone surrogate', urlencoded(`email=${email}&a=%ED%A0%80`), 400, 'invalid_encoding'],
    ['bytes that are no UTF-8', urlencoded(Buffer.from(`email=${email}&a=\xff`, 'latin1')), 400, 'invalid_encoding'],
    ['another charset', urlencoded(`email=${email}`, '; charset=iso-8859-1'), 415, 'unsupported_media_type'],
    ['nothing but a file', multipart(`${disposition}; filename="a.txt"\r\n\r\nx`), 422, 'invalid_request', ['email']],
    [
      'two e-mails in parts',
      multipart(part('email', email), part('email', 'b@c.de')),
      422,
      'invalid_request',
      ['email'],
    ],
    [
      'a part named __proto__',
      multipart(part('email', email), part('__proto__', '1')),
      422,
      'invalid_request',
      ['metadata'],
    ],
    [
      'a part named metadata[__proto__]',
      multipart(part('email', email), part('metadata[__proto__]', '1')),
      422,
      'invalid_request',
      ['metadata'],
    ],
    [
      '500 parts',
      multipart(...Array.from({ length: 500 }, () => 'Content-Disposition:form-data;name=a\r\n\r\n')),
      422,
      'invalid_request',
      ['email'],
    ],
    ['multipart without parts', multipart(), 422, 'invalid_request', ['email']],
    ['an empty multipart body', multipartOf(''), 422, 'invalid_request', ['email']],
    ['U+0000 in a part', multipart(part('email', email), part('a', '\u0000')), 400, 'invalid_encoding'],
    ["U+0000 in a part's name", multipart(part('email', email), part('a\u0000', '1')), 400, 'invalid_encoding'],
    [
      'a part that is no UTF-8',
      multipart(part('email', email), Buffer.from(part('a', '\xff'), 'latin1')),
      400,
      'invalid_encoding',
    ],
    [
      'a name that is no UTF-8',
      multipart(part('email', email), Buffer.from(part('\xff', '1'), 'latin1')),
      400,
      'invalid_encoding',
    ],
    ['a part without a name', multipart(`Content-Disposition: form-data\r\n\r\n${email}`), 400, 'invalid_encoding'],
    ['a part without headers', multipart(`\r\n${email}`), 400, 'invalid_encoding'],
    ['no boundary in the body', multipartOf(`email=${email}`), 400, 'invalid_encoding'],
    [
      'another boundary in the body',
      multipartOf(`--other\r\n${part('email', email)}\r\n--other--`),
      400,
      'invalid_encoding',
    ],
    ['a body that ends in a part', multipartOf(`--${boundary}\r\n${part('email', email)}`), 400, 'invalid_encoding'],
    ['a body that ends in a header', multipartOf(`--${boundary}\r\n${disposition}`), 400, 'invalid_encoding'],
    ['a body that is but the boundary', multipartOf(`--${boundary}`), 400, 'invalid_encoding'],
    ['headers of 8 KB', multipart(part('email', email, `X: ${'x'.repeat(8192)}`)), 400, 'invalid_encoding'],
    ['no boundary in the type', multipartOf(`--${boundary}--`, ''), 415, 'unsupported_media_type'],
    ['an empty boundary', multipartOf('----', '; boundary=""'), 415, 'unsupported_media_type'],
    ['multipart in another charset', multipartOf('', '; boundary=x; charset=utf-16'), 415, 'unsupported_media_type'],
    [
      'a part in another charset',
      multipart(part('email', email, 'Content-Type: text/plain; charset=iso-8859-1')),
      415,
      'unsupported_media_type',
    ],
    [
      'a part in base64',
      multipart(part('email', email, 'Content-Transfer-Encoding: base64')),
      415,
      'unsupported_encoding',
    ],
  ])('is refused: %s', (_name, form, status, code, paths) => {
    test(`${status} ${code}, with nothing changed or quoted, as a page for a browser, and the next is taken`, async () => {
      const before = await stored()
      const answer = await post(form)
      expectProblem(answer, status, code, paths)
      const page = await post(form, browser)
      expect(page).toMatchObject({ status, headers: { 'content-type': 'text/html; charset=utf-8' } })
      expect(page.text).toContain(`${code}, request <code>${page.headers['x-request-id']}</code>`)
      for (const path of paths ?? []) expect(page.text).toContain(path === '' ? '<li>' : `<strong>${path}</strong>: `)
      for (const { text } of [answer, page]) expect(text).not.toContain(canary)
      expect(await stored()).toEqual(before)
      expect((await post(urlencoded('email=next@example.com'))).status).toBe(201)
    })
  })

  test('after all that no log line holds an e-mail, a key or a stack', () => {
    expect(rex.logLines.length).toBeGreaterThan(0)
    for (const line of rex.logLines) expect(line).not.toMatch(new RegExp(`@|${canary}|${rex.key}|"stack"`))
  })
})
