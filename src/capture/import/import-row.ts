import type { CaptureInput } from '../read/input.ts'
import { parseCapture } from '../read/input.ts'
import type { ImportColumn } from './import-columns.ts'

/** Row of a file: its line, and a value for each column. */
export interface ImportRow {
  readonly row: number
  readonly values: readonly string[]
}

/** Settings of an import that apply to every row. */
export interface RowSettings {
  readonly columns: readonly ImportColumn[]
  /** Source of rows without one. */
  readonly source: string | undefined
  readonly stages: readonly string[]
}

/** Spreadsheets and Rex's own exports write an apostrophe before a text that would be a formula. */
const maskedFormula = /^'(?=[=+\-@\t\r])/

/** Reads a row like the body of a capture. @throws AppError `invalid_request` that names every wrong field */
export function readRow({ values }: ImportRow, { columns, source, stages }: RowSettings): CaptureInput {
  const body: Record<string, unknown> = {}
  const metadata: Record<string, string> = {}
  columns.forEach(({ field }, index) => {
    const value = (values[index] ?? '').replace(maskedFormula, '')
    if (field === 'ignore' || value.trim() === '') return
    if (field.startsWith('metadata.')) metadata[field.slice('metadata.'.length)] ??= value
    else body[field] ??= value
  })
  body['email'] ??= null
  body['source'] ??= source
  return parseCapture({ ...body, metadata }, { stages })
}
