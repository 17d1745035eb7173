import { settingsHelp } from '../config/config.ts'
import { BadSettingsError, RefusedSettingError } from '../config/setting-errors.ts'
import { EmbeddedServerError } from '../database/embedded/embedded-server-error.ts'
import { ExtensionRefusedError } from '../database/migrate.ts'

const configurationErrors = [BadSettingsError, RefusedSettingError, ExtensionRefusedError, EmbeddedServerError]

/**
 * Runs a command, or prints the settings for `--help`. A configuration error prints its message without a stack trace,
 * and the process exits with 1.
 */
export async function runCommand(command: () => Promise<void>, parameters: readonly string[]): Promise<void> {
  if (parameters.some((parameter) => parameter !== '--help')) return exitWith('Unknown argument. See --help.')
  if (parameters.length > 0)
    return console.log(`Captures leads at POST /capture and notifies dashboards and webhooks.\n\n${settingsHelp()}`)
  try {
    await command()
  } catch (error) {
    if (!(error instanceof Error) || !configurationErrors.some((kind) => error instanceof kind)) throw error
    exitWith(error.message)
  }
}

function exitWith(message: string): void {
  console.error(message)
  process.exit(1)
}
