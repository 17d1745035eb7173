import { createNodeProcess } from '../app/cluster/node-process.ts'
import { StartStoppedError } from '../app/startable.ts'
import type { Config } from '../config/config.ts'
import { releaseStartMemory } from './release-memory.ts'
import type { StopSignals } from './stop-signals.ts'

/** Serves as one of several processes, until the primary or a signal stops it. */
export async function serveInNode(signals: StopSignals, config: Config): Promise<void> {
  // It is meant for the primary, and may reach the whole process group.
  if (!process.stdout.isTTY) process.on('SIGHUP', () => {})
  const node = await createNodeProcess(config, (stop) => {
    signals.stopFirst(stop, config.drainMs)
    signals.end()
  })
  signals.stopFirst(node.stop, config.drainMs)
  try {
    await node.start()
    releaseStartMemory()
  } catch (error) {
    if (!(error instanceof StartStoppedError)) throw error
  }
}
