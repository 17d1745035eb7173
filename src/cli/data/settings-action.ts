import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { action, type Tools } from '../frame/action.ts'
import { CliError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'

/** Note of commands that use the database directly. */
export const settingsNote = '\nIt uses the settings of the server: see `rex serve --help`.\n'

/** Returns an action with the settings of the server; a wrong setting is an error of one line. */
export function settingsAction<Parameters extends readonly unknown[]>(
  context: CommandContext,
  run: (config: Config, tools: Tools, ...parameters: Parameters) => Promise<void>,
): (this: Command, ...parameters: Parameters) => Promise<void> {
  return action(context, async (tools, ...parameters: Parameters) => {
    const { readConfig } = await import('../../config/config.ts')
    const { isConfigurationError } = await import('../run.ts')
    try {
      await run(readConfig(), tools, ...parameters)
    } catch (error) {
      if (!isConfigurationError(error)) throw error
      throw new CliError(error.message, { cause: error })
    }
  })
}
