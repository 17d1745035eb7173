import { describe, expect, it } from 'vitest'
import { nameServer, receiver, request, sender, tcpReceiver } from '../support/misbehaving-receivers.ts'

describe('an answer', () => {
  it('is accepted when it is 2xx, and the request is the contract’s', async () => {
    const seen: unknown[] = []
    const url = await receiver(async (req, res) => {
      const body = (await req.toArray()).join('')
      seen.push({ method: req.method, url: req.url, headers: req.headers, body })
      res.writeHead(204).end()
    })
    const result = await sender().attempt({ ...request, url: `${url}/hook?a=1#part` })
    expect(result).toMatchObject({ outcome: { kind: 'accepted', status: 204 }, responseBody: '' })
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/hook?a=1',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Rex/test',
          'webhook-id': 'evt_1',
          'content-length': '14',
          connection: 'keep-alive',
          host: url.slice('http://'.length),
        },
        body: request.body,
      },
    ])
  })

  it('is timed', async () => {
    const before = Date.now()
    const url = await receiver((_, res) => void setTimeout(() => res.end(), 50))
    const { startedAt, durationMs } = await sender().attempt({ ...request, url })
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(before)
    expect(durationMs).toBeGreaterThanOrEqual(48)
    expect(durationMs).toBeLessThanOrEqual(Date.now() - before + 1)
  })

  it.each([301, 302, 304, 307, 308])('is a redirect and not followed when it is %i', async (status) => {
    let requests = 0
    const url = await receiver((_, res) => {
      requests += 1
      res.writeHead(status, { location: '/elsewhere' }).end()
    })
    const { outcome } = await sender().attempt({ ...request, url })
    expect(outcome).toEqual({ kind: 'refused', status, error: 'REDIRECT', retryAfter: null })
    expect(requests).toBe(1)
  })

  it.each([400, 410, 500])('is refused when it is %i, and its body is kept', async (status) => {
    const url = await receiver((_, res) => res.writeHead(status).end('no'))
    const result = await sender().attempt({ ...request, url })
    expect(result.outcome).toEqual({ kind: 'refused', status, error: 'HTTP_STATUS', retryAfter: null })
    expect(result.responseBody).toBe('no')
  })

  it('hands over Retry-After as it came', async () => {
    const url = await receiver((_, res) => res.writeHead(429, { 'retry-after': '120' }).end())
    const { outcome } = await sender().attempt({ ...request, url })
    expect(outcome).toMatchObject({ status: 429, retryAfter: '120' })
  })
})

describe('the body of an answer', () => {
  it('is cut to 4 KiB, and 10 MB of it are not read to the end', async () => {
    const closed = Promise.withResolvers<boolean>()
    const url = await receiver((_, res) => {
      res.on('close', () => closed.resolve(res.writableFinished))
      res.end(Buffer.alloc(10_000_000, 'x'))
    })
    const { outcome, responseBody } = await sender().attempt({ ...request, url })
    expect(outcome).toEqual({ kind: 'accepted', status: 200 })
    expect(responseBody).toBe('x'.repeat(4096))
    expect(await closed.promise).toBe(false)
  })

  it('is made storable: invalid UTF-8 and U+0000 become U+FFFD', async () => {
    const url = await receiver((_, res) => res.end(Buffer.from([0x61, 0x00, 0xff, 0xc3, 0xbc, 0xe2, 0x82])))
    const { responseBody } = await sender().attempt({ ...request, url })
    expect(responseBody).toBe('a\uFFFD\uFFFDü\uFFFD')
  })

  it.each([
    ['nothing but zeroes', Buffer.alloc(5000)],
    ['characters that the limit cuts through', Buffer.from(`x${'😀'.repeat(2000)}`)],
  ])('stays within 4 KiB of whole characters when it is %s', async (_, bytes) => {
    const url = await receiver((_req, res) => res.end(bytes))
    const { responseBody } = await sender().attempt({ ...request, url })
    expect(Buffer.byteLength(responseBody ?? '')).toBeGreaterThan(4090)
    expect(Buffer.byteLength(responseBody ?? '')).toBeLessThanOrEqual(4096)
    expect(responseBody?.isWellFormed()).toBe(true)
  })
})

describe('the time limit', () => {
  it('ends an attempt whose receiver never answers', async () => {
    const url = await receiver(() => undefined)
    const { outcome, responseBody } = await sender({ timeoutMs: 100 }).attempt({ ...request, url })
    expect(outcome).toEqual({ kind: 'unreachable', error: 'TIMEOUT' })
    expect(responseBody).toBeNull()
  })

  it.each([
    ['body', 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n'],
    ['headers', 'HTTP/1.1 200 OK\r\nx-slow: '],
  ])('ends an attempt whose %s drips in', async (_, start) => {
    const url = await tcpReceiver((socket) => {
      socket.write(start)
      const drip = setInterval(() => socket.write('x'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    const { outcome, durationMs } = await sender({ timeoutMs: 150 }).attempt({ ...request, url })
    expect(outcome).toEqual({ kind: 'unreachable', error: 'TIMEOUT', detail: 'HTTP/1.1 200 OK' })
    expect(durationMs).toBeLessThan(4000)
  })

  it('lets a refusal stand whose body never ends', async () => {
    const url = await receiver((_, res) => void res.writeHead(410).write('gone'))
    const result = await sender({ timeoutMs: 100 }).attempt({ ...request, url })
    expect(result).toMatchObject({ outcome: { kind: 'refused', status: 410 }, responseBody: 'gone' })
  })

  it('covers a look-up that nobody answers', async () => {
    const names = await nameServer(() => undefined)
    const { outcome, durationMs } = await sender({ timeoutMs: 100, ...names }).attempt({
      ...request,
      url: 'http://stuck.test/',
    })
    expect(outcome).toEqual({ kind: 'unreachable', error: 'TIMEOUT' })
    expect(durationMs).toBeLessThan(4000)
  })
})

describe('what is not the receiver’s doing', () => {
  it('rejects when the caller gives the attempt up', async () => {
    const controller = new AbortController()
    const url = await receiver(() => controller.abort(new Error('stopping')))
    const { attempt } = sender()
    await expect(attempt({ ...request, url, signal: controller.signal })).rejects.toThrow('stopping')
    await expect(attempt({ ...request, url, signal: controller.signal })).rejects.toThrow('stopping')
  })

  it('rejects when the sender is closed', async () => {
    const arrived = Promise.withResolvers<void>()
    const url = await receiver(() => arrived.resolve())
    const { attempt, close } = sender()
    const running = attempt({ ...request, url })
    await arrived.promise
    await Promise.all([expect(running).rejects.toThrow(/destroyed/), close()])
    await expect(attempt({ ...request, url })).rejects.toThrow(/destroyed/)
  })

  it('rejects what is no request', async () => {
    const { attempt } = sender()
    await expect(attempt({ ...request, url: 'nonsense' })).rejects.toThrow(/URL/)
    await expect(attempt({ ...request, url: 'http://127.0.0.1/', headers: { x: 'a\nb' } })).rejects.toThrow(/header/)
  })
})
