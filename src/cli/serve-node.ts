import { ProcessFailedError } from '../app/cluster/fleet.ts'
import { createNode } from '../app/cluster/node.ts'
import type { App } from '../app/startable.ts'
import type { Config } from '../config/config.ts'

/** Serves with several processes, which SIGHUP replaces one after the other. */
export async function serveNode(config: Config, processes: number, start: (node: App) => Promise<void>): Promise<void> {
  const node = createNode(config, processes)
  try {
    await start(node)
  } catch (error) {
    // The process has printed why.
    if (error instanceof ProcessFailedError) process.exit(1)
    throw error
  }
  // In a terminal the signal means that it was closed.
  if (!process.stdout.isTTY) process.on('SIGHUP', () => void node.reload())
}
