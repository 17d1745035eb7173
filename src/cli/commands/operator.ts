import type { Command } from 'commander'
import { action } from '../frame/action.ts'
import { CliError } from '../frame/cli-error.ts'
import type { CommandContext } from '../frame/command-context.ts'
import { examples } from '../frame/examples.ts'
import type { Result } from '../output/output.ts'

/** `rex serve`, for the help alone: `rex.ts` starts the server before it loads this frame. */
export function addServe(program: Command, _context: CommandContext): void {
  program
    .command('serve')
    .description('run the service; `rex serve --help` lists its settings')
    .addHelpText('after', examples('rex serve', 'PORT=8080 DATABASE_URL=postgresql://db.example.com/rex rex serve'))
}

/** `rex migrate`: migrates the database of the settings. */
export function addMigrate(program: Command, context: CommandContext): void {
  program
    .command('migrate')
    .description('migrate the database to this version')
    .addHelpText(
      'after',
      settingsNote + examples('rex migrate', 'DATABASE_URL=postgresql://db.example.com/rex rex migrate'),
    )
    .action(operatorAction(context, async () => (await import('../migrate.ts')).runMigrations()))
}

/** `rex reencrypt`: encrypts all secrets with the first key of the settings. */
export function addReencrypt(program: Command, context: CommandContext): void {
  program
    .command('reencrypt')
    .description('encrypt the secrets of webhooks and sources with the first of REX_ENCRYPTION_KEYS')
    .addHelpText('after', settingsNote + examples('rex reencrypt'))
    .action(operatorAction(context, async () => (await import('../reencrypt.ts')).reencrypt()))
}

/** `rex import-embedded`: imports the embedded database of Rex 0.1. */
export function addImportEmbedded(program: Command, context: CommandContext): void {
  program
    .command('import-embedded')
    .description('import the embedded database of Rex 0.1')
    .addHelpText('after', settingsNote + examples('rex import-embedded'))
    .action(operatorAction(context, async () => (await import('../import-embedded.ts')).importEmbedded()))
}

const settingsNote = '\nIt uses the settings of the server: see `rex serve --help`.\n'

/** Returns an action that prints the result of an operator's command, and a wrong setting in one line. */
function operatorAction(context: CommandContext, run: () => Promise<Result>) {
  return action(context, async ({ output }) => {
    const { isConfigurationError } = await import('../run.ts')
    try {
      await output.result(await run())
    } catch (error) {
      if (!isConfigurationError(error)) throw error
      throw new CliError(error.message, { cause: error })
    }
  })
}
