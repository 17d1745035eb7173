import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { errorResponse } from './refusing-database.ts'

const readyForQuery = Buffer.from([...Buffer.from('Z'), 0, 0, 0, 5, ...Buffer.from('I')])
const shutdown = errorResponse({ S: 'FATAL', V: 'FATAL', C: '57P01', M: 'shut down by the test' })

/** A way to a database that can be cut: what a network and a server do when they fail. */
export interface DatabaseProxy {
  /** The database's URL, by this way. */
  readonly url: string
  /** How many there have been. */
  readonly connectionCount: number
  /** Ends every connection and refuses new ones. */
  cut(): void
  /** Keeps every connection and lets nothing through any more, new ones neither. */
  silence(): void
  restore(): void
  /** Ends the next connection that completes a statement as a server does that shuts down: in the packet of the result. */
  shutDownAfterResult(): void
  /** Leads new connections to another server; those that were silenced stay silent. */
  leadTo(databaseUrl: string): void
  stop(): Promise<void>
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  let target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let connectionCount = 0
  let state: 'open' | 'cut' | 'silent' = 'open'
  let shutsDown = false

  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // Its other side closes with it.
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    connectionCount++
    keep(client)
    if (state === 'cut') client.destroy()
    if (state !== 'open') return
    const upstream = connect(Number(target.port || 5432), target.hostname)
    keep(upstream)
    const withShutdown = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const isLast = shutsDown && chunk.subarray(-6).equals(readyForQuery)
        if (isLast) shutsDown = false
        done(null, isLast ? Buffer.concat([chunk, shutdown]) : chunk)
      },
    })
    client.pipe(upstream).pipe(withShutdown).pipe(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)

  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    get connectionCount() {
      return connectionCount
    },
    cut: () => {
      state = 'cut'
      cutAll()
    },
    silence: () => {
      state = 'silent'
      for (const socket of sockets) socket.unpipe()
    },
    shutDownAfterResult: () => {
      shutsDown = true
    },
    restore: () => {
      // What was silent has lost bytes: it must end.
      if (state === 'silent') cutAll()
      state = 'open'
    },
    leadTo: (databaseUrl) => {
      target = new URL(databaseUrl)
      state = 'open'
    },
    stop: async () => {
      server.close()
      cutAll()
      await once(server, 'close')
    },
  }
}
