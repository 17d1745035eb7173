import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sent, send } from '../support/http-client.ts'
import { openSocket } from '../support/raw-socket.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const token = 'metrics-token'
const basic = 'Basic dXNlcjpwYXNzd29yZA=='
const other = 'another-key-0123456789-0123456789'
const query = '{ viewer { id } }'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp('embedded', { REX_METRICS_TOKEN: token })
})
afterAll(() => app?.stop())

const post = async (path: string, body: unknown, headers: Sent['headers']) => {
  const typed = { 'content-type': 'application/json', ...headers }
  return send(app.url, { method: 'POST', path, headers: typed, body: JSON.stringify(body) })
}
/** The statuses of every surface over HTTP: capture, REST, GraphQL and SSE. */
const statuses = async (headers: Sent['headers']) => {
  const answers = await Promise.all([
    post('/capture', { email: 'door@example.com' }, headers),
    send(app.url, { path: '/webhooks', headers: { ...headers } }),
    post('/graphql', { query }, headers),
    post('/graphql', { query }, { ...headers, accept: 'text/event-stream' }),
  ])
  return answers.map(({ status }) => status)
}
const connect = async (payload: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const { send: tell, closed, received, socket } = await openSocket(app, { headers })
  tell({ type: 'connection_init', payload })
  const outcome = await Promise.race([closed, received(({ type }) => type === 'connection_ack')])
  socket.close()
  return typeof outcome === 'number' ? outcome : 'acknowledged'
}

describe('11.27: another Authorization scheme than Bearer', () => {
  it.each([basic, 'Digest username="a"', 'Negotiate abc', 'Bearerish token', 'token'])(
    'is no key on any surface: %s',
    async (authorization) => {
      expect(await statuses({ authorization })).toEqual([201, 401, 401, 401])
      expect(await statuses({ authorization, 'x-api-key': app.key })).toEqual([201, 200, 200, 200])
      expect(await statuses({ authorization, 'x-api-key': other })).toEqual([401, 401, 401, 401])
    },
  )

  it('is no token for metrics', async () => {
    const metrics = async (headers: Sent['headers']) =>
      (await send(app.url, { path: '/metrics', headers: { ...headers } })).status
    expect(await metrics({ authorization: basic })).toBe(200)
    expect(await metrics({ authorization: `Basic ${token}`, via: '1.1 proxy' })).toBe(401)
    expect(await metrics({ authorization: [basic, `Bearer ${token}`], via: '1.1 proxy' })).toBe(200)
  })
})

it('a key in an address is no key, on any surface, and is in no line of the log', async () => {
  const names = ['apiKey', 'api_key', 'key', 'access_token', 'x-api-key']
  const search = new URLSearchParams(names.map((name) => [name, app.key])).toString()
  const asked = [
    send(app.url, { path: `/webhooks?${search}` }),
    send(app.url, { path: `/graphql?query=${encodeURIComponent(query)}&${search}` }),
    post(`/graphql?${search}`, { query }, {}),
  ]
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([401, 401, 401])
  const captured = await post(`/capture?${search}`, { email: 'door@example.com', stage: 'won' }, {})
  expect(captured.json.data).toMatchObject({ stage: 'lead' })
  expect(app.logLines.join('')).not.toContain(app.key)
})

describe('11.27: connection_init', () => {
  it.each([
    (key: string) => ({ apiKey: key }),
    (key: string) => ({ APIKEY: key }),
    (key: string) => ({ 'X-Api-Key': key }),
    (key: string) => ({ Authorization: `Bearer ${key}` }),
    (key: string) => ({ authorization: `bearer ${key}`, apiKey: null }),
    (key: string) => ({ headers: { 'x-api-key': key } }),
    (key: string) => ({ Headers: { AUTHORIZATION: `Bearer ${key}` } }),
    (key: string) => ({ headers: { apikey: key, Authorization: basic } }),
    (key: string) => ({ apiKey: key, headers: { Authorization: `Bearer ${key}` } }),
  ])('takes a key as clients send it: %s', async (payload) => {
    expect(await connect(payload(app.key))).toBe('acknowledged')
    expect(await connect(payload(other))).toBe(4403)
  })

  it('takes no key of another scheme or type', async () => {
    for (const payload of [{ Authorization: basic }, { headers: [app.key] }, { apiKey: [app.key] }, { headers: null }])
      expect(await connect(payload)).toBe(4403)
  })
})

describe('11.27: an empty operationName counts as none', () => {
  it.each(['', null])('over HTTP, SSE and WebSocket: %j', async (operationName) => {
    const headers = { 'x-api-key': app.key }
    const plain = await post('/graphql', { query, operationName }, headers)
    expect(plain.json).toEqual({ data: { viewer: { id: expect.any(String) } }, extensions: expect.anything() })
    const events = await post('/graphql', { query, operationName }, { ...headers, accept: 'text/event-stream' })
    expect(events.text).toContain('"viewer":{"id"')
    const { send: tell, received, socket } = await openSocket(app)
    tell({ type: 'connection_init', payload: { apiKey: app.key } })
    await received(({ type }) => type === 'connection_ack')
    tell({ type: 'subscribe', id: '1', payload: { query, operationName } })
    expect(await received(({ id }) => id === '1')).toMatchObject({ type: 'next', payload: { data: { viewer: {} } } })
    socket.close()
  })

  it('in the address of a GET', async () => {
    const path = `/graphql?operationName=&query=${encodeURIComponent(query)}`
    const answer = await send(app.url, { path, headers: { 'x-api-key': app.key } })
    expect(answer.json.data).toEqual({ viewer: { id: expect.any(String) } })
  })
})

it('11.27: spaces around the URL of a webhook are taken off, in REST and GraphQL', async () => {
  const url = 'https://hooks.example.com/in'
  const headers = { 'x-api-key': app.key }
  const made = await post('/webhooks', { url: ` \t${url}\n` }, headers)
  expect([made.status, made.json.data!['url']]).toEqual([201, url])
  const id = made.json.data!['id']
  const create = `mutation ($url: URL!) { createWebhookEndpoint(input: { url: $url }) {
    ... on WebhookSecretSuccess { endpoint { url } } } }`
  const created = await post('/graphql', { query: create, variables: { url: ` ${url} ` } }, headers)
  expect(created.json.data).toEqual({ createWebhookEndpoint: { endpoint: { url } } })
  const update = `mutation ($id: ID!, $url: URL) { updateWebhookEndpoint(input: { id: $id, url: $url }) {
    ... on WebhookEndpoint { url } } }`
  const changed = await post('/graphql', { query: update, variables: { id, url: `  ${url}/2 ` } }, headers)
  expect(changed.json.data).toEqual({ updateWebhookEndpoint: { url: `${url}/2` } })
  const inner = await post('/webhooks', { url: 'https://hooks.example.com/a b' }, headers)
  expect(inner.status).toBe(422)
})

describe('11.14: two different keys in one request', () => {
  it('are 401 on every surface, and two equal ones are one', async () => {
    const bearer = (key: string) => `Bearer ${key}`
    for (const headers of [
      { 'x-api-key': app.key, authorization: bearer(other) },
      { 'x-api-key': [app.key, other] },
      { authorization: [bearer(app.key), bearer(other)] },
    ])
      expect(await statuses(headers)).toEqual([401, 401, 401, 401])
    const twice = { 'x-api-key': [app.key, app.key], authorization: [bearer(app.key), bearer(app.key), basic] }
    expect(await statuses(twice)).toEqual([201, 200, 200, 200])
  })

  it('are refused over WebSocket, in connection_init, in the upgrade and between them', async () => {
    expect(await connect({ apiKey: app.key, headers: { 'x-api-key': other } })).toBe(4403)
    expect(await connect({ 'x-api-key': other, Authorization: `Bearer ${app.key}` })).toBe(4403)
    expect(await connect({ apiKey: app.key }, { 'x-api-key': other })).toBe(4403)
    expect(await connect({ apiKey: app.key }, { 'x-api-key': app.key, authorization: basic })).toBe('acknowledged')
    const headers = { 'x-api-key': app.key, authorization: `Bearer ${other}` }
    expect((await openSocket(app, { headers })).status).toBe(401)
  })
})

describe('11.14: metrics without a token', () => {
  const status = async (headers: Sent['headers']) =>
    (await send(app.url, { path: '/metrics', headers: { ...headers } })).status

  it.each(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'via', 'cf-ray'])(
    'are refused when a proxy has added %s',
    async (name) => {
      expect(await status({ [name]: '127.0.0.1' })).toBe(401)
    },
  )

  it.each(['localhost', 'LOCALHOST:4000', 'localhost.', '127.0.0.1', '127.9.8.7:1', '[::1]:4000'])(
    'are read at the host %s',
    async (host) => {
      expect(await status({ host })).toBe(200)
    },
  )

  it.each(['evil.example', '127.0.0.1.evil.example', '192.168.0.1', 'localhost.evil.example:4000', '[::2]', '127.1'])(
    'are refused at the host %s, which a page may have pointed here',
    async (host) => {
      expect(await status({ host })).toBe(401)
      expect(await status({ host, authorization: `Bearer ${token}` })).toBe(200)
    },
  )
})
