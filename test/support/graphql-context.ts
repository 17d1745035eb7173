import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { capture } from '../../src/capture/capture.ts'
import { createModeration } from '../../src/capture/moderation.ts'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'
import { createProofsOfWork } from '../../src/capture/screen/proof-of-work.ts'
import { createScreen } from '../../src/capture/screen/screening.ts'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import { readConfig } from '../../src/config/config.ts'
import { createContactEdits } from '../../src/contacts/edit.ts'
import { statement } from '../../src/database/database.ts'
import { createManualDeliveries } from '../../src/delivery/manual-deliveries.ts'
import { fanOut } from '../../src/delivery/plan/fanout.ts'
import { createReplays } from '../../src/delivery/replay.ts'
import { createTestLeadDeliveries } from '../../src/delivery/test-receiver/test-lead-deliveries.ts'
import { startDeliveryUpdates } from '../../src/delivery/updates.ts'
import { createCursors } from '../../src/events/cursor.ts'
import { startLiveEvents } from '../../src/events/live-events.ts'
import { startSignals } from '../../src/events/signals.ts'
import type { Context } from '../../src/graphql/execution/context.ts'
import { createContactEventCache } from '../../src/graphql/types/contact/contact-event-cache.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { createLog } from '../../src/platform/log.ts'
import { createCachedFacts } from '../../src/server/facts/cached-facts.ts'
import { createReadiness } from '../../src/server/readiness.ts'
import { createPendingResponses } from '../../src/server/response/pending-responses.ts'
import { createSources } from '../../src/sources/sources.ts'
import { createAccess } from '../../src/workspaces/access.ts'
import { createIdentify } from '../../src/workspaces/identify.ts'
import { createKeyFailures } from '../../src/workspaces/key-failures.ts'
import { createKeyRate } from '../../src/workspaces/key-rate-limit.ts'
import { createIsOperator } from '../../src/workspaces/operator.ts'
import { createCallers } from '../../src/workspaces/sessions/callers.ts'
import { createWorkspace, createWorkspaces } from '../../src/workspaces/workspace.ts'
import { createTestDatabase } from './test-database.ts'
import { openOwn } from './test-parts.ts'
import { testRates } from './test-rates.ts'

/** What resolvers see, over a database of its own whose statements are counted. */
export interface GraphqlContext {
  readonly context: Context
  /** How many statements the work makes; those of the readers of the log, which poll meanwhile, are not its own. */
  statementsOf(work: () => Promise<unknown>): Promise<number>
  /** Takes so many leads and owes them to as many endpoints, each of which was tried once. */
  fill(captures: number): Promise<void>
  stop(): Promise<void>
}

export async function startGraphqlContext(): Promise<GraphqlContext> {
  const counters = new AsyncLocalStorage<{ statements: number }>()
  const stopObserving = observeStatements(() => {
    const counter = counters.getStore()
    if (counter) counter.statements += 1
  })
  const own = await createTestDatabase()
  const log = createLog('silent')
  const database = await openOwn(own)
  const signals = await startSignals(database, log)
  const live = startLiveEvents(database, signals, log)
  const workspaces = createWorkspaces(database)
  const viewers = createCallers(database)
  const access = createAccess({ viewers, workspaces, announce: () => signals.notify('access') })
  const made = await createWorkspace(database, { slug: 'default', name: 'default', actor: 'system' })
  if (made.kind !== 'created') throw new Error('The workspace was there already.')
  const viewer = await viewers.authenticate(made.token)
  const rates = testRates()
  const keyFailures = createKeyFailures(rates)
  const identify = createIdentify({
    workspaces,
    viewers,
    keyFailures,
    defaultWorkspace: 'default',
    baseDomain: undefined,
  })
  const keyRate = createKeyRate(rates, null)
  const endpoints = { create: fail, update: fail, remove: fail, rotateSecret: fail }
  const ring = [{ id: 'k1', key: Buffer.alloc(32) }]
  const secretBox = createSecretBox(ring)
  const captureParts = {
    writer: createCaptureWriter(database, signals),
    screen: createScreen(createFormTokens(ring)),
    readProof: createProofsOfWork(ring).readProof,
  }
  const sources = createSources({ database, secretBox, signals })
  const deliveryUpdates = startDeliveryUpdates(database, signals, log)
  const contactEdits = createContactEdits({ database, signals, workspaces })
  const byHand = {
    manualDeliveries: createManualDeliveries(database, signals),
    testLeadDeliveries: createTestLeadDeliveries({ database, signals, secretBox }),
    replays: createReplays(database, signals),
  }
  const shared = { config: readConfig({}), database, identify, keyRate, workspaces, viewers, live, endpoints, log }
  const moderation = createModeration({ database, signals, workspaces })
  const contactErasure = { erase: fail, emailsOf: fail }
  const isOperator = createIsOperator(database, 'default')
  const cursors = createCursors({ key: Buffer.alloc(32, 1), unsealedPositions: new Map() })
  const pendingResponses = createPendingResponses()
  const parts = {
    ...shared,
    ...byHand,
    ...captureParts,
    ...sources,
    cursors,
    access,
    isOperator,
    pendingResponses,
    contactEdits,
    contactErasure,
    moderation,
    deliveryUpdates,
    facts: createCachedFacts(database),
    readiness: createReadiness(database),
  }
  const context = { ...parts, viewer, baseUrl: 'http://localhost', contactEventCache: createContactEventCache() }
  return {
    context,
    statementsOf: async (work) => {
      const counter = { statements: 0 }
      await counters.run(counter, work)
      return counter.statements
    },
    fill: async (captures) => {
      await database.query(addEndpoints, [made.workspaceId, captures])
      const workspace = await workspaces.byId(made.workspaceId)
      if (workspace === undefined) throw new Error('The workspace is not there.')
      const request = { workspace, viewer, bytes: Buffer.from(''), ...noHeaders }
      for (let nth = 0; nth < captures; nth++)
        await capture(captureParts, { ...request, body: { email: `person-${nth}@example.com` } })
      await fanOut(database, 3600)
      await database.query(addAttempts)
      for (let nth = 0; nth < captures; nth++)
        await sources.sources.create(viewer, { name: `Form ${nth}` }, { overlapHours: 'overlapHours' })
      await database.query(assignSources)
    },
    stop: async () => {
      await deliveryUpdates.stop()
      await live.stop()
      await signals.stop()
      await database.close()
      await own.drop()
      stopObserving()
    },
  }
}

const noHeaders = {
  isOverBudget: async () => false,
  idempotencyKey: undefined,
  origin: undefined,
  userAgent: undefined,
}

const addEndpoints = statement(
  'add_endpoints',
  `insert into webhook_endpoint (workspace_id, id, url, events, secret, secret_hint)
   select $1, 'wh_' || lpad(nth::text, 26, '0'), 'http://127.0.0.1/', '{*}', '', '' from generate_series(1, $2::int) nth`,
)

const addAttempts = statement(
  'add_attempts',
  `insert into attempt (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms)
   select workspace_id, replace(id, 'dlv_', 'att_'), id, 1, 'AUTOMATIC', now(), 1 from delivery`,
)

/** Each submission comes through a source of its own. */
const assignSources = statement(
  'assign_sources',
  `update submission s
   set source_id = numbered.source_id
   from (select id, row_number() over (order by id) as nth from submission) as ordered
   join (select id as source_id, row_number() over (order by id) as nth from source) as numbered using (nth)
   where s.id = ordered.id`,
)

/** Calls back at every statement from now on, but for those that open a connection or a transaction. */
function observeStatements(onStatement: () => void): () => void {
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = new Proxy(query, {
    apply: (target, client, parameters: unknown[]) => {
      if (!isAboutSession(parameters[0])) onStatement()
      return Reflect.apply(target, client, parameters)
    },
  })
  return () => {
    pg.Client.prototype.query = query
  }
}

function isAboutSession(query: unknown): boolean {
  const text = typeof query === 'string' ? query : String(Object(query).text)
  return /^(?:begin|commit|rollback|select set_config|select current_schema|listen|set|discard)/i.test(text.trim())
}

function fail(): never {
  throw new Error('Nothing is changed here.')
}
