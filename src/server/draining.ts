import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { unavailable } from '../platform/errors.ts'
import { waitAtMost } from '../platform/timeout.ts'

/** A body may arrive for 15 seconds, which is looked at every second. */
const answeredWithinMs = 17_000
const bodyWithinMs = 2000
const closeWithinMs = 5000
/** Counted from the announcement. */
const closedWithinMs = 21_000
const sweepEveryMs = 50

/** Paths that a stopping server still serves: they report its state. */
const alwaysAnswered: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics'])

/** Stops a server: it finishes requests that had begun, refuses the rest, and closes its connections. */
export interface Draining {
  /** Whether `/readyz` reports that the server stops. */
  readonly isAnnounced: boolean
  /** Whether new requests are refused. */
  readonly isOn: boolean
  /** Makes every further response the last one of its connection, and serves as before for so long. */
  announce(forMs: number): Promise<void>
  /**
   * Stops listening, since other processes accept what arrives on the port. Requests on open connections are served as
   * before; after so long, connections without a request are closed. Nothing is refused afterwards.
   */
  handOver(forMs: number): Promise<void>
  /** Refuses new requests, unless they were handed over. */
  begin(): void
  /** Resolves when the requests that had begun are finished, or after 17 seconds. */
  answered(): Promise<void>
  /** Closes connections on which nothing is under way until `closed` resolves, in the end all of them. */
  closeConnections(closed: Promise<void>): Promise<void>
}

export function createDraining(server: Server): Draining {
  const answering = new Set<ServerResponse>()
  const sockets = new Set<Duplex & { readonly bytesRead: number }>()
  const upgraded = new WeakSet<Duplex>()
  const begun: Promise<unknown>[] = []
  let announcedAt: number | undefined
  let beganAt: number | undefined
  let isHandedOver = false

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (_request, socket) => upgraded.add(socket))
  server.prependListener('request', (_request, response) => {
    if (announcedAt !== undefined) response.shouldKeepAlive = false
    answering.add(response)
    response.once('close', () => answering.delete(response))
  })
  const closeConnectionsToCome = () => {
    announcedAt ??= performance.now()
    for (const response of answering) response.shouldKeepAlive = false
  }
  const begin = () => {
    if (beganAt !== undefined) return
    beganAt = performance.now()
    closeConnectionsToCome()
    for (const response of answering) begun.push(new Promise((resolve) => response.once('close', resolve)))
  }
  const cut = () => {
    for (const socket of sockets)
      if (upgraded.has(socket)) socket.destroy()
      else server.emit('clientError', unavailable(), socket)
  }

  return {
    get isAnnounced() {
      return announcedAt !== undefined && !isHandedOver
    },
    get isOn() {
      return beganAt !== undefined && !isHandedOver
    },
    announce: async (forMs) => {
      closeConnectionsToCome()
      await setTimeout(forMs)
    },
    handOver: async (forMs) => {
      isHandedOver = true
      // Not the method of the HTTP server, which closes idle connections too: a request may be on its way on one.
      NetServer.prototype.close.call(server)
      closeConnectionsToCome()
      await setTimeout(forMs)
      server.closeIdleConnections()
    },
    begin,
    answered: () => waitAtMost(Promise.all(begun), answeredWithinMs),
    closeConnections: async (closed) => {
      begin()
      const left = (announcedAt ?? 0) + closedWithinMs - performance.now()
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs)
      await waitAtMost(closed, Math.max(Math.min(closeWithinMs, left), sweepEveryMs))
      clearInterval(sweep)
      cut()
      await closed
    },
  }
}

/** Refuses new requests with 503; reads their bodies first, so that no connection is reset over it. */
export function refuseWhileDraining(app: FastifyInstance, draining: Draining): void {
  app.addHook('onRequest', ({ raw, routeOptions: { url } }, _reply, done) => {
    if (!draining.isOn || alwaysAnswered.has(url)) return done()
    void readAway(raw).then(() => done(unavailable()))
  })
}

async function readAway(request: IncomingMessage): Promise<void> {
  request.resume()
  await waitAtMost(finished(request), bodyWithinMs)
}
