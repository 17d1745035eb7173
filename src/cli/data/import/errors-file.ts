import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { stringify } from 'csv-stringify/sync'
import type { RefusedRow } from './batches.ts'

/** Columns that the errors file has before those of the file; an import leaves them out. */
export const errorColumns = ['rex_line', 'rex_reason'] as const

/** File with the refused rows; it exists only when there are any, and gets its name at the end. */
export interface ErrorsFile {
  add(rows: readonly RefusedRow[]): void
  readonly count: number
  close(): Promise<void>
}

/** Creates the file beside others of the folder. A text that a spreadsheet would run begins with an apostrophe in it. */
export function createErrorsFile(path: string, columns: readonly string[], delimiter: string): ErrorsFile {
  const draft = `${path}.${process.pid}.partial`
  let [count, stream]: [number, WriteStream | undefined] = [0, undefined]
  const lineOf = (values: readonly string[]) => stringify([[...values]], { delimiter, escape_formulas: true })
  return {
    get count() {
      return count
    },
    add: (rows) => {
      if (rows.length === 0) return
      count += rows.length
      stream ??= createWriteStream(draft, { mode: 0o600 })
      if (count === rows.length) stream.write(`\uFEFF${lineOf([...errorColumns, ...columns])}`)
      for (const { row, reason, values } of rows) stream.write(lineOf([String(row), reason, ...values]))
    },
    close: async () => {
      if (stream === undefined) return rm(path, { force: true })
      await finished(stream.end())
      await rename(draft, path)
    },
  }
}
