import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { type ClientTools, clientAction } from '../../frame/action.ts'
import { CliError } from '../../frame/cli-error.ts'
import type { CommandContext } from '../../frame/command-context.ts'
import { examples } from '../../frame/examples.ts'
import type { CsvFile } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'
import { parseMap, reportOf } from './import-report.ts'

interface ImportOptions {
  readonly map?: ReadonlyMap<string, string>
  readonly source?: string
  readonly delimiter?: string
  readonly silent?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `rex import FILE`: imports contacts from a CSV file. */
export function addImport(program: Command, context: CommandContext): void {
  program
    .command('import <file>')
    .description('import contacts from a CSV file')
    .option('--map <column=field>', 'field of a column, such as "Firma=metadata.company"; may be repeated', parseMap)
    .option('--source <name>', 'source of rows without one')
    .option('--delimiter <character>', 'separator of the file; left out: it is found')
    .option('--silent', 'do not notify webhooks of the imported contacts')
    .option('--dry-run', 'show the columns and their fields, and import nothing')
    .option('-y, --yes', 'do not ask; without a terminal nothing is asked anyway')
    .addHelpText('after', help)
    .action(clientAction(context, importFile))
}

const help = `
The first line has the names of the columns. Fields are email, first_name, last_name, full_name, source, stage,
metadata.<key> and ignore; they are chosen by the names of the columns, in many languages. UTF-8, UTF-16 and
Windows-1252 are read, with commas, semicolons, tabs or bars.

Run it again after an interruption: within a day, rows that are imported are not written again. Rows that are refused
are written to <file>.errors.csv in this folder, with the reason; mend them there and import that file.
${examples('rex import leads.csv', 'rex import leads.csv --map "Kundennummer=metadata.customer_id" --source trade-fair')}`

async function importFile(tools: ClientTools, name: string, options: ImportOptions): Promise<void> {
  const { context, output, api } = tools
  const { openCsvFile } = await import('./csv-file.ts')
  const { planImport } = await import('./import-plan.ts')
  const file = await openCsvFile(resolve(context.folder, name), name)
  try {
    const plan = await planImport(api, file, {
      fields: options.map ?? new Map(),
      source: options.source,
      delimiter: options.delimiter === '\\t' ? '\t' : options.delimiter,
      isSilent: options.silent ?? false,
    })
    if (options.dryRun)
      return await output.result({ json: { columns: plan.settings.columns }, text: reportOf(name, file, plan) })
    output.note(reportOf(name, file, plan))
    if (!options.yes && !(await isConfirmed(tools))) throw new CliError('Nothing was imported.')
    await importRows(tools, { name, file, plan })
  } finally {
    await file.close()
  }
}

/** Asks on a terminal; without one the answer is yes. */
async function isConfirmed({ context: { stdin, stderr }, output: { mode } }: ClientTools): Promise<boolean> {
  if (stdin.isTTY !== true || stderr.isTTY !== true || mode !== 'text') return true
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return /^(?:y|yes|)$/i.test((await lines.question('Import? [Y/n] ')).trim())
  } finally {
    lines.close()
  }
}

interface Given {
  readonly name: string
  readonly file: CsvFile
  readonly plan: ImportPlan
}

async function importRows({ context, output, api }: ClientTools, { name, file, plan }: Given): Promise<void> {
  const { createErrorsFile } = await import('./errors-file.ts')
  const { createImportProgress } = await import('./import-progress.ts')
  const { runImport } = await import('./run-import.ts')
  const errorsName = `${basename(name)}.errors.csv`
  const columns = plan.settings.columns.map((column) => column.name)
  const errors = createErrorsFile(resolve(context.folder, errorsName), columns, plan.dialect.delimiter)
  const progress = createImportProgress(context, output, file.bytes)
  const startedAt = Date.now()
  const counts = await runImport(api, file, plan, { errors, onProgress: progress.update }).finally(progress.stop)
  await errors.close()
  const seconds = (Date.now() - startedAt) / 1000
  const rows = counts.created + counts.updated + counts.unchanged + counts.refused
  const { created, updated, unchanged, refused, repeated } = counts
  await output.result({
    json: { rows, ...counts, seconds, errors: refused > 0 ? errorsName : null },
    text: [
      `${rows} rows in ${seconds.toFixed(1)} s: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused.`,
      ...(repeated > 0 ? [`${repeated} of them were imported before, and are not written again.`] : []),
      ...(refused > 0 ? [`Refused rows and their reasons are in ${errorsName}.`] : []),
    ].join('\n'),
  })
}
