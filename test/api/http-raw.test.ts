import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'

describe('hosts and malformed requests', () => {
  let rex: TestHttp
  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  const get = (target: string, ...headers: string[]) => [`GET ${target} HTTP/1.1`, ...headers, '', ''].join('\r\n')
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ]

  test.each<[string, string, number, string]>([
    ['two Host headers', get('/healthz', 'Host: a', 'Host: a'), 400, 'bad_host'],
    ['two Host headers that differ', get('/healthz', 'Host: localhost', 'host: acme.localhost'), 400, 'bad_host'],
    ['no Host header', get('/healthz'), 400, 'bad_host'],
    ['an empty Host header', get('/healthz', 'Host:'), 400, 'bad_host'],
    ['a Host of HTTP/1.0 that is missing', 'GET /healthz HTTP/1.0\r\n\r\n', 400, 'bad_host'],
    ['an absolute target', get('http://localhost/healthz', 'Host: localhost'), 400, 'bad_host'],
    ['the target *', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'bad_host'],
    ['an authority as the target', 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'bad_host'],
    ['an upgrade with two Host headers', get('/graphql', 'Host: a', 'Host: b', ...upgrade), 400, 'bad_host'],
    ['an upgrade with an absolute target', get('http://a/graphql', 'Host: a', ...upgrade), 400, 'bad_host'],
    [
      'an upgrade elsewhere than at /graphql, which is ignored',
      get('/capture', 'Host: a', 'Connection: close', ...upgrade),
      405,
      'method_not_allowed',
    ],
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'bad_request'],
    ['a header without a name', get('/healthz', 'Host: a', ': b'), 400, 'bad_request'],
    [
      'two lengths of one body',
      'POST /capture HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'a length and chunks',
      'POST /capture HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'bad_request',
    ],
    ['headers of 20 KB', get('/healthz', 'Host: a', `X: ${'x'.repeat(20_000)}`), 400, 'bad_request'],
  ])('%s: answered in the form of every failure, and closed', async (_name, raw, status, code) => {
    const answer = parseRaw(await sendRaw(rex.url, raw))
    expect(answer).toMatchObject({ status, json: { error: { code, request_id: expect.any(String) } } })
    expect(answer.head).toContain('connection: close')
    expect((await send(rex.url, { path: '/healthz' })).status).toBe(200)
  })

  test('an upgrade at /graphql is handed over; an offer of h2c is not taken', async () => {
    expect(await sendRaw(rex.url, get('/graphql', 'Host: a', ...upgrade))).toMatch(/^HTTP\/1\.1 101 /)
    const offered = await sendRaw(rex.url, get('/healthz', 'Host: a', 'Connection: Upgrade, close', 'Upgrade: h2c'))
    expect(parseRaw(offered).status).toBe(200)
  })

  test('a TLS handshake fails: TLS is left to a proxy', async () => {
    const { hostname, port } = new URL(rex.url)
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
    await expect(once(socket, 'secureConnect')).rejects.toMatchObject({ code: expect.stringMatching(/SSL|EPROTO/) })
    expect((await send(rex.url, { path: '/healthz' })).status).toBe(200)
  })

  test('who is answered in the middle of a body can read the answer, and go on after it', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const head =
      'POST /capture HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    const next = get('/healthz', 'Host: a', 'Connection: close')
    const answers = await sendRaw(rex.url, head, chunk, chunk, chunk, '0\r\n\r\n', next)
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
  })

  test('headers and bodies that dribble are cut off with 408', async () => {
    const answers = await Promise.all([
      sendRaw(rex.url, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: '),
      sendRaw(
        rex.url,
        'POST /capture HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      ),
    ])
    for (const answer of answers)
      expect(parseRaw(answer)).toMatchObject({ status: 408, json: { error: { code: 'timeout' } } })
  })
})
