import { createCaptureLimits } from '../capture/rate-limits.ts'
import { createFormTokens } from '../capture/screen/form-token.ts'
import { createProofsOfWork } from '../capture/screen/proof-of-work.ts'
import { createScreen } from '../capture/screen/screening.ts'
import { readGraphiqlFiles } from '../graphql/graphiql/files.ts'
import { createGraphqlServer } from '../graphql/graphql-server.ts'
import { databaseShutdownTimeoutMs, finishTimeoutMs, withTimeout } from '../platform/timeout.ts'
import { createHttpServer, type HttpServer } from '../rest/http-server.ts'
import { createKeylessLimit } from '../server/request/keyless-rate-limit.ts'
import { createPendingResponses } from '../server/response/pending-responses.ts'
import { readDashboard } from '../web/dashboard.ts'
import { createSnippet } from '../web/snippet.ts'
import type { Domain } from './domain.ts'
import type { Foundation } from './foundation.ts'
import { leadReader } from './lead-reader.ts'
import { createSourceDoor } from './source-door.ts'
import { sourceTools } from './source-tools.ts'

/** Serves REST, GraphQL and the pages. Returns the address it listens on. */
export function startApi(foundation: Foundation, domain: Domain): Promise<string> {
  const { config, encryptionKeys, metrics, peers, shutdown } = foundation
  const { rates, writer, live, deliveryUpdates } = domain
  const parts = httpParts(foundation)
  const formTokens = createFormTokens(encryptionKeys)
  const { makeChallenge, readProof } = createProofsOfWork(encryptionKeys)
  const screen = createScreen(formTokens)
  const createSemaphore = peers?.createSemaphore
  const graphql = createGraphqlServer({ ...domain, ...parts, screen, readProof, createSemaphore })
  metrics.observeLive({ subscribers: () => graphql.subscribers, position: () => live.position })
  const http = createHttpServer({
    ...domain,
    ...parts,
    screen,
    readProof,
    makeChallenge,
    captureLimits: createCaptureLimits(rates, config.captureRate),
    sourceDoor: createSourceDoor(foundation, domain, { sources: domain.sourceLookup, ...leadReader }),
    graphql,
    snippet: createSnippet(formTokens),
    dashboard: readDashboard(sourceTools()),
    graphiqlFiles: config.isGraphiqlOn ? readGraphiqlFiles() : [],
    checkKeylessRate: createKeylessLimit(rates),
    schemaSdl: graphql.schemaSdl,
  })
  const finish = async () => {
    await graphql.stop()
    await http.answered()
    await withTimeout(Promise.all([writer.idle(), live.stop(), deliveryUpdates.stop()]), databaseShutdownTimeoutMs)
  }
  shutdown.add('finish', 'surfaces', finish, finishTimeoutMs)
  return serve(http, foundation)
}

/** Serves only health and metrics, for a worker. Returns the address it listens on. */
export function startHealth(foundation: Foundation): Promise<string> {
  const { shutdown } = foundation
  const http = createHttpServer(httpParts(foundation))
  shutdown.add('finish', 'http', () => http.answered(), finishTimeoutMs)
  return serve(http, foundation)
}

function httpParts({ config, database, log, metrics, readiness, peers, shutdown, testReceiver }: Foundation) {
  const pendingResponses = createPendingResponses()
  shutdown.add('disconnect', 'pending answers', () => pendingResponses.stop())
  return { config, database, log, metrics, readiness, pendingResponses, peers, testReceiver }
}

async function serve(http: HttpServer, { config: { drainMs }, shutdown, testReceiver }: Foundation): Promise<string> {
  shutdown.add('announce', 'http', () => http.announce(drainMs), drainMs + databaseShutdownTimeoutMs)
  shutdown.add('hand over', 'http', () => http.handOver(drainMs), drainMs + databaseShutdownTimeoutMs)
  shutdown.add('refuse', 'http', () => http.drain())
  shutdown.add('close', 'http', () => http.close(), finishTimeoutMs)
  const url = await http.listen()
  testReceiver.address = new URL(url)
  return url
}
