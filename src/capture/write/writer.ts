import type { Database } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import { type Batcher, createBatcher } from '../../platform/batcher.ts'
import { AppError, unavailable } from '../../platform/errors.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'
import { writeCaptures } from './write-captures.ts'

const maxBatch = 200
const maxWaiting = 5000
/** Of bodies; parsed they take a few times as much. */
const maxWaitingBytes = 32 * 1024 * 1024

export type CaptureWriter = Batcher<PreparedCapture, CaptureResult>

/** How many captures share a commit, and how many commits are under way at a time. */
export interface WriterLimits {
  readonly maxItems: number
  readonly inFlight: number
  /** Bytes that anonymous captures of a workspace may store; left out: as many as come. */
  readonly maxBytes?: number | undefined
}

/** Writes captures in batches and wakes the readers of the log after each commit (docs/decisions/0005). */
export function createCaptureWriter(
  database: Database,
  signals: Signals,
  limits: Partial<WriterLimits> = {},
): CaptureWriter {
  const { maxItems = maxBatch, inFlight = 2, maxBytes } = limits
  return createBatcher<PreparedCapture, CaptureResult>({
    ...{ maxItems, inFlight },
    maxWaiting,
    maxWaitingBytes: { max: maxWaitingBytes, of: ({ byteLength }) => byteLength },
    whenFull: unavailable,
    failsTogether: (error) => error instanceof AppError && error.code === 'unavailable',
    write: async (records) => {
      const results = await writeCaptures(database, records, maxBytes)
      signals.notify('events')
      return results
    },
  })
}
