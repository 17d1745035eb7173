import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols, type Server } from 'graphql-ws'
import { WebSocket, WebSocketServer } from 'ws'
import { AppError } from '../errors.ts'
import { isOriginAllowed } from './origin.ts'
import { watchDraining } from './socket-draining.ts'
import { receiveMessages } from './socket-messages.ts'
import { badMessage, createSocketProtocol, type SocketExtra, tooSlow, unexpectedClose } from './socket-protocol.ts'
import type { Surface } from './surface.ts'

const maxMessageBytes = 64 * 1024
const maxFragments = 64
const pingEveryMs = 12_000
const closeWithinMs = 2000
const goingAway = 1001
const tryAgainLater = 1013
const keyRefused = 4403

export interface Sockets {
  /** @throws AppError `origin_not_allowed` */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Closes every socket with 1001: clients go on elsewhere. */
  stop(): Promise<void>
}

/** WebSockets at /graphql, from an upgrade to their close. */
export function createSockets(surface: Surface): Sockets {
  const options = {
    noServer: true,
    maxPayload: maxMessageBytes,
    maxFragments,
    perMessageDeflate: false,
    handleProtocols,
  }
  const server = new WebSocketServer(options)
  const protocol = createSocketProtocol(surface)
  const pinging = keepAlive(server)
  return {
    handleUpgrade: (req, socket, head) => {
      if (!isOriginAllowed(req, surface.config))
        throw new AppError('origin_not_allowed', 'Pages of this origin may not use the API.')
      server.handleUpgrade(req, socket, head, (upgraded) => attach(surface, protocol, upgraded, req))
    },
    stop: async () => {
      clearInterval(pinging)
      await closeAll(server)
    },
  }
}

function attach(surface: Surface, protocol: Server<SocketExtra>, socket: WebSocket, request: IncomingMessage): void {
  const { sessions, log } = surface
  let session: { end(): void } | undefined
  const closeTooSlow = () => socket.close(tooSlow, 'Too slow: resume from the last cursor')
  const tend = watchDraining(socket, closeTooSlow)
  const onAccepted = (apiKey: string) => {
    // Its key was looked up; it may have gone meanwhile.
    if (socket.readyState !== WebSocket.OPEN) return
    session = sessions.open({ apiKey, tend, close: () => socket.close(keyRefused, 'Forbidden') })
  }
  const onFailure = (error: unknown) => {
    const isAway = error instanceof AppError && error.code === 'unavailable'
    if (!isAway) log.warn({ err: error }, 'graphql.socket_failed')
    socket.close(isAway ? tryAgainLater : unexpectedClose, isAway ? 'Unavailable' : 'Internal server error')
  }
  const onNonsense = () => socket.close(badMessage, 'Invalid message received')
  const extra: SocketExtra = { socket, request, onAccepted, operations: 0 }

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => send(socket, data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => receiveMessages(socket, extra, { handle, onFailure, onNonsense, onTooMuch: closeTooSlow }),
    },
    extra,
  )
  socket.once('close', (code, reason) => {
    session?.end()
    closed(code, String(reason)).catch(onFailure)
  })
  // Oversized or malformed frames: ws closes the socket with the right code by itself.
  socket.on('error', () => {})
}

/**
 * Resolves when the frame has left for the kernel: a client that does not read stops its subscription here, so that its
 * bounded buffer fills instead of this process's memory.
 */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== WebSocket.OPEN) return resolve()
    socket.send(data, (error) => (error && socket.readyState === WebSocket.OPEN ? reject(error) : resolve()))
  })
}

/** Pings everyone; who has not answered by the next ping is gone: cut within two of them. */
function keepAlive(server: WebSocketServer): NodeJS.Timeout {
  const answered = new WeakSet<WebSocket>()
  const known = new WeakSet<WebSocket>()
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (!known.has(socket)) {
        known.add(socket)
        answered.add(socket)
        socket.on('pong', () => answered.add(socket))
      }
      if (!answered.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }, pingEveryMs)
  return timer.unref()
}

async function closeAll(server: WebSocketServer): Promise<void> {
  const closed = [...server.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  for (const socket of server.clients) socket.close(goingAway, 'Going away')
  const timer = setTimeout(() => {
    for (const socket of server.clients) socket.terminate()
  }, closeWithinMs)
  await Promise.all(closed)
  clearTimeout(timer)
  server.close()
}
