import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Sender } from '../../src/delivery/attempt/attempt.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import {
  countingReceiver,
  deafReceiver,
  errorOf,
  hasOpenssl,
  nameServer,
  receiver,
  request,
  selfSigned,
  sender,
  tcpReceiver,
  tlsReceiver,
  trust,
  unusedPort,
} from '../support/misbehaving-receivers.ts'

describe('a connection', () => {
  it('that is refused is CONNECT', async () => {
    const port = await unusedPort()
    expect(await errorOf(`http://127.0.0.1:${port}/`)).toBe('CONNECT')
    expect(await errorOf(`https://127.0.0.1:${port}/`)).toBe('CONNECT')
    expect(await errorOf(`http://localhost:${port}/`)).toBe('CONNECT')
  })

  it('that leads nowhere is CONNECT', async () => {
    // No TCP connection can lead to the broadcast address: this machine says so itself, and nothing leaves it.
    const guard = createAddressGuard({ allow: ['255.255.255.255'], allowLoopback: false })
    expect(await errorOf('http://255.255.255.255/', { guard })).toBe('CONNECT')
  })

  it('that nobody takes up in its share of the time is CONNECT', async () => {
    const { outcome, durationMs } = await sender({ connectTimeoutMs: 150 }).attempt({
      ...request,
      url: await deafReceiver(),
    })
    expect(outcome).toEqual({ kind: 'unreachable', error: 'CONNECT', detail: 'ETIMEDOUT' })
    expect(durationMs).toBeGreaterThanOrEqual(145)
    expect(durationMs).toBeLessThan(4000)
  })

  it.each([
    ['reset before an answer', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['closed before an answer', (socket: Socket) => socket.once('data', () => socket.end())],
    ['answered with nonsense', (socket: Socket) => socket.end('SSH-2.0-nonsense\r\n')],
    ['answered in part', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    ['answered with endless headers', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(99_999)}`)],
    ['switched to another protocol', (socket: Socket) => socket.write('HTTP/1.1 101 Up\r\nupgrade: x\r\n\r\n')],
  ])('that is %s is PROTOCOL', async (_, behave) => {
    expect(await errorOf(await tcpReceiver(behave))).toBe('PROTOCOL')
  })

  it('is used again by the next attempt', async () => {
    const ports = new Set<number | undefined>()
    const url = await receiver((req, res) => {
      ports.add(req.socket.remotePort)
      res.end('ok')
    })
    const { attempt } = sender()
    for (let count = 0; count < 20; count += 1) await attempt({ ...request, url })
    // undici may open a second one while the first is still putting its answer away.
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('that the receiver closes after each answer, without saying so, fails no attempt', async () => {
    const url = await tcpReceiver((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    })
    const { attempt } = sender()
    for (let count = 0; count < 20; count += 1) {
      expect((await attempt({ ...request, url })).outcome).toEqual({ kind: 'accepted', status: 200 })
    }
  })

  it('is not waited for by other attempts at the same origin', async () => {
    const url = await receiver((req, res) => void (req.url === '/hang' || res.end()))
    const { attempt } = sender({ timeoutMs: 3000 })
    const hanging = Array.from({ length: 100 }, () => attempt({ ...request, url: `${url}/hang` }))
    const { outcome, durationMs } = await attempt({ ...request, url: `${url}/answer` })
    expect(outcome.kind).toBe('accepted')
    expect(durationMs).toBeLessThan(2800)
    expect((await Promise.all(hanging)).map((result) => result.outcome)).toContainEqual({
      kind: 'unreachable',
      error: 'TIMEOUT',
    })
  })
})

describe('a proxy of the environment', () => {
  it.each(['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])(
    'is not used: %s',
    async (name) => {
      const proxy = await countingReceiver()
      vi.stubEnv(name, proxy.url)
      vi.stubEnv('no_proxy', '')
      vi.stubEnv('NODE_USE_ENV_PROXY', '1')
      onTestFinished(() => void vi.unstubAllEnvs())
      const url = await receiver((_, res) => res.writeHead(204).end())
      const { outcome } = await sender().attempt({ ...request, url })
      expect(outcome).toEqual({ kind: 'accepted', status: 204 })
      const tls = await tcpReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()))
      expect(await errorOf(tls.replace('http:', 'https:'))).toBe('TLS')
      expect(proxy.connections()).toBe(0)
    },
  )
})

describe('TLS', () => {
  it.skipIf(!hasOpenssl)('succeeds with a certificate of a known authority', async () => {
    const identity = selfSigned('/CN=localhost', 'subjectAltName=DNS:localhost')
    const port = await tlsReceiver(identity)
    trust(identity.cert)
    const { outcome } = await sender().attempt({ ...request, url: `https://localhost:${port}/` })
    expect(outcome).toEqual({ kind: 'accepted', status: 200 })
  })

  it.skipIf(!hasOpenssl)('fails with a certificate of another name', async () => {
    const identity = selfSigned('/CN=elsewhere.test', 'subjectAltName=DNS:elsewhere.test')
    const port = await tlsReceiver(identity)
    trust(identity.cert)
    expect(await errorOf(`https://localhost:${port}/`)).toBe('TLS')
  })

  it.skipIf(!hasOpenssl)('fails with a self-signed certificate', async () => {
    const port = await tlsReceiver(selfSigned('/CN=localhost', 'subjectAltName=DNS:localhost'))
    expect(await errorOf(`https://localhost:${port}/`)).toBe('TLS')
  })

  it('fails at a receiver that speaks plain HTTP', async () => {
    const url = await receiver((_, res) => res.end())
    expect(await errorOf(url.replace('http:', 'https:'))).toBe('TLS')
  })

  it('fails at a receiver that hangs up, or says nothing, during the handshake', async () => {
    const hangsUp = await tcpReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const silent = await tcpReceiver(() => undefined)
    expect(await errorOf(hangsUp.replace('http:', 'https:'))).toBe('TLS')
    expect(await errorOf(silent.replace('http:', 'https:'), { connectTimeoutMs: 100 })).toBe('TLS')
  })
})

describe('a host name', () => {
  it('below localhost needs no name server', async () => {
    const url = await receiver((_, res) => res.end())
    const names = await nameServer(() => undefined)
    for (const host of ['localhost', 'LOCALHOST.', 'acme.localhost']) {
      const { outcome } = await sender(names).attempt({ ...request, url: url.replace('127.0.0.1', host) })
      expect(outcome).toEqual({ kind: 'accepted', status: 200 })
    }
  })

  it('without an address is DNS', async () => {
    const names = await nameServer(() => [])
    expect(await errorOf('http://nothing.test/', names)).toBe('DNS')
    expect(await errorOf('http://empty..label.test/', names)).toBe('DNS')
  })

  it('that resolves to addresses inside only is never connected to', async () => {
    const { url, connections } = await countingReceiver()
    const names = await nameServer(() => ['127.0.0.1', '10.0.0.1', '0:0:0:0:0:0:0:1', '0:0:0:0:0:ffff:7f00:1'])
    const guard = createAddressGuard({ allow: [], allowLoopback: false })
    expect(await errorOf(url.replace('127.0.0.1', 'rebound.test'), { guard, ...names })).toBe('BLOCKED_ADDRESS')
    expect(connections()).toBe(0)
  })

  it('that resolves to both is connected to at permitted addresses only', async () => {
    const { url, connections } = await countingReceiver()
    const names = await nameServer(() => ['127.0.0.1', '127.0.0.2'])
    const guard = createAddressGuard({ allow: ['127.0.0.2'], allowLoopback: false })
    // The receiver listens on 127.0.0.1 alone: being refused shows that only 127.0.0.2 was tried.
    expect(await errorOf(url.replace('127.0.0.1', 'both.test'), { guard, ...names })).toBe('CONNECT')
    expect(connections()).toBe(0)
    const other = createAddressGuard({ allow: ['127.0.0.1'], allowLoopback: false })
    const result = sender({ guard: other, ...names }).attempt({
      ...request,
      url: url.replace('127.0.0.1', 'both.test'),
    })
    expect((await result).outcome.kind).toBe('accepted')
  })

  it('is resolved and judged again at every attempt', async () => {
    const { url, connections } = await countingReceiver({ connection: 'close' })
    const answers = [['127.0.0.1'], ['10.0.0.1'], []]
    // Both families are asked for at each attempt.
    let asked = 0
    const names = await nameServer(() => answers[Math.floor(asked++ / 2)])
    const { attempt } = sender(names)
    const outcomes = []
    for (let nth = 0; nth < 3; nth++)
      outcomes.push((await attempt({ ...request, url: url.replace('127.0.0.1', 'rebound.test') })).outcome)
    expect(outcomes).toEqual([
      { kind: 'accepted', status: 200 },
      { kind: 'unreachable', error: 'BLOCKED_ADDRESS' },
      { kind: 'unreachable', error: 'DNS' },
    ])
    expect(connections()).toBe(1)
  })

  it('that the operator allows is asked of this machine', async () => {
    const names = await nameServer(() => undefined)
    const guard = createAddressGuard({ allow: ['no-such-host.invalid'], allowLoopback: false })
    expect(await errorOf('http://no-such-host.invalid/', { guard, ...names })).toBe('DNS')
  })

  it('is resolved while 200 others are stuck', async () => {
    const url = await receiver((_, res) => res.end())
    const seen = new Map<string, () => void>()
    const names = await nameServer((hostname) => {
      seen.get(hostname)?.()
      return hostname.startsWith('stuck') ? undefined : ['127.0.0.1']
    })
    const { attempt } = sender({ timeoutMs: 3000, ...names })
    const stuck: ReturnType<Sender['attempt']>[] = []
    for (let n = 0; n < 200; n += 1) {
      const asked = new Promise<void>((resolve) => void seen.set(`stuck-${n}.test`, resolve))
      stuck.push(attempt({ ...request, url: `http://stuck-${n}.test/` }))
      // One by one: all at once would overflow the buffer of the name server, which shares our thread.
      await asked
    }
    const { outcome, durationMs } = await attempt({ ...request, url: url.replace('127.0.0.1', 'fine.test') })
    expect(outcome).toEqual({ kind: 'accepted', status: 200 })
    expect(durationMs).toBeLessThan(2900)
    const errors = (await Promise.all(stuck)).map((result) => result.outcome)
    expect(errors).toEqual(Array(200).fill({ kind: 'unreachable', error: 'TIMEOUT' }))
  })
})

describe('an address that is blocked', () => {
  it.each(['127.0.0.1', '127.1', '2130706433', '0x7f.1', '[::ffff:7f00:1]', 'localhost', 'a.localhost.'])(
    'is never connected to as %s',
    async (host) => {
      const { url, connections } = await countingReceiver()
      const guard = createAddressGuard({ allow: [], allowLoopback: false })
      expect(await errorOf(url.replace('127.0.0.1', host), { guard })).toBe('BLOCKED_ADDRESS')
      expect(connections()).toBe(0)
    },
  )
})
