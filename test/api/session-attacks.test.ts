import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { type BrowserSession, postSession, queryAs, signIn } from '../support/browser-session.ts'
import { createGraphqlClient, createKey, createWorkspace } from '../support/graphql-client.ts'
import { openSocket } from '../support/raw-socket.ts'
import { runOn } from '../support/run-on.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const query = '{ viewer { id } }'

describe('a session under attack', () => {
  let app: TestApp
  let session: BrowserSession

  beforeAll(async () => {
    app = await startTestApp()
    session = await signIn(app.url, { api_key: app.key })
  })

  afterAll(() => app?.stop())

  describe('from another page (CSRF)', () => {
    const own = () => ({ cookie: session.cookie, 'x-rex-session': '1' })

    it.each([
      ['without the header', () => ({ cookie: session.cookie, origin: app.url })],
      ['with another value of the header', () => ({ ...session.headers, 'x-rex-session': 'true' })],
      ['without a proof of its page', own],
      ['of a page of another port of this host', () => ({ ...own(), origin: 'http://127.0.0.1:1' })],
      ['of a page without an origin', () => ({ ...own(), origin: 'null' })],
      ['of another site by Sec-Fetch-Site', () => ({ ...session.headers, 'sec-fetch-site': 'cross-site' })],
      ['of a sibling host by Sec-Fetch-Site', () => ({ ...own(), 'sec-fetch-site': 'same-site' })],
      ['typed into the address bar', () => ({ ...own(), 'sec-fetch-site': 'none' })],
    ])('does not count in a request %s', async (_, headers) => {
      expect([401, 403]).toContain((await queryAs(app.url, headers(), query)).status)
      const ended = await fetch(`${app.url}/session`, { method: 'DELETE', headers: headers() })
      expect([401, 403]).toContain(ended.status)
    })

    it('counts for our own page, by either header', async () => {
      expect((await queryAs(app.url, session.headers, query)).status).toBe(200)
      expect((await queryAs(app.url, { ...own(), 'sec-fetch-site': 'same-origin' }, query)).status).toBe(200)
    })

    it('does not count for a form or for fetch with no-cors, which cannot set the header', async () => {
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
        const headers = { cookie: session.cookie, origin: 'https://evil.example', 'content-type': type }
        const body = JSON.stringify({ query })
        expect((await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })).status).toBe(403)
        expect((await fetch(`${app.url}/webhooks`, { method: 'POST', headers, body })).status).toBe(401)
      }
    })

    it('cannot be asked for with a preflight: no origin may send the header', async () => {
      const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-rex-session' }
      for (const path of ['/graphql', '/webhooks', '/session']) {
        const response = await fetch(app.url + path, {
          method: 'OPTIONS',
          headers: { ...preflight, origin: 'https://evil.example' },
        })
        expect(response.headers.get('access-control-allow-headers') ?? '').not.toContain('x-rex-session')
        expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      }
    })

    it('is not made for another page, which could sign a person in as somebody else', async () => {
      for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
        const response = await postSession(app.url, { api_key: app.key }, headers)
        expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
        expect(await response.json()).toMatchObject({ error: { code: 'origin_not_allowed' } })
      }
      const asText = await postSession(app.url, { api_key: app.key }, { 'content-type': 'text/plain' })
      expect(asText.status).toBe(415)
    })
  })

  describe('over WebSocket', () => {
    const upgrade = (headers: Readonly<Record<string, string>>, origin?: string) =>
      openSocket(app, { headers, ...(origin !== undefined && { origin }) })

    it('counts with our own Origin', async () => {
      const socket = await upgrade({ cookie: session.cookie }, app.url)
      socket.send({ type: 'connection_init' })
      await socket.received(({ type }) => type === 'connection_ack')
      socket.send({ type: 'subscribe', id: '1', payload: { query } })
      expect(await socket.received(({ type }) => type === 'next')).toMatchObject({ payload: { data: { viewer: {} } } })
      socket.socket.close()
    })

    it('is refused with another Origin, and does not count without one', async () => {
      expect((await upgrade({ cookie: session.cookie }, 'https://evil.example')).status).toBe(403)
      const socket = await upgrade({ cookie: session.cookie })
      socket.send({ type: 'connection_init' })
      expect(await socket.closed).toBe(4403)
    })

    it('does not save a wrong key', async () => {
      const socket = await upgrade({ cookie: session.cookie }, app.url)
      socket.send({ type: 'connection_init', payload: { apiKey: 'wrong-key-0123456789' } })
      expect(await socket.closed).toBe(4403)
    })
  })

  describe('fixation', () => {
    it('makes a new token at every sign-in, whatever cookie was there', async () => {
      const cookie = `rex_session=${'A'.repeat(43)}`
      const made = await signIn(app.url, { api_key: app.key }, { cookie })
      expect(made.cookie).not.toBe(cookie)
      expect((await queryAs(app.url, { ...made.headers, cookie }, query)).status).toBe(401)
    })

    it('takes none of two different cookies: a server of another port may have set one', async () => {
      const other = await signIn(app.url, { api_key: app.key })
      const cookie = `${other.cookie}; ${session.cookie}`
      expect((await queryAs(app.url, { ...session.headers, cookie }, query)).status).toBe(401)
      const twice = `a=1; ${session.cookie}; ${session.cookie}`
      expect((await queryAs(app.url, { ...session.headers, cookie: twice }, query)).status).toBe(200)
    })
  })

  describe('a sign-in link', () => {
    it('works once, also when it is used many times at once', async () => {
      const token = await app.createLinkToken()
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () => (await postSession(app.url, { token })).status),
      )
      expect(statuses.toSorted()).toEqual([201, ...Array(7).fill(401)])
    })

    it('is refused after 60 seconds', async () => {
      const token = await app.createLinkToken()
      await runOn(app, "update sign_in_link set expires_at = expires_at - interval '60 seconds'")
      expect((await postSession(app.url, { token })).status).toBe(401)
    })

    it('is no key, no session and no link of another workspace', async () => {
      const token = await app.createLinkToken()
      expect((await postSession(app.url, { api_key: token })).status).toBe(401)
      expect((await queryAs(app.url, { ...session.headers, cookie: `rex_session=${token}` }, query)).status).toBe(401)
      const acme = await createWorkspace(createGraphqlClient(app), 'acme')
      const { headers } = await signIn(app.url, { token })
      const { text } = await queryAs(app.url, headers, '{ workspace { slug } }')
      expect([JSON.parse(text).data.workspace.slug, acme.length > 0]).toEqual(['default', true])
    })
  })

  it('is stored as hashes, and no token or key is in the log', async () => {
    const token = await app.createLinkToken()
    const stored = async () =>
      JSON.stringify(await runOn(app, 'select s::text from session s union all select l::text from sign_in_link l'))
    expect(await stored()).not.toContain(token)
    const { cookie } = await signIn(app.url, { token })
    await postSession(app.url, { token })
    await postSession(app.url, { token: 'A'.repeat(43) })
    const secret = cookie.split('=')[1]!
    expect(await stored()).not.toContain(secret)
    const log = app.logLines.join('')
    for (const hidden of [token, secret, app.key, 'A'.repeat(43)]) expect(log).not.toContain(hidden)
  })

  it('does not win over a key', async () => {
    const key = await createKey(createGraphqlClient(app), ['CONTACTS_READ'])
    const viewer = (headers: Readonly<Record<string, string>>) => queryAs(app.url, headers, '{ viewer { scopes } }')
    expect((await viewer({ ...session.headers, 'x-api-key': key })).text).toContain('["CONTACTS_READ"]')
    expect((await viewer({ ...session.headers, 'x-api-key': 'wrong-key-0123456789' })).status).toBe(401)
  })

  it('does not count at /capture, which is anonymous for a browser', async () => {
    await createApiClient(app).capture({ email: 'jane@example.com', first_name: 'Jane' }, { 'x-api-key': app.key })
    const { json } = await createApiClient(app).capture({ email: 'jane@example.com' }, session.headers)
    expect(json.data).toMatchObject({ first_name: null })
  })

  it('cannot be used on the host of another workspace', async () => {
    const { port } = new URL(app.url)
    const host = `other.localhost:${port}`
    await createWorkspace(createGraphqlClient(app), 'other')
    const { cookie } = session
    const body = JSON.stringify({ query })
    const status = await statusOf(Number(port), [
      'POST /graphql HTTP/1.1',
      `Host: ${host}`,
      `Origin: http://${host}`,
      `Cookie: ${cookie}`,
      'X-Rex-Session: 1',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
      '',
      body,
    ])
    expect(status).toBe(403)
  })

  it('puts no header of the caller into its answer', async () => {
    const { port } = new URL(app.url)
    const body = JSON.stringify({ api_key: app.key })
    const lines = ['POST /session HTTP/1.1', `Host: 127.0.0.1:${port}`, 'User-Agent: x\u0001; Domain=evil.example']
    const rest = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close', '', body]
    expect(await statusOf(Number(port), [...lines, ...rest])).toBe(400)
    const response = await postSession(app.url, { api_key: app.key }, { 'user-agent': 'x; Domain=evil.example' })
    expect(response.headers.get('set-cookie')).not.toContain('evil')
    const { text } = await createGraphqlClient(app)('{ sessions { userAgent } }')
    expect(text).not.toContain('evil')
  })

  it('is limited by address, as wrong keys are', async () => {
    const limited = await startTestApp()
    try {
      const attempt = async () => (await postSession(limited.url, { token: 'A'.repeat(43) })).status
      for (let nth = 0; nth < 20; nth++) await Promise.all(Array.from({ length: 50 }, attempt))
      expect(await attempt()).toBe(429)
      expect((await postSession(limited.url, { api_key: 'wrong-key-0123456789' })).status).toBe(429)
    } finally {
      await limited.stop()
    }
  })
})

/** The status of the answer to these lines, written as they are. */
function statusOf(port: number, lines: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n'), 'latin1'))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])))
  })
}
