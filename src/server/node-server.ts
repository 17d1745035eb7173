import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError, type ErrorCode, unavailable } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { graphqlPath } from './mounted-graphql.ts'
import { checkTarget, pathOf } from './request/host.ts'
import type { PendingResponses } from './response/pending-responses.ts'
import { appErrorOf, badRequest, bodyTooLarge, problemOf, rawAnswer } from './response/problems.ts'

const keepAliveTimeoutMs = 65_000
const headersTimeoutMs = 10_000
const requestTimeoutMs = 15_000
const connectionsCheckingIntervalMs = 1000

/** Handlers of requests whose host and target are valid. */
export interface NodeHandlers {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  /** @throws AppError for an upgrade that is refused */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/**
 * Node's server with what it leaves to us: one Host and a path as the target, time limits on slow requests, and an
 * answer in the contract's form to what never becomes a request.
 */
export function createNodeServer(
  { handle, upgrade }: NodeHandlers,
  pendingResponses: PendingResponses,
  log: Log,
): Server {
  const options = {
    keepAliveTimeout: keepAliveTimeoutMs,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: connectionsCheckingIntervalMs,
    requireHostHeader: false, // Node's own refusal has no body; ours has.
    shouldUpgradeCallback: asksForSocket,
  }
  const answering = new WeakMap<Duplex, ServerResponse>()
  const server = createServer(options, (request, response) => {
    const before = answering.get(request.socket)
    answering.set(request.socket, response)
    const refusal =
      refusalOf(request) ?? (pendingResponses.isFull && !isAlwaysAnswered(request) ? unavailable() : undefined)
    pendingResponses.watch(response)
    const begin = () => (refusal === undefined ? handle(request, response) : answerRaw(response, refusal, log))
    // Pipelined requests take turns: otherwise all of their responses would wait in memory for one reader.
    if (before === undefined || before.closed) begin()
    else before.once('close', () => request.socket.destroyed || begin())
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(socket, clientErrorOf(error), log, answering.get(socket))
  })
  server.on('upgrade', (request, socket, head) => upgradeOrRefuse({ request, socket, head }, upgrade, log))
  server.on('connect', (_request, socket) => refuse(socket, badTarget(), log))
  // An expectation that we do not know may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return server
}

/**
 * Returns whether a request asks for a WebSocket where there are some. Every other offer is ignored (RFC 9110, 7.8):
 * `curl --http2` offers h2c with every request.
 */
function asksForSocket({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && pathOf(url) === graphqlPath
}

/** Says how the process fares, in a few bytes. */
function isAlwaysAnswered({ url }: IncomingMessage): boolean {
  return url === '/healthz' || url === '/readyz'
}

function refusalOf(request: IncomingMessage): AppError | undefined {
  try {
    checkTarget(request)
    return undefined
  } catch (error) {
    return appErrorOf(error)
  }
}

function upgradeOrRefuse(
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  upgrade: NodeHandlers['upgrade'],
  log: Log,
): void {
  try {
    checkTarget(request)
    upgrade(request, socket, head)
  } catch (error) {
    refuse(socket, appErrorOf(error), log)
  }
}

function badTarget(): AppError {
  return new AppError('bad_host', 'A path as the target is expected.')
}

function clientErrorOf(error: NodeJS.ErrnoException): AppError {
  if (error instanceof AppError) return error
  const { code } = error
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('timeout', 'The request took too long to arrive.')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return bodyTooLarge()
  if (code === 'HPE_INVALID_URL') return badTarget()
  return badRequest()
}

/** Answers on a bare socket and closes it; says nothing in the middle of another answer, or to nobody. */
function refuse(socket: Duplex, error: AppError, log: Log, underWay?: ServerResponse): void {
  socket.on('error', () => {}) // Whoever goes away while being refused has what they wanted.
  const isAnswering = underWay?.headersSent === true && !underWay.writableFinished
  if (!socket.writable || isAnswering) {
    socket.destroy()
    return
  }
  const requestId = crypto.randomUUID()
  logRefusal(log, requestId, error.code)
  socket.end(rawAnswer(problemOf(error, requestId)), () => socket.destroy())
}

/** Answers a request that goes no further. */
function answerRaw(response: ServerResponse, error: AppError, log: Log): void {
  const requestId = crypto.randomUUID()
  const { status, headers, body } = problemOf(error, requestId)
  logRefusal(log, requestId, error.code)
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }).end(body)
}

function logRefusal(log: Log, requestId: string, code: ErrorCode): void {
  log.info({ request_id: requestId, code }, 'http.refused')
}
