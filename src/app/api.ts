import { createFormTokens } from '../capture/form-token.ts'
import { createCaptureLimits } from '../capture/limits.ts'
import { createProofsOfWork } from '../capture/proof-of-work.ts'
import { createScreen } from '../capture/screening.ts'
import { measureStorage } from '../capture/storage-metrics.ts'
import { patienceMs, withinDeadline } from '../deadline.ts'
import { readGraphiqlFiles } from '../graphql/graphiql/files.ts'
import { createGraphqlServer } from '../graphql/server.ts'
import { createKeylessLimit } from '../http/keyless-limit.ts'
import { createHttpServer, type HttpServer } from '../http/server.ts'
import { createMetrics } from '../metrics.ts'
import { createPendingAnswers } from '../pending-answers.ts'
import type { Stops } from '../stops.ts'
import { readDashboard } from '../web/dashboard.ts'
import { createSnippet } from '../web/snippet.ts'
import type { Domain } from './domain.ts'
import type { Foundation } from './foundation.ts'
import { finishTimeoutMs } from './timeouts.ts'

/** Serves REST, GraphQL and the pages. Returns the address it listens on. */
export function startApi(foundation: Foundation, domain: Domain): Promise<string> {
  const { config, encryptionKeys, stops } = foundation
  const { rates, writer, live, deliveryUpdates } = domain
  const parts = httpParts(foundation)
  const graphql = createGraphqlServer({ ...domain, ...parts })
  const formTokens = createFormTokens(encryptionKeys)
  const { makeChallenge, readProof } = createProofsOfWork(encryptionKeys)
  const http = createHttpServer({
    ...domain,
    ...parts,
    screen: createScreen(formTokens),
    readProof,
    makeChallenge,
    captureLimits: createCaptureLimits(rates, config.captureRate),
    graphql,
    snippet: createSnippet(formTokens),
    dashboard: readDashboard(),
    graphiqlFiles: config.isGraphiqlOn ? readGraphiqlFiles() : [],
    admitKeyless: createKeylessLimit(rates),
    schemaSdl: graphql.schemaSdl,
  })
  const finish = async () => {
    await graphql.stop()
    await http.answered()
    await withinDeadline(Promise.all([writer.idle(), live.stop(), deliveryUpdates.stop()]), patienceMs)
  }
  stops.add('finish', 'surfaces', finish, finishTimeoutMs)
  return serve(http, stops)
}

/** Serves health and metrics alone, for a worker. Returns the address it listens on. */
export function startHealth(foundation: Foundation): Promise<string> {
  const { stops } = foundation
  const http = createHttpServer(httpParts(foundation))
  stops.add('finish', 'http', () => http.answered(), finishTimeoutMs)
  return serve(http, stops)
}

function httpParts({ config, database, log, stops }: Foundation) {
  const pendingAnswers = createPendingAnswers()
  stops.add('disconnect', 'pending answers', () => pendingAnswers.stop())
  const metrics = measureStorage(createMetrics(), database, config.workspaceBytes)
  return { config, database, log, metrics, pendingAnswers }
}

function serve(http: HttpServer, stops: Stops): Promise<string> {
  stops.add('refuse', 'http', () => http.drain())
  stops.add('close', 'http', () => http.close(), finishTimeoutMs)
  return http.listen()
}
