import { usageError } from '../../frame/cli-error.ts'
import { printable } from '../../output/printable.ts'
import { sizeOf } from '../transfer/copy-progress.ts'
import { nameOfDelimiter } from './csv-dialect.ts'
import type { CsvFile } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'

const sampleLength = 40

/** Describes what an import is going to write. */
export function reportOf(name: string, file: CsvFile, { dialect, settings, sample }: ImportPlan): string {
  const { columns } = settings
  const width = Math.min(30, Math.max(...columns.map((column) => column.name.length)))
  const lines = columns.map((column, index) => {
    const value = (sample?.values[index] ?? '').slice(0, sampleLength)
    const field = column.field === 'ignore' ? '(left out)' : column.field
    return `  ${printable(column.name).padEnd(width)}  ->  ${field.padEnd(24)}  ${printable(value)}`.trimEnd()
  })
  const form = `${file.encoding}, separated by ${nameOfDelimiter(dialect.delimiter)}, ${sizeOf(file.bytes)}`
  return [`${name}: ${form}. Columns, fields and the first row:`, ...lines].join('\n')
}

/** Parses `Column=field`. */
export function parseMap(given: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const at = given.lastIndexOf('=')
  if (at < 1) throw usageError('--map expects Column=field, such as "E-Mail=email".')
  return new Map([...before, [given.slice(0, at), given.slice(at + 1).trim()]])
}
