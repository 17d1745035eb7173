import type { Config } from '../../config/config.ts'
import { connectPostgresql } from '../../database/postgresql.ts'
import { sharedStdout } from '../../platform/log.ts'
import { createAppOfNode } from '../app.ts'
import { createAppLog } from '../app-log.ts'
import { linkToPrimary } from './primary-link.ts'

/** One of the processes that serve on this node. */
interface NodeProcess {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Builds the process that the primary has forked. It ends with the primary.
 * @param onStop called when the primary ends this process
 */
export async function createNodeProcess(
  config: Config,
  onStop: (stop: () => Promise<void>) => void,
): Promise<NodeProcess> {
  const link = linkToPrimary()
  const { database, poolSize } = await link.askToStart()
  const log = createAppLog(config, sharedStdout())
  const app = createAppOfNode(config, log, {
    openDatabase: (appLog) => ({
      ...connectPostgresql(database, appLog, poolSize),
      ...database,
      location: 'the database of the primary',
    }),
    peers: link.peers,
  })
  const ending = (stop: () => Promise<void>) => async () => {
    await stop()
    await link.reportEnd()
  }
  link.onStop((how) => onStop(ending(how === 'stop' ? app.stop : app.handOver)))
  return {
    start: async () => link.reportServing((await app.start()).url),
    stop: ending(app.stop),
  }
}
