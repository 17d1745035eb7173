import * as captureErasure from './capture/erasure.ts'
import { createFormTokens } from './capture/form-token.ts'
import { createCaptureLimits } from './capture/limits.ts'
import { createModeration } from './capture/moderation.ts'
import { createProofsOfWork } from './capture/proof-of-work.ts'
import { pruneCaptures, pruneRawFields } from './capture/retention.ts'
import { createScreen } from './capture/screening.ts'
import { measureStorage } from './capture/storage-metrics.ts'
import { createCaptureWriter } from './capture/writer.ts'
import type { Config } from './config.ts'
import type { ContactTraces } from './contacts/contact-traces.ts'
import { createContactEdits } from './contacts/edit.ts'
import { createContactErasure } from './contacts/erasure.ts'
import { keepInFolder } from './data-folder.ts'
import type { Database } from './database/database.ts'
import { migrate } from './database/migrate.ts'
import { openDatabase } from './database/open.ts'
import { namingRights } from './database/rights.ts'
import { endsWithin, patienceMs, withinDeadline } from './deadline.ts'
import { type AddressGuard, createAddressGuard } from './delivery/address-guard.ts'
import { createSender } from './delivery/attempt.ts'
import { createDeliveriesByHand } from './delivery/by-hand.ts'
import { startDelivery } from './delivery/delivery.ts'
import { endpointDeliveries } from './delivery/endpoint-switch.ts'
import * as deliveryErasure from './delivery/erasure.ts'
import { createReplays } from './delivery/replay.ts'
import { createEventPrune } from './delivery/retention.ts'
import { startDeliveryUpdates } from './delivery/updates.ts'
import { createCursors, readCursorSeal } from './events/cursor.ts'
import { startLiveEvents } from './events/live.ts'
import { type SharedTopic, startWake, type Wake } from './events/wake.ts'
import { readGraphiqlFiles } from './graphql/graphiql/files.ts'
import { createGraphqlServer } from './graphql/server.ts'
import { createKeylessLimit } from './http/keyless-limit.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { encryptionKeysOf } from './key-ring.ts'
import { createLog, type Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createPendingAnswers } from './pending-answers.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { createRates } from './rates.ts'
import { connectRedis, type Redis } from './redis.ts'
import { startRetention } from './retention.ts'
import { createStops, type Stops } from './stops.ts'
import { version } from './version.ts'
import { readDashboard } from './web/dashboard.ts'
import { createSnippet } from './web/snippet.ts'
import { describeReach, webhookReachOf } from './webhook-reach.ts'
import { createEndpoints, type Endpoints } from './webhooks/endpoints.ts'
import { reencryptSecrets } from './webhooks/reencrypt.ts'
import { createSecretBox, type SecretBox } from './webhooks/secret-box.ts'
import { createAccess } from './workspaces/access.ts'
import { bootstrap } from './workspaces/bootstrap.ts'
import { createIdentify } from './workspaces/identify.ts'
import { createKeyFailures } from './workspaces/key-failures.ts'
import { createKeyRate } from './workspaces/key-rate.ts'
import { createIsOperator } from './workspaces/operator.ts'
import { createViewers } from './workspaces/viewer.ts'
import { createWorkspaces } from './workspaces/workspace.ts'
import { createWorkspaceRemoval } from './workspaces/workspace-removal.ts'

/** What a start tells. */
export interface Started {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly databaseKind: Database['kind']
  /** The first key, when this start made it: it is shown this once. */
  readonly generatedKey: string | undefined
}

export interface App {
  /** @throws StartStoppedError when it was stopped meanwhile */
  start(): Promise<Started>
  /** Takes nothing new, answers what has begun, settles attempts or gives their leases back; during a start, too. */
  stop(): Promise<void>
}

/** It was stopped before it had started: nobody is to be told of a failure. */
export class StartStoppedError extends Error {}

/** How long a stop waits for a step of the start, such as a migration, before it takes the database from under it. */
const stepEndsWithinMs = 5000
/** Attempts and requests keep to limits of their own, below this one. */
const finishWithinMs = 20_500
/** How often a worker looks whether a workspace was deleted. */
const removalEveryMs = 2000

/** The composition root: the only place that constructs. */
export function createApp(config: Config, log: Log = createLog(config.logLevel)): App {
  const stops = createStops(log)
  let isStopping = false
  let starting: Promise<Started> | undefined
  const goOn = () => {
    if (isStopping) throw new StartStoppedError()
  }
  const startAll = async (): Promise<Started> => {
    const database = await openDatabase(config, log)
    stops.add('disconnect', 'database', () => database.close())
    goOn()
    await migrate(database)
    goOn()
    const generatedKey = await namingRights(database, () => makeFirstKey(database, config))
    goOn()
    const url = await startParts(database, config, log, stops)
    goOn()
    log.info({ url, database: database.kind, webhooks_reach: describeReach(config) }, 'started')
    return { url, databaseKind: database.kind, generatedKey }
  }
  const start = async (): Promise<Started> => {
    try {
      return await startAll()
    } catch (error) {
      if (isStopping) throw new StartStoppedError('It was stopped before it had started.', { cause: error })
      await stops.run()
      throw error
    }
  }
  return {
    start: () => {
      starting = start()
      return starting
    },
    stop: async () => {
      isStopping = true
      if (starting !== undefined) await endsWithin(starting, stepEndsWithinMs)
      await stops.run()
    },
  }
}

/** Encrypts the webhook secrets again under the first key of the ring; answers of how many endpoints. */
export async function reencryptAll(config: Config, log: Log): Promise<number> {
  const database = await openDatabase(config, log)
  try {
    return await reencryptSecrets(database, createSecretBox(encryptionKeysOf(config)))
  } finally {
    await database.close()
  }
}

async function makeFirstKey(database: Database, config: Config): Promise<string | undefined> {
  const { generatedKey } = await bootstrap(database, { slug: config.defaultWorkspace, configuredKey: config.apiKey })
  if (generatedKey !== undefined) keepInFolder(config.dataDir, 'api-key', generatedKey)
  return generatedKey
}

/** What every part is made from. */
interface Base {
  readonly config: Config
  readonly database: Database
  readonly log: Log
  readonly redis: Redis | undefined
  readonly wake: Wake
  readonly guard: AddressGuard
  readonly secretBox: SecretBox
  readonly stops: Stops
}

/** From the database outwards. */
async function startParts(database: Database, config: Config, log: Log, stops: Stops): Promise<string> {
  const redis = config.redisUrl === undefined ? undefined : await connectRedis(config.redisUrl, log)
  stops.add('disconnect', 'redis', () => redis?.close())
  const wake = await startWake(database, log, redis, heardBy[config.role])
  stops.add('disconnect', 'wake', () => wake.stop())
  const guard = createAddressGuard(webhookReachOf(config))
  const secretBox = createSecretBox(encryptionKeysOf(config))
  const base: Base = { config, database, log, redis, wake, guard, secretBox, stops }
  if (config.role !== 'api') startWorker(base)
  return config.role === 'worker' ? startHealth(base) : startSurfaces(base)
}

/** Topics of other nodes that each role listens to. A worker remembers no keys. */
const heardBy: Record<Config['role'], readonly SharedTopic[]> = {
  all: ['events', 'deliveries', 'access'],
  api: ['events', 'deliveries', 'access'],
  worker: ['events', 'deliveries'],
}

function startWorker({ config, database, log, wake, guard, secretBox, stops }: Base): void {
  const { leaseMs, retryScheduleSeconds: scheduleSeconds, disableAfterSeconds, retentionDays, submissionDays } = config
  const sender = createSender({ guard, timeoutMs: config.attemptTimeoutMs, userAgent: `Rex/${version()}` })
  const { random } = Math
  const rules = { leaseMs, scheduleSeconds, disableAfterSeconds, random }
  const delivery = startDelivery({ database, wake, sender, secretBox, log, ...rules })
  const pruneEvents = createEventPrune(database, retentionDays)
  const prunes = [() => pruneCaptures(database, retentionDays), () => pruneRawFields(database, submissionDays)]
  const retention = startRetention([pruneEvents, ...prunes], log)
  const removal = startRetention([createWorkspaceRemoval(database, log)], log, removalEveryMs)
  stops.add('finish', 'delivery', () => delivery.stop(), finishWithinMs)
  stops.add('finish', 'retention', () => retention.stop())
  stops.add('finish', 'removal', () => removal.stop())
  stops.add('disconnect', 'sender', () => sender.close())
}

async function startSurfaces(base: Base): Promise<string> {
  const { config, database, log, redis, wake, stops } = base
  const live = startLiveEvents(database, wake, log)
  const deliveryUpdates = startDeliveryUpdates(database, wake, log)
  const writer = createCaptureWriter(database, wake, { maxBytes: config.workspaceBytes })

  const workspaces = createWorkspaces(database)
  const viewers = createViewers(database)
  const access = createAccess({ viewers, workspaces, announce: () => wake.wake('access') })
  wake.onWake('access', access.hear)
  const { defaultWorkspace, baseDomain } = config
  const encryptionKeys = encryptionKeysOf(config)
  const rates = createRates(redis, createPseudonyms(encryptionKeys))
  const keyFailures = createKeyFailures(rates)
  const identify = createIdentify({ workspaces, viewers, keyFailures, defaultWorkspace, baseDomain })
  const keyRate = createKeyRate(rates, config.keyRate)
  const deliveriesByHand = createDeliveriesByHand(database, wake)
  const replays = createReplays(database, wake)
  const contactEdits = createContactEdits({ database, wake, workspaces })
  const moderation = createModeration({ database, wake, workspaces })
  const formTokens = createFormTokens(encryptionKeys)
  const { makeChallenge, readProof } = createProofsOfWork(encryptionKeys)
  const shared = { config, database, log, identify, keyRate, endpoints: endpointsOf(base), deliveriesByHand }

  const contactErasure = createContactErasure({ database, wake, traces: contactTraces })
  const edits = { contactEdits, contactErasure, moderation, replays }
  const pendingAnswers = watchAnswers(stops)
  const graphql = createGraphqlServer({
    ...shared,
    ...edits,
    workspaces,
    viewers,
    access,
    isOperator: createIsOperator(database, defaultWorkspace),
    live,
    cursors: createCursors(await readCursorSeal(database)),
    pendingAnswers,
    deliveryUpdates,
  })
  const http = createHttpServer({
    ...shared,
    screen: createScreen(formTokens),
    readProof,
    makeChallenge,
    writer,
    captureLimits: createCaptureLimits(rates, config.captureRate),
    graphql,
    snippet: createSnippet(formTokens),
    dashboard: readDashboard(),
    graphiqlFiles: config.isGraphiqlOn ? readGraphiqlFiles() : [],
    admitKeyless: createKeylessLimit(rates),
    pendingAnswers,
    schemaSdl: graphql.schemaSdl,
    metrics: measureStorage(createMetrics(), database, config.workspaceBytes),
  })
  const endSurfaces = async () => {
    await graphql.stop()
    await http.answered()
    await withinDeadline(Promise.all([writer.idle(), live.stop(), deliveryUpdates.stop()]), patienceMs)
  }
  stops.add('finish', 'surfaces', endSurfaces, finishWithinMs)
  return serveHttp(http, stops)
}

/** Serves health and metrics alone: whoever runs a worker asks how it fares. */
function startHealth({ config, database, log, stops }: Base): Promise<string> {
  const http = createHttpServer({
    config,
    database,
    log,
    metrics: measureStorage(createMetrics(), database, config.workspaceBytes),
    pendingAnswers: watchAnswers(stops),
  })
  stops.add('finish', 'http', () => http.answered(), finishWithinMs)
  return serveHttp(http, stops)
}

function serveHttp(http: HttpServer, stops: Stops): Promise<string> {
  stops.add('refuse', 'http', () => http.drain())
  stops.add('close', 'http', () => http.close(), finishWithinMs)
  return http.listen()
}

function watchAnswers(stops: Stops) {
  const pendingAnswers = createPendingAnswers()
  stops.add('disconnect', 'pending answers', () => pendingAnswers.stop())
  return pendingAnswers
}

/** Erases what captures and deliveries hold of a contact. */
export const contactTraces: ContactTraces = { ...captureErasure, ...deliveryErasure }

function endpointsOf({ database, wake, guard, secretBox }: Base): Endpoints {
  return createEndpoints({
    database,
    secretBox,
    checkUrl: guard.checkUrl,
    deliveries: endpointDeliveries,
    onSwitched: () => {
      wake.wake('events')
      wake.wake('deliveries')
    },
  })
}
