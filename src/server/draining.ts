import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyInstance } from 'fastify'
import { unavailable } from '../platform/errors.ts'
import { waitAtMost } from '../platform/timeout.ts'

/** A body may arrive for 15 seconds, which is looked at every second. */
const answeredWithinMs = 17_000
const bodyWithinMs = 2000
const closeWithinMs = 5000
/** Counted from the beginning of the drain. */
const closedWithinMs = 21_000
const sweepEveryMs = 50

/** Paths that a stopping server still serves: they report its state. */
const alwaysAnswered: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics'])

/** Stops a server: it finishes requests that had begun, refuses the rest, and closes its connections. */
export interface Draining {
  readonly isOn: boolean
  /** Makes every further response the last one of its connection. */
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
  let beganAt: number | undefined

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (_request, socket) => upgraded.add(socket))
  server.prependListener('request', (_request, response) => {
    if (beganAt !== undefined) response.shouldKeepAlive = false
    answering.add(response)
    response.once('close', () => answering.delete(response))
  })
  const begin = () => {
    if (beganAt !== undefined) return
    beganAt = performance.now()
    for (const response of answering) {
      response.shouldKeepAlive = false
      begun.push(new Promise((resolve) => response.once('close', resolve)))
    }
  }
  const cut = () => {
    for (const socket of sockets)
      if (upgraded.has(socket)) socket.destroy()
      else server.emit('clientError', unavailable(), socket)
  }

  return {
    get isOn() {
      return beganAt !== undefined
    },
    begin,
    answered: () => waitAtMost(Promise.all(begun), answeredWithinMs),
    closeConnections: async (closed) => {
      begin()
      const left = (beganAt ?? 0) + closedWithinMs - performance.now()
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
