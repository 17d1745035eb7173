import cluster from 'node:cluster'
import { processCountOf } from '../app/cluster/process-count.ts'
import { type App, type Started, StartStoppedError } from '../app/startable.ts'
import { type Config, readConfig } from '../config/config.ts'
import { describeReach } from '../config/webhook-reach.ts'
import { releaseStartMemory } from './release-memory.ts'
import type { StopSignals } from './stop-signals.ts'

/** `rex serve`: starts the service, prints how to use it, and stops on a signal. */
export async function serve(signals: StopSignals): Promise<void> {
  const config = readConfig()
  if (cluster.isWorker) return (await import('./serve-in-node.ts')).serveInNode(signals, config)
  const processes = processCountOf(config)
  const startNode = (node: App) => startAndWelcome(node, signals, config)
  if (processes > 1) return (await import('./serve-node.ts')).serveNode(config, processes, startNode)
  // Loaded only here: the primary of several processes serves nothing.
  const { createApp } = await import('../app/app.ts')
  await startAndWelcome(createApp(config), signals, config)
}

/** Starts the service and prints how to use it. */
async function startAndWelcome(app: App, signals: StopSignals, config: Config): Promise<void> {
  signals.stopFirst(app.stop, config.drainMs)
  try {
    const started = await app.start()
    releaseStartMemory()
    console.log(welcome(started, config, await signInUrlFor(started, config)))
  } catch (error) {
    // The signal handler that stopped it exits the process.
    if (!(error instanceof StartStoppedError)) throw error
  }
}

/** Returns the link that signs in; in production, where logs are collected, only for a terminal. */
async function signInUrlFor({ createSignInUrl }: Started, { isProduction }: Config): Promise<string | undefined> {
  return isProduction && !process.stdout.isTTY ? undefined : createSignInUrl()
}

/** Returns the welcome text for the person who starts it; the log's JSON lines use the same stream. */
function welcome({ url, databaseLocation, generatedKey }: Started, config: Config, signInUrl?: string): string {
  return [
    '',
    `Rex listens on ${url}`,
    `Database: ${databaseLocation}`,
    `Webhooks reach: ${describeReach(config)}`,
    ...(generatedKey === undefined
      ? []
      : [`API key (ADMIN, shown only once, kept in ${config.dataDir}/api-key): ${generatedKey}`]),
    ...(signInUrl === undefined ? [] : ['', 'Open the dashboard (works once, within 60 seconds):', `  ${signInUrl}`]),
    '',
    'Send a lead:',
    `  curl -X POST ${url}/capture -H 'Content-Type: application/json' \\`,
    `    -d '{"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "source": "organic"}'`,
    '',
  ].join('\n')
}
