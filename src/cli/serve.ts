import { createApp, type Started, StartStoppedError } from '../app/app.ts'
import { type Config, readConfig } from '../config/config.ts'
import { describeReach } from '../config/webhook-reach.ts'
import type { StopSignals } from './stop-signals.ts'

/** `rex serve`: starts the service, prints how to use it, and stops on a signal. */
export async function serve(signals: StopSignals): Promise<void> {
  const config = readConfig()
  const app = createApp(config)
  signals.stopFirst(app.stop)
  try {
    const started = await app.start()
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
