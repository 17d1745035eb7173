import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

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
  /** Leads new connections to another server; those that were silenced stay silent. */
  leadTo(databaseUrl: string): void
  stop(): Promise<void>
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  let target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let connectionCount = 0
  let state: 'open' | 'cut' | 'silent' = 'open'

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
    client.pipe(upstream).pipe(client)
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
