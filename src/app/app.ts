import type { Config } from '../config/config.ts'
import { type OpenedDatabase, openDatabase } from '../database/open.ts'
import type { Log } from '../platform/log.ts'
import type { Peers } from '../platform/peers.ts'
import { createShutdownHooks } from '../platform/shutdown.ts'
import { startApi, startHealth } from './api.ts'
import { createAppLog } from './app-log.ts'
import { createDomain } from './domain.ts'
import { createFoundation, type Foundation } from './foundation.ts'
import { noteAddress } from './start/address-note.ts'
import { prepareDatabase } from './start/prepare-database.ts'
import { signInUrl } from './start/sign-in-url.ts'
import { logStarted } from './start/start-log.ts'
import { type App, createStartable, type Started } from './startable.ts'
import { startTracing } from './tracing/start-tracing.ts'
import { startWorker } from './worker.ts'

/** Parts that the primary provides for a process that is one of several. */
interface NodePlace {
  openDatabase(log: Log): OpenedDatabase
  readonly peers: Peers
}

/** Builds the app: the composition root, the only place that constructs. */
export function createApp(config: Config, log: Log = createAppLog(config)): App {
  const shutdown = createShutdownHooks(log)
  return createStartable(shutdown, async (throwIfStopping): Promise<Started> => {
    await startTracing(config, { log, shutdown })
    const database = await openDatabase(config, log)
    shutdown.add('disconnect', 'database', () => database.close())
    throwIfStopping()
    const generatedKey = await prepareDatabase(database, config, log)
    throwIfStopping()
    const url = await startRole(await createFoundation({ config, database, log, shutdown, peers: undefined }))
    throwIfStopping()
    noteAddress(config, url, shutdown)
    logStarted(log, config, url)
    const createSignInUrl = () => signInUrl(database, config, url)
    return { url, databaseLocation: database.location, generatedKey, createSignInUrl }
  })
}

/** Builds the app of one of several processes. The primary has prepared the database. */
export function createAppOfNode(config: Config, log: Log, { openDatabase: open, peers }: NodePlace) {
  const shutdown = createShutdownHooks(log)
  return createStartable(shutdown, async (throwIfStopping): Promise<Started> => {
    throwIfStopping()
    await startTracing(config, { log, shutdown })
    const database = open(log)
    shutdown.add('disconnect', 'database', () => database.close())
    const url = await startRole(await createFoundation({ config, database, log, shutdown, peers }))
    throwIfStopping()
    return { url, databaseLocation: database.location, generatedKey: undefined, createSignInUrl: async () => undefined }
  })
}

/** Starts the parts that the role of this process needs. Returns the address it listens on. */
async function startRole(foundation: Foundation): Promise<string> {
  const { role } = foundation.config
  if (role !== 'api') startWorker(foundation)
  return role === 'worker' ? startHealth(foundation) : startApi(foundation, await createDomain(foundation))
}
