import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { CaptureParts } from '../capture/capture.ts'
import type { ImportRows } from '../capture/import/import-batch.ts'
import type { CaptureLimits } from '../capture/rate-limits.ts'
import type { ProofsOfWork } from '../capture/screen/proof-of-work.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../database/database.ts'
import type { ManualDeliveries } from '../delivery/manual-deliveries.ts'
import type { TestReceiver } from '../delivery/test-receiver/test-receiver.ts'
import type { Cursors } from '../events/cursor.ts'
import { type AppError, unavailable } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Peers } from '../platform/peers.ts'
import { connectionsFor, limitConnections } from '../server/connection-limits.ts'
import { createDraining, type Draining, refuseWhileDraining } from '../server/draining.ts'
import { closeLingering } from '../server/lingering-close.ts'
import { listenErrorOf } from '../server/listen-errors.ts'
import type { MountedGraphql } from '../server/mounted-graphql.ts'
import { createNodeServer } from '../server/node-server.ts'
import type { Readiness } from '../server/readiness.ts'
import { maxBodyBytes } from '../server/request/body.ts'
import type { CheckKeylessRate } from '../server/request/keyless-rate-limit.ts'
import { createOriginResolver, decorateOrigin } from '../server/request/request-origin.ts'
import { noteWrites } from '../server/request/written.ts'
import { logRequests } from '../server/request-log.ts'
import { traceFieldsOf, traceRequests } from '../server/request-trace.ts'
import type { PendingResponses } from '../server/response/pending-responses.ts'
import { appErrorOf, notFound, problemOf } from '../server/response/problems.ts'
import type { SourceStore } from '../sources/source-store.ts'
import type { Endpoints } from '../webhooks/endpoints.ts'
import type { Access } from '../workspaces/access.ts'
import type { Identify } from '../workspaces/identify.ts'
import type { KeyRate } from '../workspaces/key-rate-limit.ts'
import type { ReplicaReads } from '../workspaces/replica-reads.ts'
import type { SignIn } from '../workspaces/sessions/sign-in.ts'
import type { Workspaces } from '../workspaces/workspace.ts'
import { addCapture, isCapture } from './capture/capture-route.ts'
import { addProofOfWork } from './capture/challenge-route.ts'
import { asksForPage, sendProblemPage } from './capture/form-response.ts'
import { addSnippet, type ServedSnippet } from './capture/snippet-route.ts'
import { addSourceDoor, type SourceDoorParts } from './capture/source-route.ts'
import { addDocs } from './docs/docs-routes.ts'
import { addOpenApi } from './docs/openapi.ts'
import { addContactExport } from './export/export-route.ts'
import { addGraphql } from './graphql-route.ts'
import { addHealth } from './health-routes.ts'
import { addImport } from './import/import-routes.ts'
import { refuseUnknownRoutes, trackPaths } from './method-not-allowed.ts'
import { addDashboard, type ServedDashboard } from './pages/dashboard-route.ts'
import { addGraphiql, type ServedGraphiqlFile } from './pages/graphiql-route.ts'
import { addSession } from './session/session-route.ts'
import { addSources } from './sources/source-routes.ts'
import { addTestReceiver } from './test-receiver-route.ts'
import { addWebhooks } from './webhooks/webhook-routes.ts'

/** Parts of every server, which serves health and metrics. */
export interface ServerParts {
  readonly config: Config
  readonly database: Database
  readonly log: Log
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly pendingResponses: PendingResponses
  /** Other processes of this node, if there are any. */
  readonly peers?: Peers | undefined
  readonly testReceiver: TestReceiver
}

/** Further parts, of a server that carries the surfaces. */
export interface HttpParts extends ServerParts, CaptureParts {
  readonly cursors: Cursors
  readonly identify: Identify
  readonly captureLimits: CaptureLimits
  readonly makeChallenge: ProofsOfWork['makeChallenge']
  readonly keyRate: KeyRate
  readonly access: Access
  readonly signIn: SignIn
  readonly sourceDoor?: SourceDoorParts
  readonly endpoints: Endpoints
  readonly sources: SourceStore
  readonly workspaces: Pick<Workspaces, 'byId'>
  readonly importRows: ImportRows
  /** Undefined without a replica. */
  readonly reads?: ReplicaReads | undefined
  readonly manualDeliveries: ManualDeliveries
  readonly graphql: MountedGraphql
  readonly snippet: ServedSnippet
  readonly dashboard: ServedDashboard
  /** None where GraphiQL is off. */
  readonly graphiqlFiles: readonly ServedGraphiqlFile[]
  readonly checkKeylessRate: CheckKeylessRate
  readonly schemaSdl: string
}

export interface HttpServer {
  /** @returns where it can be reached, such as `http://127.0.0.1:4000` */
  listen(): Promise<string>
  /** Makes `/readyz` respond with 503 and serves everything else for so long. */
  announce(forMs: number): Promise<void>
  /** Leaves new connections to the other processes of this node, and serves the open ones for so long. */
  handOver(forMs: number): Promise<void>
  /** Refuses new requests with 503, unless they were handed over. */
  drain(): void
  /** Resolves when the requests that had begun before the drain are finished. */
  answered(): Promise<void>
  /** Listens no more. */
  close(): Promise<void>
}

/** Carries every surface on one port, or only health and metrics where it is given no more. */
export function createHttpServer(parts: ServerParts | HttpParts): HttpServer {
  const { config, log } = parts
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!hasSurfaces(parts)) throw notFound()
    if (draining.isOn) throw unavailable()
    parts.graphql.handleUpgrade(request, socket, head)
  }
  const app = createFastify(parts, upgrade)
  const draining = createDraining(app.server)
  addRoutes(app, parts, draining)
  let hasListened = false

  return {
    listen: async () => {
      await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
        throw listenErrorOf(error, config.port)
      })
      hasListened = true
      return reachedAt(app, config.host)
    },
    announce: draining.announce,
    handOver: draining.handOver,
    drain: draining.begin,
    answered: draining.answered,
    close: async () => {
      await draining.closeConnections(app.close())
      if (hasListened) log.info('http.closed')
    },
  }
}

function hasSurfaces(parts: ServerParts | HttpParts): parts is HttpParts {
  return 'graphql' in parts
}

function createFastify(
  { config, log, pendingResponses }: ServerParts,
  upgrade: Parameters<typeof createNodeServer>[0]['upgrade'],
) {
  const app = fastify({
    serverFactory: (handle) => {
      const server = createNodeServer({ handle, upgrade }, pendingResponses, log)
      limitConnections(server, ['loopback', ...config.trustedProxies], connectionsFor(config.socketLimit))
      return server
    },
    clientErrorHandler: () => {}, // The server that we make answers these itself.
    genReqId: () => crypto.randomUUID(),
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Fastify's own complaints are about paths that cannot be decoded or hold too long an id: nothing is there.
    frameworkErrors: (_error, request, reply) => answerProblem(request, reply, notFound()),
  })
  decorateOrigin(app, createOriginResolver(config.trustedProxies))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    const known = appErrorOf(error)
    if (known.code === 'internal')
      log.error({ request_id: request.id, ...traceFieldsOf(request), err: error }, 'http.failed')
    return answerProblem(request, reply, known)
  })
  return app
}

function addRoutes(app: FastifyInstance, parts: ServerParts | HttpParts, draining: Draining): void {
  const { config, metrics, readiness, peers } = parts
  const { publicUrl, baseDomain, metricsToken } = config
  const knownPaths = trackPaths(app)
  traceRequests(app)
  logRequests(app, parts)
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    done()
  })
  readiness.add('server', () => (draining.isAnnounced ? 'It is stopping.' : undefined))
  readiness.add('processes', () => (peers?.allServe === false ? 'Not all of them serve.' : undefined))
  addHealth(app, { readiness, metrics, metricsToken, peers })
  addTestReceiver(app, parts.testReceiver)
  if (hasSurfaces(parts)) {
    if (parts.reads !== undefined) noteWrites(app, parts.reads)
    addCapture(app, { ...parts, baseDomain })
    if (parts.sourceDoor !== undefined) addSourceDoor(app, parts.sourceDoor)
    addSnippet(app, parts.snippet, parts.checkKeylessRate)
    addProofOfWork(app, { ...parts, baseDomain })
    addSession(app, parts)
    addWebhooks(app, parts)
    addSources(app, parts)
    addContactExport(app, parts)
    addImport(app, parts)
    addGraphql(app, parts)
    addDashboard(app, { ...parts, publicUrl })
    addGraphiql(app, parts.graphiqlFiles, parts.checkKeylessRate)
    addOpenApi(app, { ...parts, publicUrl })
    addDocs(app, { ...parts, publicUrl })
  }
  refuseWhileDraining(app, draining)
  refuseUnknownRoutes(app, knownPaths)
  closeLingering(app)
}

function answerProblem(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  // Fastify closes when it stops reading a body; we let the caller read the answer first (linger.ts).
  if (reply.hasHeader('connection')) reply.removeHeader('connection')
  if (isCapture(request) && asksForPage(request)) return sendProblemPage(request, reply, error)
  const { status, headers, body } = problemOf(error, request.id)
  return reply.code(status).headers(headers).send(body)
}

/** Returns a URL of the server; one that listens on every address is named by localhost. */
function reachedAt(app: FastifyInstance, host: string): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = host.includes(':') ? `[${host}]` : host
  return `http://${isEverywhere ? 'localhost' : name}:${port}`
}
