import { createApp, type Started } from '../app.ts'
import { type Config, readConfig } from '../config.ts'

const exitWithinMs = 25_000

/** `rex serve`: starts, says how to use it, and stops on SIGTERM or SIGINT. */
export async function serve(): Promise<void> {
  const config = readConfig()
  const app = createApp(config)
  const started = await app.start()
  console.log(welcome(started, config))
  stopOnSignal(app.stop)
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false
  const end = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), exitWithinMs).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** What a person who has just started it needs; the log's JSON lines come on the same stream. */
function welcome({ url, databaseKind, generatedKey }: Started, config: Config): string {
  const database =
    databaseKind === 'embedded'
      ? `embedded PostgreSQL in ${config.dataDir} (survives a killed process, not a power cut; DATABASE_URL for more)`
      : 'PostgreSQL'
  return [
    '',
    `Rex listens on ${url}`,
    `Database: ${database}`,
    ...(generatedKey === undefined
      ? []
      : [`API key (ADMIN, shown this once, kept in ${config.dataDir}/api-key): ${generatedKey}`]),
    '',
    'Send a lead:',
    `  curl -X POST ${url}/capture -H 'Content-Type: application/json' \\`,
    `    -d '{"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "source": "organic"}'`,
    '',
  ].join('\n')
}
