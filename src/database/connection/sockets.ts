import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Sockets of all connections to a database. */
interface Sockets {
  open(): Socket
  /**
   * Keeps the server that a socket has reached, and destroys those that have reached another one: after a failover the
   * old server may be silent, and its connections would wait for their time limit.
   */
  setServer(socket: Duplex, server: string): void
  /** A connection to an unresponsive server ends in no other way. */
  destroy(): void
}

export function createSockets(): Sockets {
  const servers = new Map<Duplex, string | undefined>()
  return {
    open: () => {
      const socket = new Socket()
      servers.set(socket, undefined)
      socket.once('close', () => servers.delete(socket))
      return socket
    },
    setServer: (socket, server) => {
      servers.set(socket, server)
      for (const [other, known] of servers) if (known !== undefined && known !== server) other.destroy()
    },
    destroy: () => {
      for (const socket of servers.keys()) socket.destroy()
    },
  }
}
