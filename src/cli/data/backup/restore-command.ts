import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { keyPlace } from '../keys.ts'
import { settingsAction, settingsNote } from '../settings-action.ts'
import { createCopyProgress, describeTables, tablesAsJson } from '../transfer/copy-progress.ts'

/** `rex restore FILE`: writes a backup into an empty database. */
export function addRestore(program: Command, context: CommandContext): void {
  program
    .command('restore <file>')
    .description('write a backup into the database of the settings, which must be empty')
    .addHelpText(
      'after',
      `${settingsNote}
The whole file is checked before anything is written. All rows are written in one transaction, and their counts and
checksums compared. The server must not have been started on the database before.
${examples('REX_DATA_DIR=.rex-new rex restore rex.backup', 'DATABASE_URL=postgresql://db.example.com/rex rex restore rex.backup')}`,
    )
    .action(
      settingsAction(context, async (config, { output }, name: string) => {
        const { restore } = await import('./restore.ts')
        const progress = createCopyProgress(context, output)
        const file = resolve(context.folder, name)
        const restored = await restore(config, { file, onBytes: progress.onBytes }).finally(progress.clear)
        const { tables, createdAt, missingKeys, storedKeys } = restored
        const stored = `The keys of the backup are in ${keyPlace(config)}.`
        await output.result({
          json: { file, createdAt, storedKeys, missingKeys, tables: tablesAsJson(tables) },
          text: [
            `Restored ${name} of ${createdAt}: ${describeTables(tables)}. Counts and checksums agree.`,
            ...(storedKeys ? [stored] : []),
            ...(missingKeys.length > 0 ? [noteOnMissing(missingKeys)] : []),
          ].join('\n'),
        })
      }),
    )
}

function noteOnMissing(ids: readonly string[]): string {
  return (
    `Its secrets are encrypted with keys that are not here (${ids.join(', ')}). Before you start the server, set ` +
    'REX_ENCRYPTION_KEYS to the keys of the old one, or copy its file encryption-keys into the data folder.'
  )
}
