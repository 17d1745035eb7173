import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/delivery/attempt/attempt.ts'
import {
  hasOpenssl,
  receiver,
  request,
  selfSigned,
  sender,
  tcpReceiver,
  tlsReceiver,
} from '../support/misbehaving-receivers.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** Answers each request with these writes, each in a packet of its own. */
function writing(...parts: readonly string[]): Promise<string> {
  return tcpReceiver((socket) => {
    socket.setNoDelay(true)
    socket.on('data', async () => {
      for (const part of parts) {
        socket.write(part, 'latin1')
        await new Promise(setImmediate)
      }
    })
  })
}

async function outcomeOf(url: string, timeoutMs = 5000): Promise<Outcome> {
  return (await sender({ timeoutMs }).attempt({ ...request, url })).outcome
}

describe('11.22: an informational response that nobody asked for', () => {
  it.each([
    ['100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${ok}`],
    ['100 without a reason', `HTTP/1.1 100\r\n\r\n${ok}`],
    ['100 of HTTP/1.0', `HTTP/1.0 100 Continue\r\n\r\n${ok}`],
    ['100 with headers', `HTTP/1.1 100 Continue\r\nDate: now\r\nContent-Length: 7\r\nX: y\r\n\r\n${ok}`],
    ['100 with bare line feeds', `HTTP/1.1 100 Continue\nX: y\n\n${ok}`],
    ['100 after an empty line', `\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n${ok}`],
    ['100 twice', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${ok}`],
    ['102 Processing', `HTTP/1.1 102 Processing\r\n\r\n${ok}`],
    ['103 Early Hints', `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n${ok}`],
    ['each of them in turn', `${[100, 102, 103, 100, 199].map((code) => `HTTP/1.1 ${code} X\r\n\r\n`).join('')}${ok}`],
  ])('is taken, and the final answer counts: %s', async (_, answer) => {
    const accepted = { kind: 'accepted', status: 200 }
    expect(await outcomeOf(await writing(answer))).toEqual(accepted)
    expect(await outcomeOf(await writing(...answer))).toEqual(accepted)
    const inTwo = Array.from({ length: answer.length - 1 }, (__, at) => [answer.slice(0, at + 1), answer.slice(at + 1)])
    const outcomes = await Promise.all(inTwo.map(async (parts) => outcomeOf(await writing(...parts))))
    expect(outcomes).toEqual(inTwo.map(() => accepted))
  })

  it('is taken from a server that sends it by the book', async () => {
    const url = await receiver((_, res) => {
      res.writeContinue()
      res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      res.writeProcessing()
      res.writeHead(202).end('taken')
    })
    expect(await outcomeOf(url)).toEqual({ kind: 'accepted', status: 202 })
  })

  it('leaves a refusal a refusal, with its body', async () => {
    const url = await writing(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno',
    )
    const { outcome, responseBody } = await sender().attempt({ ...request, url })
    expect(outcome).toEqual({ kind: 'refused', status: 503, error: 'HTTP_STATUS', retryAfter: '7' })
    expect(responseBody).toBe('no')
  })

  it('leaves the connection to the next attempt', async () => {
    const sockets = new Set<Socket>()
    const url = await tcpReceiver((socket) => {
      sockets.add(socket)
      socket.on('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`))
    })
    const { attempt } = sender()
    for (let nth = 0; nth < 20; nth += 1)
      expect((await attempt({ ...request, url })).outcome).toEqual({ kind: 'accepted', status: 200 })
    // undici may open a second one while the first is still putting its answer away.
    expect(sockets.size).toBeLessThanOrEqual(2)
  })

  it('in the body of an answer is body', async () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n'
    const url = await writing(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`, body)
    const { responseBody } = await sender().attempt({ ...request, url })
    expect(responseBody).toBe(body)
  })

  it.each([
    [
      'followed by nothing',
      (socket: Socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
      'TIMEOUT',
      'HTTP/1.1 100 Continue',
    ],
    ['cut off', (socket: Socket) => socket.write('HTTP/1.1 100 Con'), 'TIMEOUT', 'HTTP/1.1 100 Con'],
    [
      'followed by the end',
      (socket: Socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'),
      'PROTOCOL',
      'UND_ERR_SOCKET; HTTP/1.1 100 Continue',
    ],
    [
      'followed by a reset',
      (socket: Socket) =>
        socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => setTimeout(() => socket.resetAndDestroy(), 50)),
      'PROTOCOL',
      'ECONNRESET; HTTP/1.1 100 Continue',
    ],
  ])('alone is no answer: %s', async (_, behave, error, detail) => {
    const url = await tcpReceiver((socket) => socket.once('data', () => behave(socket)))
    expect(await outcomeOf(url, 400)).toEqual({ kind: 'unreachable', error, detail })
  })

  it('without end ends the attempt', async () => {
    const many = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)
    expect(await outcomeOf(await writing(many))).toMatchObject({ kind: 'unreachable', error: 'PROTOCOL' })
    const long = `HTTP/1.1 100 Continue\r\nX: ${'x'.repeat(99_999)}`
    expect(await outcomeOf(await writing(long))).toMatchObject({ kind: 'unreachable', error: 'PROTOCOL' })
  })

  it.each([
    ['with an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['with an upgrade, then an answer', `HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n${ok}`],
    ['without one, then an answer', `HTTP/1.1 101 Up\r\n\r\n${ok}`],
    ['after a 100', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Up\r\n\r\n${ok}`],
  ])('is a failure when it is 101: %s', async (_, answer) => {
    const outcome = await outcomeOf(await writing(answer))
    expect(outcome).toMatchObject({
      kind: 'unreachable',
      error: 'PROTOCOL',
      detail: expect.stringContaining('HTTP/1.1 101'),
    })
  })
})

describe('11.22: an answer that the parser refuses', () => {
  it.each([
    ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', /^HPE \([\w ]+\); HTTP\/1\.1 200 OK$/],
    [
      'Content-Length twice',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok',
      /^UND_ERR_\w+; HTTP\/1\.1 200 OK$/,
    ],
    [
      'a header of 17 KB',
      `HTTP/1.1 202 Accepted\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`,
      /^UND_ERR_HEADERS_OVERFLOW; HTTP\/1\.1 202 Accepted$/,
    ],
    [
      'a body that ends early',
      'HTTP/1.1 201 Created\r\ncontent-length: 9\r\nconnection: close\r\n\r\nhalf',
      /^UND_ERR_\w+; HTTP\/1\.1 201 Created$/,
    ],
    [
      'a chunk of no size',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      /^HPE \([\w ]+\); HTTP\/1\.1 200 OK$/,
    ],
    [
      'a reason of control characters',
      'HTTP/1.1 200 \x1b[2J\x07\xe9\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n',
      /^UND_ERR_\w+; HTTP\/1\.1 200 \?\[2J\?\?$/,
    ],
    ['a reason without end', `HTTP/1.1 200 ${'é'.repeat(20_000)}`, /^(HPE|UND_ERR_).*; HTTP\/1\.1 200 \?{87}$/],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n', /^HPE \([\w/, ]+\)$/],
  ])('is told with its code and its status line: %s', async (_, answer, detail) => {
    const url = await tcpReceiver((socket) => socket.once('data', () => socket.end(answer, 'latin1')))
    const outcome = await outcomeOf(url)
    expect(outcome).toMatchObject({ kind: 'unreachable', error: 'PROTOCOL', detail: expect.stringMatching(detail) })
  })

  it('is told with the code of what went wrong before an answer', async () => {
    const url = await tcpReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await outcomeOf(url)).toEqual({ kind: 'unreachable', error: 'PROTOCOL', detail: 'ECONNRESET' })
  })

  it.skipIf(!hasOpenssl)('is told with the code of TLS', async () => {
    const port = await tlsReceiver(selfSigned('/CN=localhost', 'subjectAltName=DNS:localhost'))
    const outcome = await outcomeOf(`https://localhost:${port}/`)
    expect(outcome).toEqual({ kind: 'unreachable', error: 'TLS', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })
})

describe('11.22: a reused connection', () => {
  /** Answers the first request of a connection, and does this with the second; connections and requests are counted. */
  async function oncePerConnection(then: (socket: Socket, connection: number) => unknown) {
    const seen = { connections: 0, requests: 0 }
    const url = await tcpReceiver((socket) => {
      const connection = ++seen.connections
      let nth = 0
      socket.on('data', () => {
        seen.requests += 1
        nth += 1
        if (nth === 1 && connection === 1) socket.write(ok)
        else then(socket, connection)
      })
    })
    return { url, seen }
  }

  /** undici may still be putting the first answer away, and then takes a new connection: again until it reuses one. */
  async function reuse(url: string, timeoutMs = 5000) {
    const { attempt } = sender({ timeoutMs })
    expect((await attempt({ ...request, url })).outcome).toEqual({ kind: 'accepted', status: 200 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    return attempt({ ...request, url })
  }

  it.each([
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['closed', (socket: Socket) => socket.end()],
    ['destroyed', (socket: Socket) => socket.destroy()],
  ])('that is %s before an answer is tried once more on a fresh one', async (_, cut) => {
    const { url, seen } = await oncePerConnection((socket, connection) =>
      connection === 1 ? cut(socket) : socket.write(ok),
    )
    expect((await reuse(url)).outcome).toEqual({ kind: 'accepted', status: 200 })
    expect(seen).toEqual({ connections: 2, requests: 3 })
  })

  it('is tried once more only once', async () => {
    const { url, seen } = await oncePerConnection((socket) => socket.resetAndDestroy())
    expect((await reuse(url)).outcome).toEqual({ kind: 'unreachable', error: 'PROTOCOL', detail: 'ECONNRESET' })
    expect(seen).toEqual({ connections: 2, requests: 3 })
  })

  it.each([
    ['a 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['a byte', 'H'],
    ['an empty line', '\r\n'],
  ])('that is reset after %s is not: the receiver took the request', async (_, begun) => {
    const cut = (socket: Socket) => socket.write(begun, () => setTimeout(() => socket.resetAndDestroy(), 50))
    const { url, seen } = await oncePerConnection(cut)
    expect((await reuse(url)).outcome).toMatchObject({ kind: 'unreachable', error: 'PROTOCOL' })
    expect(seen).toEqual({ connections: 1, requests: 2 })
  })

  it('that says nothing is not: the time limit is that of the attempt', async () => {
    const { url, seen } = await oncePerConnection(() => undefined)
    expect((await reuse(url, 200)).outcome).toEqual({ kind: 'unreachable', error: 'TIMEOUT' })
    expect(seen).toEqual({ connections: 1, requests: 2 })
  })

  it('that is reset leaves the second try what is left of the time', async () => {
    const hang = (socket: Socket, connection: number) =>
      connection === 1 ? setTimeout(() => socket.resetAndDestroy(), 1000) : undefined
    const { url, seen } = await oncePerConnection(hang)
    const { outcome, durationMs } = await reuse(url, 2000)
    expect(outcome).toEqual({ kind: 'unreachable', error: 'TIMEOUT' })
    expect(durationMs).toBeLessThan(2700)
    expect(seen.connections).toBe(2)
  })

  it('is no reason to try a fresh one twice', async () => {
    let connections = 0
    const url = await tcpReceiver((socket) => {
      connections += 1
      socket.once('data', () => socket.resetAndDestroy())
    })
    expect(await outcomeOf(url)).toMatchObject({ error: 'PROTOCOL' })
    expect(connections).toBe(1)
  })
})
