import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multipart, multipartOf, part, urlencoded } from '../support/form-bodies.ts'
import { type Received, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const listed = 'https://www.example.com'

describe('a form posted to /capture', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
    const text = `update workspace set name = $1, redirect_origins = $2 where slug = 'default'`
    const values = ['<b>Acme</b> & "Sons"', [listed, 'http://localhost:8080', 'http://www.example.com']]
    await rex.database.query({ name: '', text }, values)
  })
  afterAll(() => rex.stop())

  const post = (
    { headers, body }: ReturnType<typeof urlencoded>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Received> =>
    send(rex.url, { method: 'POST', path: '/capture', headers: { ...headers, ...more }, ...(body && { body }) })

  describe.each([
    ['urlencoded', (...pairs: [string, string][]) => urlencoded(new URLSearchParams(pairs).toString())],
    ['multipart', (...pairs: [string, string][]) => multipart(...pairs.map(([name, value]) => part(name, value)))],
  ])('by a browser, %s,', (_format, form) => {
    const lead: [string, string] = ['email', 'visitor@example.com']

    test('is answered by a page of thanks that needs nothing from elsewhere and escapes the name', async () => {
      const page = await post(form(lead), browser)
      expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
      expect(page.text).toContain('&lt;b&gt;Acme&lt;/b&gt; &amp; &quot;Sons&quot; has received what you sent.')
      expect(page.text).not.toMatch(/<b>|<script|<link|<img|@import|url\(|visitor/)
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
      expect(page.headers['cache-control']).toBe('no-store')
    })

    test.each([
      [`${listed}/thanks?a=1#b`, `${listed}/thanks?a=1#b`],
      ['HTTPS://WWW.Example.com:443', `${listed}/`],
      [`${listed}/danke-schön`, `${listed}/danke-sch%C3%B6n`],
      ['http://localhost:8080/thanks', 'http://localhost:8080/thanks'],
    ])('is sent on to %s', async (wanted, location) => {
      const answer = await post(form(lead, ['_redirect', wanted]), browser)
      expect(answer).toMatchObject({ status: 303, headers: { location }, text: '' })
    })

    test.each([
      '',
      '/thanks',
      '//www.example.com/thanks',
      'https:www.example.com',
      'https:/www.example.com',
      'https:///www.example.com',
      'https://evil.example.net/',
      'https://www.example.com.evil.net/',
      'https://www.example.com:8443/',
      'https://user@www.example.com/',
      'https://user:pass@www.example.com/',
      'https://@www.example.com/',
      'https://www.example.com@evil.example.net/',
      'https://www.example.com\\@evil.example.net/',
      'https:\\\\www.example.com/',
      'https://www.example.com/\\evil',
      'http://www.example.com/',
      'http://localhost:8081/',
      'javascript:alert(1)',
      'data:text/html,x',
      'javascript://www.example.com/%0aalert(1)',
      ' https://www.example.com/',
      'https://www.exam\tple.com/',
      'https://www.example.com/\r\nSet-Cookie: a=b',
      'https://',
      'https://[::1',
    ])('is never sent on to %j', async (wanted) => {
      const answer = await post(form(lead, ['_redirect', wanted]), browser)
      expect(answer.status).toBe(200)
      expect(answer.headers).not.toHaveProperty('location')
      expect(answer.headers).not.toHaveProperty('set-cookie')
    })

    test.each([undefined, '*/*', 'application/json', 'application/json, text/html', 'text/html;q=0', 'text/html;q=x'])(
      'is answered JSON when it accepts %s',
      async (accept) => {
        const answer = await post(form(lead, ['_redirect', `${listed}/`]), accept === undefined ? {} : { accept })
        expect(answer.status).toBe(201)
        expect(answer.json.data).toMatchObject({ email: 'visitor@example.com', stage: 'lead' })
      },
    )

    test.each(['text/html', 'text/html, */*', 'application/json;q=0.5, TEXT/HTML;level=1;q=0.6'])(
      'is answered HTML when it accepts %s',
      async (accept) => {
        expect((await post(form(lead), { accept })).headers['content-type']).toBe('text/html; charset=utf-8')
      },
    )

    test('and filled in by a robot is answered in the same way, kept as spam, and makes no contact', async () => {
      const robot: [string, string][] = [
        ['email', 'robot@example.com'],
        ['_gotcha', 'x'],
      ]
      const pages = [await post(form(...robot), browser), await post(form(lead), browser)]
      expect(pages[0]!.text).toBe(pages[1]!.text)
      const sentOn = await post(form(...robot, ['_redirect', `${listed}/thanks`]), browser)
      expect(sentOn).toMatchObject({ status: 303, headers: { location: `${listed}/thanks` } })
      expect((await post(form(...robot))).status).toBe(201)
      const kept = "select status, fields from submission where fields->>'email' = 'robot@example.com'"
      for (const row of await rex.database.query({ name: '', text: kept }))
        expect(row).toEqual({ status: 'SPAM', fields: { email: 'robot@example.com' } })
      const made = "select id from contact where email = 'robot@example.com'"
      expect(await rex.database.query({ name: '', text: made })).toEqual([])
    })
  })

  test('JSON is answered JSON, whatever is accepted', async () => {
    const json = { headers: { 'content-type': 'application/json' }, body: '{"email":"json@example.com"}' }
    expect((await post(json, browser)).status).toBe(201)
    expectProblem(await post({ ...json, body: '{}' }, browser), 422, 'invalid_request', ['email'])
  })

  test('another kind of multipart is no form', async () => {
    const mixed = { headers: { 'content-type': 'multipart/mixed; boundary=x' }, body: '--x--' }
    expectProblem(await post(mixed, browser), 415, 'unsupported_media_type')
  })

  test('a wrong key and an unknown workspace are pages for a browser, too', async () => {
    const form = urlencoded('email=a@example.com')
    const wrongKey = await post(form, { ...browser, 'x-api-key': 'wrong-key-0123456789' })
    const nobody = await post(form, { ...browser, host: 'nobody.localhost' })
    expect([wrongKey.status, nobody.status]).toEqual([401, 404])
    for (const { headers } of [wrongKey, nobody]) expect(headers['content-type']).toBe('text/html; charset=utf-8')
  })

  test('the same Idempotency-Key and fields get the first answer again, whatever the boundary', async () => {
    const key = { 'idempotency-key': 'form-fill-1' }
    const body = (mark: string, value: string) =>
      multipartOf(`--${mark}\r\n${part('email', value)}\r\n--${mark}--\r\n`, `; boundary=${mark}`)
    const first = await post(body('one', 'once@example.com'), key)
    expect((await post(body('two', 'once@example.com'), key)).json).toEqual(first.json)
    expectProblem(await post(body('two', 'other@example.com'), key), 409, 'idempotency_conflict')
  })
})
