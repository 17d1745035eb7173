import { BadSettingsError, RefusedSettingError, settingsHelp } from '../config/config.ts'
import { EmbeddedServerError } from '../database/embedded/embedded-server-error.ts'
import { ExtensionRefusedError } from '../database/migrate.ts'

const told = [BadSettingsError, RefusedSettingError, ExtensionRefusedError, EmbeddedServerError]

/**
 * Runs a command, or tells what there is to be set; what whoever started it can set right is told in its own words, and
 * the process exits 1.
 */
export async function runCommand(command: () => Promise<void>, parameters: readonly string[]): Promise<void> {
  if (parameters.some((parameter) => parameter !== '--help'))
    return exitWith('Unknown argument. --help shows what there is.')
  if (parameters.length > 0)
    return console.log(`Takes leads at POST /capture and tells dashboards and webhooks.\n\n${settingsHelp()}`)
  try {
    await command()
  } catch (error) {
    if (!(error instanceof Error) || !told.some((kind) => error instanceof kind)) throw error
    exitWith(error.message)
  }
}

function exitWith(message: string): void {
  console.error(message)
  process.exit(1)
}
