import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols, type Server } from 'graphql-ws'
import { WebSocket, WebSocketServer } from 'ws'
import { AppError } from '../../../platform/errors.ts'
import type { RequestOrigin } from '../../../server/request/request-origin.ts'
import { socketSessionOf } from '../../../server/request/session-cookie.ts'
import { sentKeyOf } from '../../../workspaces/sent-key.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Surface } from '../dependencies.ts'
import { isPageAllowed } from '../page-origins.ts'
import { watchDraining } from './draining.ts'
import { createFraming, type Frames, sendMessage } from './frames.ts'
import { receiveMessages } from './messages.ts'
import { badMessage, createSocketProtocol, passing, type SocketExtra, tooSlow, unexpectedClose } from './protocol.ts'
import type { SocketLimits } from './socket-limits.ts'

const maxMessageBytes = 64 * 1024
const maxFragments = 64
const pingEveryMs = 12_000
const closeWithinMs = 2000
const goingAway = 1001
const tryAgainLater = 1013
const keyRefused = 4403

export interface Sockets {
  /** @throws AppError `origin_not_allowed`, `unauthenticated` when it carries two keys, `rate_limited`, `bad_request` */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Number of sockets closed since the start because their clients did not read. */
  readonly droppedCount: number
  /** Closes every socket with 1001: clients go on elsewhere. */
  stop(): Promise<void>
}

/** WebSockets at /graphql, from an upgrade to their close. */
export function createSockets(surface: Surface, limits: SocketLimits): Sockets {
  const options = {
    noServer: true,
    maxPayload: maxMessageBytes,
    maxFragments,
    perMessageDeflate: false,
    handleProtocols,
  }
  const server = new WebSocketServer(options)
  // ws emits it within handleUpgrade, whose caller answers what is thrown. Without a listener it answers in HTML.
  server.on('wsClientError', () => {
    throw badHandshake()
  })
  const protocol = createSocketProtocol(surface)
  const framesOf = createFraming()
  const pinging = keepAlive(server)
  let droppedCount = 0
  const onDropped = () => {
    droppedCount++
  }
  return {
    get droppedCount() {
      return droppedCount
    },
    handleUpgrade: (req, socket, head) => {
      const reached = surface.howReached(req)
      if (!isPageAllowed(req.headers.origin, reached, surface.config))
        throw new AppError('origin_not_allowed', 'Pages of this origin may not use the API.')
      const upgradeKey = sentKeyOf(req)
      const sessionToken = socketSessionOf(req, reached, surface.config.publicUrl)
      if (socket.destroyed) return
      const place = limits.admit(reached.network, socket)
      const arrival = { reached, upgradeKey, sessionToken, limits, known: place.known, onDropped }
      server.handleUpgrade(req, socket, head, (upgraded) =>
        attach(surface, protocol, { ...arrival, socket: upgraded, frames: framesOf(upgraded, socket) }),
      )
    },
    stop: async () => {
      clearInterval(pinging)
      await closeAll(server)
    },
  }
}

/** RFC 6455, 4.2.2: the refusal names the version that is expected. */
function badHandshake(): AppError {
  return new AppError('bad_request', 'This is not a well-formed handshake of a WebSocket.', {
    headers: { 'sec-websocket-version': '13' },
  })
}

interface Connection {
  readonly socket: WebSocket
  readonly frames: Frames
  readonly reached: RequestOrigin
  readonly upgradeKey: string | undefined
  readonly sessionToken: string | undefined
  readonly limits: SocketLimits
  /** It has said who it is. */
  known(): void
  /** It is closed because its client did not read. */
  onDropped(): void
}

function attach(surface: Surface, protocol: Server<SocketExtra>, connection: Connection): void {
  const { sessions, log } = surface
  const { socket, frames, reached, upgradeKey, sessionToken, limits, known, onDropped } = connection
  let session: { end(): void } | undefined
  let leaveKey: (() => void) | undefined
  const closeTooSlow = () => {
    if (socket.readyState === WebSocket.OPEN) onDropped()
    socket.close(tooSlow, 'Too slow: resume from the last cursor')
  }
  const tend = watchDraining(socket, closeTooSlow)
  const onAccepted = (viewer: Viewer) => {
    // It may have gone while its key was looked up: nobody would give its place back.
    if (socket.readyState !== WebSocket.OPEN) return
    leaveKey = limits.holdForKey(viewer.apiKeyId)
    known()
    session = sessions.open({ viewer, tend, close: () => socket.close(keyRefused, 'Forbidden') })
  }
  const onFailure = (error: unknown) => {
    const isPassing = error instanceof AppError && passing.has(error.code)
    if (!isPassing) log.warn({ err: error }, 'graphql.socket_failed')
    socket.close(isPassing ? tryAgainLater : unexpectedClose, isPassing ? error.message : 'Internal server error')
  }
  const onNonsense = () => socket.close(badMessage, 'Invalid message received')
  const keys = { upgradeKey, sessionToken }
  const extra: SocketExtra = { socket, frames, reached, ...keys, onAccepted, closeTooSlow, operations: 0 }

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => sendMessage(socket, data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => receiveMessages(socket, extra, { handle, onFailure, onNonsense, onTooMuch: closeTooSlow }),
    },
    extra,
  )
  socket.once('close', (code, reason) => {
    session?.end()
    leaveKey?.()
    closed(code, String(reason)).catch(onFailure)
  })
  // Oversized or malformed frames: ws closes the socket with the right code by itself.
  socket.on('error', () => {})
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
