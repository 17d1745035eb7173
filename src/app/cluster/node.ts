import type { Config } from '../../config/config.ts'
import { encryptionKeysOf } from '../../config/key-ring.ts'
import { openDatabase } from '../../database/open.ts'
import { type Log, sharedStdout } from '../../platform/log.ts'
import { createShutdownHooks } from '../../platform/shutdown.ts'
import { keepTimesMs } from '../../workspaces/replica-reads.ts'
import { createAppLog } from '../app-log.ts'
import { noteAddress } from '../start/address-note.ts'
import { prepareDatabase } from '../start/prepare-database.ts'
import { signInUrl } from '../start/sign-in-url.ts'
import { logStarted } from '../start/start-log.ts'
import { type App, createStartable, type Started } from '../startable.ts'
import { createDesk } from './desk.ts'
import { createFleet } from './fleet.ts'
import { poolSizeOf } from './process-count.ts'

/** Time in which a process that stops has exited, without the announcement. */
const exitWithinMs = 23_000

/** Several processes on one port, with the primary that starts them. */
interface Node extends App {
  /** Replaces all processes, one after the other, without refusing anything. */
  reload(): Promise<void>
}

/**
 * Builds the primary. It owns the embedded database, the migrations and the port, and counts what the processes share.
 * It serves nothing itself.
 */
export function createNode(config: Config, processes: number, log: Log = createAppLog(config, sharedStdout())): Node {
  const shutdown = createShutdownHooks(log)
  const stopWithinMs = config.drainMs + exitWithinMs
  const desk = createDesk(keepTimesMs(config.replicaMaxLagMs))
  const { send, setAllServe: onChange } = desk
  const fleet = createFleet({ size: processes, log, stopWithinMs, send, onChange })
  const startable = createStartable(shutdown, async (throwIfStopping): Promise<Started> => {
    const database = await openDatabase(config, log)
    shutdown.add('disconnect', 'database', () => database.close())
    throwIfStopping()
    const generatedKey = await prepareDatabase(database, config, log)
    encryptionKeysOf(config)
    throwIfStopping()
    shutdown.add('finish', 'processes', () => fleet.stop(), stopWithinMs + 1000)
    const { url: databaseUrl, directUrl } = database
    desk.open({ database: { url: databaseUrl, directUrl }, poolSize: poolSizeOf(processes) }, fleet.markServing)
    const url = await fleet.start()
    throwIfStopping()
    noteAddress(config, url, shutdown)
    logStarted(log, config, url, processes)
    const createSignInUrl = () => signInUrl(database, config, url)
    return { url, databaseLocation: database.location, generatedKey, createSignInUrl }
  })
  const reload = async () => {
    await fleet.reload().then(
      () => log.info('reloaded'),
      () => log.error('reload.failed'),
    )
  }
  return { start: startable.start, stop: startable.stop, reload }
}
