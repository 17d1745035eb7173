import type { Config } from '../config/config.ts'
import { describeReach } from '../config/webhook-reach.ts'
import type { Database } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { openDatabase } from '../database/open.ts'
import { explainMissingRights } from '../database/role-rights.ts'
import { writeSecretFile } from '../platform/files/secret-file.ts'
import { createLog, type Log } from '../platform/log.ts'
import { createShutdownHooks } from '../platform/shutdown.ts'
import { waitAtMost } from '../platform/timeout.ts'
import { bootstrap } from '../workspaces/bootstrap.ts'
import { createSignInLink } from '../workspaces/sessions/sign-in-link.ts'
import { startApi, startHealth } from './api.ts'
import { createDomain } from './domain.ts'
import { createFoundation, type Foundation } from './foundation.ts'
import { startWorker } from './worker.ts'

/** Result of App.start(). */
export interface Started {
  /** Address it listens on, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly databaseLocation: string
  /** First API key, when this start has created it. It is shown only once. */
  readonly generatedKey: string | undefined
  /** Creates a link to the dashboard that signs in once, within a minute; undefined for a worker. */
  createSignInUrl(): Promise<string | undefined>
}

export interface App {
  /** @throws StartStoppedError when it is stopped during the start */
  start(): Promise<Started>
  /** Rejects new work, finishes current work and releases the leases of attempts. May be called during a start. */
  stop(): Promise<void>
}

/** Thrown when the app is stopped before it has started. */
export class StartStoppedError extends Error {}

/** Maximum time that a stop waits for a step of the start, such as a migration, before it closes the database. */
const startStepTimeoutMs = 5000

/** Builds the app: the composition root, the only place that constructs. */
export function createApp(config: Config, log: Log = createLog(config.logLevel)): App {
  const shutdown = createShutdownHooks(log)
  let isStopping = false
  let starting: Promise<Started> | undefined
  const throwIfStopping = () => {
    if (isStopping) throw new StartStoppedError()
  }
  const startAll = async (): Promise<Started> => {
    const database = await openDatabase(config, log)
    shutdown.add('disconnect', 'database', () => database.close())
    throwIfStopping()
    await migrate(database)
    throwIfStopping()
    const generatedKey = await explainMissingRights(database, () => createFirstKey(database, config))
    throwIfStopping()
    const url = await startRole(await createFoundation({ config, database, log, shutdown }))
    throwIfStopping()
    log.info(
      {
        url,
        database: config.databaseUrl === undefined ? 'embedded' : 'external',
        webhooks_reach: describeReach(config),
      },
      'started',
    )
    const createSignInUrl = () => signInUrl(database, config, url)
    return { url, databaseLocation: database.location, generatedKey, createSignInUrl }
  }
  const start = async (): Promise<Started> => {
    try {
      return await startAll()
    } catch (error) {
      if (isStopping) throw new StartStoppedError('It was stopped before it had started.', { cause: error })
      await shutdown.run()
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
      if (starting !== undefined) await waitAtMost(starting, startStepTimeoutMs)
      await shutdown.run()
    },
  }
}

/** Starts the parts that the role of this process needs. Returns the address it listens on. */
async function startRole(foundation: Foundation): Promise<string> {
  const { role } = foundation.config
  if (role !== 'api') startWorker(foundation)
  return role === 'worker' ? startHealth(foundation) : startApi(foundation, await createDomain(foundation))
}

/** The token is in the fragment, which no browser sends and no server logs. */
async function signInUrl(database: Database, config: Config, url: string): Promise<string | undefined> {
  if (config.role === 'worker') return undefined
  const token = await createSignInLink(database, config.defaultWorkspace)
  return token && `${config.publicUrl ?? url}/#/sign-in/${token}`
}

async function createFirstKey(database: Database, config: Config): Promise<string | undefined> {
  const { generatedKey } = await bootstrap(database, { slug: config.defaultWorkspace, configuredKey: config.apiKey })
  if (generatedKey !== undefined) writeSecretFile(config.dataDir, 'api-key', generatedKey)
  return generatedKey
}
