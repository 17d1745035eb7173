import type { Command } from 'commander'
import type { Config } from '../../../config/config.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { keyPlace } from '../keys.ts'
import { settingsAction, settingsNote } from '../settings-action.ts'
import { createCopyProgress, describeTables, tablesAsJson } from '../transfer/copy-progress.ts'

/** `rex move --to URL`: copies all data to another database. */
export function addMove(program: Command, context: CommandContext): void {
  program
    .command('move')
    .description('copy everything from the database of the settings to an empty one; stop the server before')
    .requiredOption('--to <url>', 'empty PostgreSQL database: postgresql://user:password@host/name')
    .addHelpText(
      'after',
      `${settingsNote}
Counts and checksums of all tables are compared before the new database keeps anything. The old one is not changed.
${examples('rex move --to postgresql://rex:secret@db.example.com/rex')}`,
    )
    .action(
      settingsAction(context, async (config, { output }, { to }: { readonly to: string }) => {
        const { move } = await import('./move.ts')
        const progress = createCopyProgress(context, output)
        const tables = await move(config, { to, onBytes: progress.onBytes }).finally(progress.clear)
        await output.result({
          json: { tables: tablesAsJson(tables) },
          text: `Moved ${describeTables(tables)}. Counts and checksums agree.\n${nextSteps(config)}`,
        })
      }),
    )
}

function nextSteps(config: Config): string {
  const keys =
    config.encryptionKeys === undefined
      ? `REX_ENCRYPTION_KEYS to the content of ${keyPlace(config)}, which decrypts the secrets of webhooks and sources`
      : 'REX_ENCRYPTION_KEYS to what it is here'
  return `Now set DATABASE_URL to the address of --to, and ${keys}. Then start the server. The old database is unchanged.`
}
