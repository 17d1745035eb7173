import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../../config/config.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import { keyPlace } from '../keys.ts'
import { settingsAction, settingsNote } from '../settings-action.ts'
import { createCopyProgress, describeTables, sizeOf, tablesAsJson } from '../transfer/copy-progress.ts'

interface BackupOptions {
  readonly includeKeys?: boolean
}

/** `rex backup FILE`: writes all data to a file. */
export function addBackup(program: Command, context: CommandContext): void {
  program
    .command('backup <file>')
    .description('write everything in the database to one file, also while the server runs')
    .option('--include-keys', 'also write the keys that encrypt secrets: whoever has the file can then read them')
    .addHelpText(
      'after',
      `${settingsNote}
The file is complete or absent: it gets its name at the end, and replaces a file of this name. Secrets of webhooks and
sources stay encrypted in it, so keep REX_ENCRYPTION_KEYS, or encryption-keys of the data folder, as well.
${examples('rex backup rex.backup', 'DATABASE_URL=postgresql://db.example.com/rex rex backup /backups/rex.backup')}`,
    )
    .action(
      settingsAction(context, async (config, { output }, name: string, { includeKeys = false }: BackupOptions) => {
        const { backup } = await import('./backup.ts')
        const progress = createCopyProgress(context, output)
        const file = resolve(context.folder, name)
        const signal = context.interruption()
        const options = { file, includesKeys: includeKeys, signal, onBytes: progress.onBytes }
        const { bytes, tables } = await backup(config, options)
          .catch((error: unknown) => {
            throw failureOf(error, name, signal)
          })
          .finally(progress.clear)
        await output.result({
          json: { file, bytes, includesKeys: includeKeys, tables: tablesAsJson(tables) },
          ids: [file],
          text: `Wrote ${name} (${sizeOf(bytes)}): ${describeTables(tables)}.\n${noteOnKeys(config, includeKeys)}`,
        })
      }),
    )
}

function noteOnKeys(config: Config, isIncluded: boolean): string {
  return isIncluded
    ? 'The keys are in the file: keep it as secret as a password.'
    : `The keys are not in the file. Keep ${keyPlace(config)} too: without it the secrets of webhooks and sources are lost.`
}

function failureOf(error: unknown, name: string, signal: AbortSignal): unknown {
  if (signal.aborted) return new CliError('Stopped. No file was written.', { cause: error })
  const code = error instanceof Error && 'code' in error && 'syscall' in error ? error.code : undefined
  return code === undefined ? error : new CliError(`${name} cannot be written (${code}).`, { cause: error })
}
