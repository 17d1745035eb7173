import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import type { Api } from '../../api/api.ts'
import { CliError } from '../../frame/cli-error.ts'
import { exitCodes } from '../../frame/exit-codes.ts'
import type { Batch } from './batches.ts'

const column = z.object({ name: z.string(), field: z.string() })
const preview = z.object({ columns: z.array(column) })
const answer = z.object({
  outcomes: z.array(z.enum(['created', 'updated', 'unchanged', 'refused'])),
  refused: z.array(
    z.object({ row: z.number(), reasons: z.array(z.object({ path: z.string(), message: z.string() })) }),
  ),
  repeated: z.boolean(),
})

export type ImportColumn = z.infer<typeof column>
export type BatchAnswer = z.infer<typeof answer>

/** Settings of an import that every request repeats. */
export interface ImportSettings {
  readonly import: string
  readonly columns: readonly ImportColumn[]
  readonly source?: string
  readonly silent: boolean
}

/** A server that restarts is back within this time; the batch is then sent again, and never written twice. */
const retryMs = 60_000
const firstPauseMs = 200
const longestPauseMs = 3000

/** Lets the server choose the fields of the columns. */
export async function previewColumns(api: Api, columns: readonly string[], rows: readonly (readonly string[])[]) {
  return preview.parse(await api.post('/contacts/import/preview', { columns, rows })).columns
}

/** Sends a batch until the server has answered. @throws CliError */
export async function sendBatch(api: Api, settings: ImportSettings, { number, rows }: Batch): Promise<BatchAnswer> {
  const deadline = Date.now() + retryMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return answer.parse(await api.post('/contacts/import', { ...settings, batch: number, rows }))
    } catch (error) {
      if (!isTemporary(error) || Date.now() > deadline) throw error
      await setTimeout(pauseMs)
    }
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof CliError && error.exitCode === exitCodes.unavailable
}
