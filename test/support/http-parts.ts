import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { sourceTools } from '../../src/app/source-tools.ts'
import { createImportRows } from '../../src/capture/import/import-batch.ts'
import { createCaptureLimits } from '../../src/capture/rate-limits.ts'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'
import { createProofsOfWork } from '../../src/capture/screen/proof-of-work.ts'
import { createScreen } from '../../src/capture/screen/screening.ts'
import { measureStorage } from '../../src/capture/storage-metrics.ts'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Database } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { endpointDeliveries } from '../../src/delivery/endpoint-switch.ts'
import { createManualDeliveries } from '../../src/delivery/manual-deliveries.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import { createTestReceiver } from '../../src/delivery/test-receiver/test-receiver.ts'
import { createCursors } from '../../src/events/cursor.ts'
import { startSignals } from '../../src/events/signals.ts'
import { readGraphiqlFiles } from '../../src/graphql/graphiql/files.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createHttpServer, type HttpParts, type HttpServer, type ServerParts } from '../../src/rest/http-server.ts'
import { createReadiness } from '../../src/server/readiness.ts'
import { createKeylessLimit } from '../../src/server/request/keyless-rate-limit.ts'
import { createPendingResponses } from '../../src/server/response/pending-responses.ts'
import { createSources } from '../../src/sources/sources.ts'
import { readDashboard } from '../../src/web/dashboard.ts'
import { createSnippet } from '../../src/web/snippet.ts'
import { createEndpoints } from '../../src/webhooks/endpoints.ts'
import { createAccess } from '../../src/workspaces/access.ts'
import { bootstrap } from '../../src/workspaces/bootstrap.ts'
import { createIdentify } from '../../src/workspaces/identify.ts'
import { createKeyFailures } from '../../src/workspaces/key-failures.ts'
import { createKeyRate } from '../../src/workspaces/key-rate-limit.ts'
import { createCallers } from '../../src/workspaces/sessions/callers.ts'
import { createSignIn } from '../../src/workspaces/sessions/sign-in.ts'
import { createWorkspaces } from '../../src/workspaces/workspace.ts'
import { refusePrivateLines } from './private-lines.ts'
import { createTestDatabase } from './test-database.ts'
import { testRates } from './test-rates.ts'

/** The HTTP surface alone, on a real port and a real database that the test can look into. */
export interface TestHttp {
  readonly url: string
  /** The ADMIN key of the default workspace. */
  readonly key: string
  readonly database: Database
  readonly logLines: string[]
  readonly server: HttpServer
  stop(): Promise<void>
}

const ring = [{ id: 'k1', key: randomBytes(32) }]
export const formTokens = createFormTokens(ring)
const proofs = createProofsOfWork(ring)
export const { makeChallenge } = proofs
export const adminKey = 'test-admin-key-0123456789-0123456789'

interface Options {
  readonly environment?: Readonly<Record<string, string>>
  /** What the test puts in place of a real part. */
  readonly replace?: (parts: HttpParts) => HttpParts | ServerParts
}

export async function startTestHttp({ environment = {}, replace }: Options = {}): Promise<TestHttp> {
  const own = await createTestDatabase()
  const config = readConfig({
    PORT: '0',
    REX_API_KEY: adminKey,
    REX_CAPTURE_RATE: '0',
    ...own.environment,
    ...environment,
  })
  const logLines: string[] = []
  const log = createLog('debug', collectLines(logLines))
  const database = connectPostgresql(config.databaseUrl ?? '', log)
  await bootstrap(database, { slug: config.defaultWorkspace, configuredKey: config.apiKey })
  const signals = await startSignals(database, log)
  const parts: HttpParts = { config, database, log, ...partsOn(database, config, signals) }
  const server = createHttpServer(replace ? replace(parts) : parts)
  const url = await server.listen()
  return {
    url,
    key: adminKey,
    database,
    logLines,
    server,
    stop: async () => {
      await server.close()
      await parts.writer.idle()
      await signals.stop()
      await database.close()
      await own.drop()
      refusePrivateLines(logLines, [adminKey])
    },
  }
}

function partsOn(
  database: Database,
  { defaultWorkspace, baseDomain, captureRate, keyRate, workspaceBytes: maxBytes }: HttpParts['config'],
  signals: Awaited<ReturnType<typeof startSignals>>,
): Omit<HttpParts, 'config' | 'database' | 'log'> {
  const workspaces = createWorkspaces(database)
  const viewers = createCallers(database)
  const rates = testRates()
  const keyFailures = createKeyFailures(rates)
  return {
    access: createAccess({ viewers, workspaces, announce: () => signals.notify('access') }),
    signIn: createSignIn(database, keyFailures),
    identify: createIdentify({ workspaces, viewers, keyFailures, defaultWorkspace, baseDomain }),
    captureLimits: createCaptureLimits(rates, captureRate),
    keyRate: createKeyRate(rates, keyRate),
    screen: createScreen(formTokens),
    readProof: proofs.readProof,
    makeChallenge,
    writer: createCaptureWriter(database, signals, { maxBytes }),
    manualDeliveries: createManualDeliveries(database, signals),
    endpoints: createEndpoints({
      database,
      secretBox: createSecretBox(ring),
      checkUrl: createAddressGuard({ allow: [], allowLoopback: true }).checkUrl,
      deliveries: endpointDeliveries,
      onSwitched: () => signals.notify('deliveries'),
    }),
    ...createSources({ database, secretBox: createSecretBox(ring), signals }),
    workspaces,
    importRows: createImportRows(database, signals),
    cursors: createCursors({ key: randomBytes(32), unsealedPositions: new Map() }),
    graphql: {
      addRoutes: (scope) => {
        scope.route({
          method: ['GET', 'POST', 'OPTIONS'],
          url: '/graphql',
          exposeHeadRoute: false,
          bodyLimit: 256 * 1024,
          handler: async ({ body, host }) => `graphql got ${Buffer.isBuffer(body) ? body.length : 0} bytes for ${host}`,
        })
      },
      readContactPage: async () => ({ contacts: [], next: null }),
      handleUpgrade: (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    },
    snippet: createSnippet(formTokens),
    dashboard: readDashboard(sourceTools()),
    graphiqlFiles: readGraphiqlFiles(),
    checkKeylessRate: createKeylessLimit(rates),
    pendingResponses: createPendingResponses(),
    testReceiver: createTestReceiver(database, createSecretBox(ring)),
    schemaSdl: 'type Query { viewer: String }\n',
    metrics: measureStorage(createMetrics(), database, maxBytes),
    readiness: createReadiness(database),
  }
}

function collectLines(lines: string[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
}
