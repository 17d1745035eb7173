import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { onTestFinished } from 'vitest'
import {
  type AttemptRequest,
  createSender,
  type Sender,
  type SenderOptions,
} from '../../src/delivery/attempt/attempt.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import { startNameServer } from './name-server.ts'

/** Real receivers on loopback for one test each, down to sockets that misbehave; all end with the test. */

export const request: Omit<AttemptRequest, 'url'> = { headers: { 'webhook-id': 'evt_1' }, body: '{"id":"evt_1"}' }

export function sender(options: Partial<SenderOptions> = {}): Sender {
  const guard = createAddressGuard({ allow: [], allowLoopback: true })
  const made = createSender({ guard, timeoutMs: 5000, userAgent: 'Rex/test', ...options })
  onTestFinished(() => made.close())
  return made
}

export async function errorOf(url: string, options: Partial<SenderOptions> = {}): Promise<string> {
  const { outcome } = await sender(options).attempt({ ...request, url })
  return outcome.kind === 'unreachable' ? outcome.error : `${outcome.kind} ${outcome.status}`
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export async function receiver(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`
}

export async function tcpReceiver(behave: (socket: Socket) => unknown): Promise<string> {
  return `http://127.0.0.1:${await listen(createTcpServer((socket) => void behave(socket)))}`
}

export async function countingReceiver(
  headers: Readonly<Record<string, string>> = {},
): Promise<{ url: string; connections: () => number }> {
  let connections = 0
  const server = createServer((_, res) => res.writeHead(200, headers).end())
  server.on('connection', () => {
    connections += 1
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, connections: () => connections }
}

const listenAndSleep = `
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** Its queue of connections is full and nobody takes one out, so that the system answers no further one. */
export async function deafReceiver(): Promise<string> {
  const child = spawn(process.execPath, ['-e', listenAndSleep], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout, 'data')
  const fillers = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1').on('error', () => undefined))
  onTestFinished(async () => {
    for (const filler of fillers) filler.destroy()
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await Promise.race(fillers.map((filler) => once(filler, 'connect')))
  return `http://127.0.0.1:${port}`
}

interface Identity {
  readonly key: string
  readonly cert: string
}

export function tlsReceiver(identity: Identity): Promise<number> {
  return listen(createTlsServer(identity, (_, res) => res.end()))
}

const openssl = 'openssl'

/** Node alone makes no certificates; without openssl the tests that need one are skipped. */
export const hasOpenssl = spawnSync(openssl, ['version']).status === 0

export function selfSigned(subject: string, extension: string): Identity {
  const folder = mkdtempSync(join(tmpdir(), 'rex-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', subject, '-addext', extension, '-days', '2', '-keyout', key, '-out', cert]
  execFileSync(openssl, ['req', '-x509', ...algorithm, ...names], { stdio: 'pipe' })
  const identity = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return identity
}

export function trust(cert: string): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  onTestFinished(() => setDefaultCACertificates(before))
}

export async function nameServer(zone: Parameters<typeof startNameServer>[0]): Promise<{ nameServers: string[] }> {
  const server = await startNameServer(zone)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { nameServers: [server.address] }
}

export async function unusedPort(): Promise<number> {
  const server = createTcpServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}
