import { settingsHelp } from '../config/config.ts'
import { BadSettingsError, RefusedSettingError, TakenPortError } from '../config/setting-errors.ts'
import { EmbeddedServerError } from '../database/embedded/embedded-server-error.ts'
import { ExtensionRefusedError } from '../database/migrate.ts'

const configurationErrors = [
  BadSettingsError,
  RefusedSettingError,
  TakenPortError,
  ExtensionRefusedError,
  EmbeddedServerError,
]

/** Tells whether an error is one of the settings, whose message says all that a person needs. */
export function isConfigurationError(error: unknown): error is Error {
  return configurationErrors.some((kind) => error instanceof kind)
}

/**
 * Runs the service, or prints its settings for `--help`. A configuration error prints its message without a stack trace,
 * and the process exits with 1; with 2 for an argument that is unknown.
 */
export async function runService(serve: () => Promise<void>, parameters: readonly string[]): Promise<void> {
  if (parameters.some((parameter) => parameter !== '--help')) return exitWith('Unknown argument. See --help.', 2)
  if (parameters.length > 0) return console.log(help())
  try {
    await serve()
  } catch (error) {
    if (!isConfigurationError(error)) throw error
    exitWith(error.message, 1)
  }
}

function help(): string {
  return [
    'Captures leads at POST /capture and notifies dashboards and webhooks.',
    settingsHelp(),
    'Examples:\n  $ rex serve\n  $ PORT=8080 DATABASE_URL=postgresql://db.example.com/rex rex serve',
  ].join('\n\n')
}

function exitWith(message: string, code: number): void {
  console.error(message)
  process.exit(code)
}
