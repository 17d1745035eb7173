import type { Api } from '../../api/api.ts'
import { type Batch, batchesOf, type RefusedRow } from './batches.ts'
import type { CsvFile } from './csv-file.ts'
import { type CsvRow, readRows } from './csv-rows.ts'
import type { ErrorsFile } from './errors-file.ts'
import { type BatchAnswer, sendBatch } from './import-api.ts'
import type { ImportPlan } from './import-plan.ts'
import { sendBatches } from './send-batches.ts'

/** Numbers of rows by outcome. */
export interface ImportCounts {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly refused: number
  /** Rows that an earlier run had already imported, among the others. */
  readonly repeated: number
}

type Counts = { -readonly [Name in keyof ImportCounts]: number }

interface RunOptions {
  readonly errors: ErrorsFile
  readonly onProgress: (bytes: number, rows: number) => void
}

/** Imports all rows of a file. */
export async function runImport(
  api: Api,
  file: CsvFile,
  { dialect, settings }: ImportPlan,
  { errors, onProgress }: RunOptions,
): Promise<ImportCounts> {
  const counts: Counts = { created: 0, updated: 0, unchanged: 0, refused: 0, repeated: 0 }
  let rows = 0
  const batches = batchesOf(withoutHead(readRows(file, dialect)), settings.columns.length)
  await sendBatches(batches, {
    send: (batch) => sendBatch(api, settings, batch),
    emailAt: settings.columns.findIndex(({ field }) => field === 'email'),
    onAnswer: (batch, answer) => {
      count(counts, batch, answer)
      errors.add([...batch.refused, ...refusedOf(batch, answer)])
      rows += batch.rows.length + batch.refused.length
      onProgress(batch.end, rows)
    },
  })
  return counts
}

async function* withoutHead(rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow> {
  let isHead = true
  for await (const row of rows) {
    if (!isHead) yield row
    isHead = false
  }
}

function count(counts: Counts, { rows, refused }: Batch, answer: BatchAnswer | undefined): void {
  counts.refused += refused.length
  for (const outcome of answer?.outcomes ?? []) counts[outcome] += 1
  if (answer?.repeated) counts.repeated += rows.length
}

function refusedOf({ rows }: Batch, answer: BatchAnswer | undefined): RefusedRow[] {
  const byRow = new Map((answer?.refused ?? []).map(({ row, reasons }) => [row, reasons]))
  return rows.flatMap((row) => {
    const reasons = byRow.get(row.row)
    return reasons === undefined
      ? []
      : { ...row, reason: reasons.map(({ path, message }) => `${path} ${message}`).join('; ') }
  })
}
