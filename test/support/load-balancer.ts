import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { eventually } from './eventually.ts'
import { send } from './http-client.ts'

/** A proxy before several nodes, which takes those that are ready in turn and repeats nothing. */
export interface LoadBalancer {
  readonly url: string
  /** Waits until it has seen that as many are ready. */
  seesReady(count: number): Promise<void>
}

const lookEveryMs = 50

export async function startLoadBalancer(nodes: readonly string[]): Promise<LoadBalancer> {
  const ready = new Set<string>()
  let turn = 0
  let isStopped = false
  const next = () => {
    const url = [...ready][turn++ % ready.size]
    return url === undefined ? undefined : new URL(url)
  }
  const look = async (node: string) => {
    while (!isStopped) {
      const status = await send(node, { path: '/readyz' }).then(
        (answer) => answer.status,
        () => 0,
      )
      if (status === 200) ready.add(node)
      else ready.delete(node)
      await setTimeout(lookEveryMs)
    }
  }
  const server = createServer((incoming, outgoing) => forward(next(), incoming, outgoing))
  server.on('upgrade', (incoming, socket, head) => tunnel(next(), incoming, socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const looking = nodes.map(look)
  onTestFinished(async () => {
    isStopped = true
    await Promise.all(looking)
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seesReady: (count) =>
      eventually(
        () => ready.size === count,
        () => `${ready.size} of ${count} ready`,
        120_000,
      ),
  }
}

function forward(node: URL | undefined, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (node === undefined) return void outgoing.writeHead(502).end('no node is ready')
  const { method, url: path, headers } = incoming
  const passed = request(
    { hostname: node.hostname, port: node.port, method, path, headers, agent: false },
    (answer) => {
      const { connection: _, 'keep-alive': __, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, kept)
      answer.pipe(outgoing)
    },
  )
  passed.on('error', (error) => outgoing.writeHead(502).end(`${node.href}: ${error.message}`))
  incoming.pipe(passed)
}

function tunnel(node: URL | undefined, { url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (node === undefined) return void socket.destroy()
  const upstream = connect(Number(node.port), node.hostname)
  const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
  upstream.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
  upstream.write(head)
  socket.pipe(upstream).pipe(socket)
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}
