import type { CsvRow } from './csv-rows.ts'

/** Row as the server takes it. */
interface SentRow {
  readonly row: number
  readonly values: readonly string[]
}

/** Row that is not imported, with its values for the errors file. */
export interface RefusedRow extends SentRow {
  readonly reason: string
}

/** Rows of one request, and those before them that the server would not take. */
export interface Batch {
  readonly number: number
  readonly rows: readonly SentRow[]
  readonly refused: readonly RefusedRow[]
  /** Position in the file after the last row. */
  readonly end: number
}

/** Batches are counted by the server under the name of the import: other limits need another name. */
export const batchingVersion = 1
const maxRows = 500
const maxBytes = 1_000_000
const maxRowBytes = 64 * 1024
/** Part of a long value that the errors file shows. */
const shownLength = 1000

/** Groups rows into batches, always the same ones for the same file. */
export async function* batchesOf(rows: AsyncIterable<CsvRow>, columns: number): AsyncGenerator<Batch> {
  let [number, bytes, end] = [0, 0, 0]
  let [sent, refused]: [SentRow[], RefusedRow[]] = [[], []]
  const take = (): Batch => {
    const batch = { number, rows: sent, refused, end }
    number += 1
    bytes = 0
    sent = []
    refused = []
    return batch
  }
  for await (const row of rows) {
    const reason = row.problem ?? problemOf(row.values, columns)
    const size = row.values.reduce((sum, value) => sum + value.length + 3, 20)
    if (reason === undefined && sent.length > 0 && bytes + size > maxBytes) yield take()
    end = row.end
    if (reason === undefined) {
      sent.push({ row: row.line, values: row.values })
      bytes += size
    } else refused.push({ row: row.line, values: row.values.map((value) => value.slice(0, shownLength)), reason })
    if (sent.length === maxRows || refused.length === maxRows) yield take()
  }
  if (sent.length + refused.length > 0) yield take()
}

function problemOf(values: readonly string[], columns: number): string | undefined {
  if (values.length > columns) return `the row has ${values.length} fields, and the first line ${columns}`
  if (values.reduce((sum, value) => sum + Buffer.byteLength(value), 0) > maxRowBytes) return 'the row is over 64 KiB'
  if (values.some((value) => value.includes('\u0000'))) return 'the row holds a NUL character'
  return undefined
}
