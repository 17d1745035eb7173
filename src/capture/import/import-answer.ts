import { z } from 'zod'

const rowOutcome = z.enum(['created', 'updated', 'unchanged', 'refused'])
export type RowOutcome = z.infer<typeof rowOutcome>

const refusedRow = z.object({
  row: z.int(),
  reasons: z.array(z.object({ path: z.string(), message: z.string() })),
})
export type RefusedRow = z.infer<typeof refusedRow>

/** Answer to a batch. It holds no values of rows: it is stored for a day. */
export const importAnswer = z.object({
  /** Outcome of each row, in order. */
  outcomes: z.array(rowOutcome),
  refused: z.array(refusedRow),
})

export type ImportAnswer = z.infer<typeof importAnswer> & {
  /** Whether it is the stored answer to an earlier request. */
  readonly isRepeated?: boolean
}

/** Parses a stored answer. */
export function parseAnswer(stored: unknown): ImportAnswer {
  return importAnswer.parse(stored)
}
