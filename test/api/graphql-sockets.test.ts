import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../support/eventually.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'
import { openSocket, openSocketWithKey, type RawSocket } from '../support/raw-socket.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const friend = 'https://app.example.com'
const query = '{ viewer { id } }'
const stream = 'subscription { contactCreated { eventId } }'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({ REX_GRAPHQL_ORIGINS: friend })
})

afterAll(async () => {
  // What callers do wrong is nothing to warn of.
  expect(app.logLines.filter((line) => /"level":"(?:warn|error)"/.test(line))).toEqual([])
  await app.stop()
})

const subscribe = (id: string, query: string, variables?: object) => ({
  type: 'subscribe',
  id,
  payload: { query, variables },
})

describe('a handshake that is none', () => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  const version = 'Sec-WebSocket-Version: 13'
  const handshake = (method: string, ...headers: readonly string[]) =>
    [`${method} /graphql HTTP/1.1`, 'Host: localhost', 'Upgrade: websocket', ...headers, '', ''].join('\r\n')

  it.each([
    ['without a key', [version]],
    ['with a bad key', ['Sec-WebSocket-Key: short', version]],
    ['of version 12', [key, 'Sec-WebSocket-Version: 12']],
    ['of no version', [key]],
    ['with a malformed protocol', [key, version, 'Sec-WebSocket-Protocol: a,,b']],
  ])('is refused in the form of every failure: one %s', async (_what, headers) => {
    const { status, head, json } = parseRaw(await sendRaw(app.url, handshake('GET', 'Connection: Upgrade', ...headers)))
    expect([status, json.error]).toEqual([
      400,
      { code: 'bad_request', message: expect.any(String), request_id: expect.any(String) },
    ])
    expect(head).toContain('content-type: application/json')
    expect(head).toContain('sec-websocket-version: 13')
  })

  it('is a plain request with another method', async () => {
    const rest = ['Connection: Upgrade, close', key, version] as const
    expect(await sendRaw(app.url, handshake('HEAD', ...rest))).toMatch(
      /^HTTP\/1\.1 405 .*\r\nallow: GET, OPTIONS, POST\r\n/is,
    )
    const posted = handshake('POST', ...rest, 'Content-Length: 0')
    expect(await sendRaw(app.url, posted)).toMatch(/^HTTP\/1\.1 4\d\d .*\r\ncontent-type: application\/json/is)
  })
})

describe('a socket is closed', () => {
  it.each([{ apiKey: 'wrong-key-wrong-key-wrong' }, { apiKey: 7 }, {}, undefined])(
    'with 4403 for the key %j',
    async (payload) => {
      const { send, closed } = await openSocket(app)
      send({ type: 'connection_init', payload })
      expect(await closed).toBe(4403)
    },
  )

  it.each(['nonsense', '{}', '[]', '{"type":"start"}', '{"type":"subscribe","id":"","payload":{"query":"{ a }"}}'])(
    'with 4400 for the message %s, before the key and after it',
    async (message) => {
      for (const open of [openSocket, openSocketWithKey]) {
        const { socket, closed } = await open(app)
        socket.send(message)
        expect(await closed).toBe(4400)
      }
    },
  )

  it.each([
    { type: 'connection_ack' },
    { type: 'next', id: '1', payload: { data: {} } },
    { type: 'error', id: '1', payload: [{ message: 'no' }] },
    { type: 'subscribe', payload: { query } },
    { type: 'subscribe', id: '1', payload: {} },
    { type: 'subscribe', id: '1', payload: { query, variables: 'none' } },
    { type: 'connection_init', payload: 'key' },
    { type: 'complete' },
  ])('with 4400 for %j', async (message) => {
    const { send, closed } = await openSocketWithKey(app)
    send(message)
    expect(await closed).toBe(4400)
  })

  it('with 4401 when an operation comes before the key has been taken', async () => {
    const [early, hasty] = await Promise.all([openSocket(app), openSocket(app)])
    early.send(subscribe('1', query))
    hasty.send({ type: 'connection_init', payload: { apiKey: app.key } })
    hasty.send(subscribe('1', query))
    expect(await Promise.all([early.closed, hasty.closed])).toEqual([4401, 4401])
  })

  it('with 4406 when it speaks another protocol', async () => {
    const { closed, status } = await openSocket(app, { protocol: null })
    expect(status).toBe(101)
    expect(await closed).toBe(4406)
    await expect(openSocket(app, { protocol: 'graphql-ws' })).rejects.toThrow('subprotocol')
  })

  it('with 4408 when no connection_init comes within three seconds, whatever else does', async () => {
    const [silent, pinging, busy] = await Promise.all([openSocket(app), openSocket(app), openSocketWithKey(app)])
    pinging.send({ type: 'ping' })
    expect(await Promise.all([silent.closed, pinging.closed])).toEqual([4408, 4408])
    expect(busy.socket.readyState).toBe(WebSocket.OPEN)
    busy.socket.close()
  })

  it('with 4409 when an id is taken that is still in use, and not when it is free again', async () => {
    const { send, received, closed } = await openSocketWithKey(app)
    send(subscribe('1', query))
    await received(({ type }) => type === 'complete')
    send(subscribe('1', stream))
    send(subscribe('1', stream))
    expect(await closed).toBe(4409)
  })

  it('with 4429 when connection_init comes twice', async () => {
    const { send, closed } = await openSocketWithKey(app)
    send({ type: 'connection_init', payload: { apiKey: app.key } })
    expect(await closed).toBe(4429)
  })

  it('with 1009 for a message of more than 64 KiB, in one piece or in several, and not for one of 64 KiB', async () => {
    const message = (bytes: number) => JSON.stringify(subscribe('1', query)).replace('{ v', `${' '.repeat(bytes)}{ v`)
    const most = 64 * 1024 - message(0).length
    const [whole, pieces, fitting] = await Promise.all([1, 2, 3].map(() => openSocketWithKey(app)))
    whole!.socket.send(message(most + 1))
    pieces!.socket.send(message(most).slice(0, 40_000), { fin: false })
    pieces!.socket.send(' '.repeat(40_000))
    fitting!.socket.send(message(most))
    expect(await Promise.all([whole!.closed, pieces!.closed])).toEqual([1009, 1009])
    expect(await fitting!.received(({ id }) => id === '1')).toMatchObject({ type: 'next' })
    fitting!.socket.close()
  })

  it('with 1007 for text that is no UTF-8', async () => {
    const { socket, closed } = await openSocketWithKey(app)
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    expect(await closed).toBe(1007)
  })

  it('with 4290 when it asks for much and reads no answers', async () => {
    const { socket, closed } = await openSocketWithKey(app)
    socket.pause()
    const ping = JSON.stringify({ type: 'ping', payload: { noise: randomBytes(30_000).toString('base64') } })
    for (let sent = 0; sent < 64 * 1024 * 1024; sent += ping.length) socket.send(ping)
    await eventually(
      () => socket.bufferedAmount === 0,
      () => `${socket.bufferedAmount} bytes not sent`,
    )
    socket.resume()
    expect(await closed).toBe(4290)
  })
})

describe('a socket', () => {
  it('is refused with 403 for a page of another origin', async () => {
    for (const origin of ['https://evil.example', 'null', `${friend}.evil.example`])
      expect((await openSocket(app, { origin })).status).toBe(403)
    const { status, json } = parseRaw(
      await sendRaw(
        app.url,
        'GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
        'Origin: https://evil.example\r\n\r\n',
      ),
    )
    expect([status, json.error?.code]).toEqual([403, 'origin_not_allowed'])
    for (const origin of [friend, app.url]) {
      const { status, socket } = await openSocket(app, { origin })
      expect(status).toBe(101)
      socket.terminate()
    }
  })

  it('stays open when an operation is wrong: its id gets the error', async () => {
    const { send, received, socket } = await openSocketWithKey(app)
    const rows = '{ contacts(first: 100) { nodes { events(first: 100) { nodes { id } } } } }'
    const wrong: Record<string, [query: string, code: string, variables?: object]> = {
      syntax: ['{', 'BAD_USER_INPUT'],
      validation: ['{ nothing }', 'BAD_USER_INPUT'],
      none: ['fragment F on Query { viewer { id } }', 'BAD_USER_INPUT'],
      shape: [`{ ${'viewer { id } '.repeat(21)} }`, 'COST_EXCEEDED'],
      cost: [rows, 'COST_EXCEEDED'],
      variables: ['query ($first: Int!) { contacts(first: $first) { nodes { id } } }', 'BAD_USER_INPUT', {}],
      stream: [
        'subscription ($filter: ContactFilter) { contactCreated(filter: $filter) { eventId } }',
        'BAD_USER_INPUT',
        { filter: 7 },
      ],
    }
    for (const [id, [query, , variables]] of Object.entries(wrong)) send(subscribe(id, query, variables))
    for (const [id, [, code]] of Object.entries(wrong))
      expect(await received((message) => message.id === id)).toMatchObject({
        type: 'error',
        payload: [{ extensions: { code } }],
      })
    send(subscribe('right', query))
    expect(await received(({ id }) => id === 'right')).toMatchObject({ type: 'next', payload: { data: {} } })
    socket.close()
  })

  it('answers pings with their payload, and passes over what completes or answers nothing', async () => {
    const { send, received, socket, messages } = await openSocketWithKey(app)
    send({ type: 'pong' })
    send({ type: 'complete', id: 'unknown' })
    send({ type: 'ping', payload: { nth: 1 } })
    send({ type: 'ping' })
    expect(await received(({ payload }) => payload !== undefined)).toEqual({ type: 'pong', payload: { nth: 1 } })
    await eventually(
      () => messages.length === 3,
      () => JSON.stringify(messages),
    )
    expect(messages[2]).toEqual({ type: 'pong' })
    socket.close()
  })

  it('takes 50 operations at a time, and others once some have ended', async () => {
    const { send, received, socket } = await openSocketWithKey(app)
    for (let id = 1; id <= 51; id++) send(subscribe(String(id), stream))
    expect(await received(({ type }) => type === 'error')).toMatchObject({
      id: '51',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
    for (let id = 1; id <= 50; id++) send({ type: 'complete', id: String(id) })
    // With the next one they are 100, those included that have not ended yet.
    for (let id = 61; id <= 109; id++) send(subscribe(String(id), stream))
    send(subscribe('asked', query))
    expect(await received(({ id }) => id === 'asked')).toMatchObject({ type: 'next' })
    socket.close()
  })

  it('counts operations that were given up until they have ended', async () => {
    const { send, sendTogether, received, messages, socket } = await openSocketWithKey(app)
    const givenUp = Array.from({ length: 110 }, (_, nth) => [
      subscribe(`${nth}`, '{ contacts { nodes { id } } }'),
      { type: 'complete', id: `${nth}` },
    ])
    sendTogether([...givenUp.flat(), subscribe('one more', query)])
    expect(await received(({ id }) => id === 'one more')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
    let asked = 0
    await eventually(
      () => {
        send(subscribe(`later-${asked++}`, query))
        return messages.some(({ type, id }) => type === 'next' && id?.startsWith('later') === true)
      },
      () => JSON.stringify(messages.slice(-3)),
    )
    socket.close()
  })
})

it('a peer that answers no ping is cut within 24 seconds, and one that does is not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const patient = await startTestApp()
  onTestFinished(() => patient.stop())
  const [dead, alive] = await Promise.all([openSocketWithKey(patient, { isDead: true }), openSocketWithKey(patient)])
  const pings = [pinged(dead), pinged(alive)]
  vi.advanceTimersByTime(12_000)
  await Promise.all(pings)
  alive.send(subscribe('after the pong', query))
  await alive.received(({ id }) => id === 'after the pong')
  vi.advanceTimersByTime(12_000)
  expect(await dead.closed).toBe(1006)
  expect(alive.socket.readyState).toBe(WebSocket.OPEN)
})

function pinged({ socket }: RawSocket): Promise<unknown> {
  return new Promise((resolve) => socket.once('ping', resolve))
}
