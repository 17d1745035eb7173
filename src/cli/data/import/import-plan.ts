import { createHash } from 'node:crypto'
import type { Api } from '../../api/api.ts'
import { CliError, usageError } from '../../frame/cli-error.ts'
import { batchingVersion } from './batches.ts'
import { type CsvDialect, dialectOf } from './csv-dialect.ts'
import type { CsvFile } from './csv-file.ts'
import { type CsvRow, readRows } from './csv-rows.ts'
import { errorColumns } from './errors-file.ts'
import { type ImportColumn, type ImportSettings, previewColumns } from './import-api.ts'

/** Options of an import that change what is written. */
export interface PlanOptions {
  /** Fields by the name of the column, given by hand. */
  readonly fields: ReadonlyMap<string, string>
  readonly source: string | undefined
  readonly delimiter: string | undefined
  readonly isSilent: boolean
}

/** Plan of an import: nothing is written before it is shown. */
export interface ImportPlan {
  readonly dialect: CsvDialect
  readonly settings: ImportSettings
  /** First row of data; undefined when there is none. */
  readonly sample: CsvRow | undefined
}

const sampleRows = 20

/** Reads the first rows, and lets the server choose the fields of the columns. @throws CliError */
export async function planImport(api: Api, file: CsvFile, options: PlanOptions): Promise<ImportPlan> {
  const found = dialectOf(file.head)
  const dialect = options.delimiter === undefined ? found : { ...found, delimiter: options.delimiter }
  const [head, ...rows] = await firstRows(file, dialect)
  if (head === undefined) throw new CliError('The file is empty.')
  if (head.problem !== undefined) throw new CliError(`The first line has the names of the columns: ${head.problem}.`)
  const chosen = await previewColumns(
    api,
    head.values,
    rows.map(({ values }) => values.slice(0, head.values.length).map(sampleOf)),
  )
  const columns = withGivenFields(chosen, options.fields)
  const settings = {
    columns,
    ...(options.source !== undefined && { source: options.source }),
    silent: options.isSilent,
  }
  return { dialect, sample: rows[0], settings: { ...settings, import: nameOf(file, dialect, settings) } }
}

/** Returns the beginning of a value, as a text that the server takes. */
function sampleOf(value: string): string {
  return value.slice(0, 500).replaceAll('\u0000', ' ').toWellFormed()
}

async function firstRows(file: CsvFile, dialect: CsvDialect): Promise<CsvRow[]> {
  const rows: CsvRow[] = []
  for await (const row of readRows(file, dialect)) {
    rows.push(row)
    if (rows.length > sampleRows) break
  }
  return rows
}

function withGivenFields(chosen: readonly ImportColumn[], given: ReadonlyMap<string, string>): ImportColumn[] {
  const unknown = [...given.keys()].find((name) => !chosen.some((column) => column.name === name))
  if (unknown !== undefined) throw usageError(`The file has no column ${JSON.stringify(unknown)}.`)
  const takesEmail = [...given.values()].includes('email')
  const columns = chosen.map((column) => {
    if (errorColumns.some((name) => name === column.name)) return { ...column, field: 'ignore' }
    const field = given.get(column.name)
    if (field !== undefined) return { ...column, field }
    return takesEmail && column.field === 'email' ? { ...column, field: 'ignore' } : column
  })
  if (columns.some(({ field }) => field === 'email')) return columns
  throw new CliError('No column is an e-mail address.', { hint: 'Name it: --map "Column=email".' })
}

/** Returns the name under which the server counts the batches: another file or other settings have another name. */
function nameOf(file: CsvFile, dialect: CsvDialect, settings: Omit<ImportSettings, 'import'>): string {
  const text = JSON.stringify([batchingVersion, file.hash, dialect, settings])
  return `file-${createHash('sha256').update(text).digest('base64url')}`
}
