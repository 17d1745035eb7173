import type { Database } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import { type Batcher, createBatcher } from '../../platform/batcher.ts'
import { AppError, unavailable } from '../../platform/errors.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'
import { writeCaptures } from './write-captures.ts'

const maxBatch = 200
const maxWaiting = 5000
/** Bytes of bodies; parsed bodies take a few times as much memory. */
const maxWaitingBytes = 32 * 1024 * 1024

export type CaptureWriter = Batcher<PreparedCapture, CaptureResult>

/** Number of captures per commit, and of concurrent commits. */
export interface WriterLimits {
  readonly maxItems: number
  readonly inFlight: number
  /** Limit of the bytes that anonymous captures of a workspace may store; undefined: no limit. */
  readonly maxBytes?: number | undefined
}

/**
 * Creates the writer: it writes captures in batches and notifies the readers of the log after each commit
 * (docs/decisions/0005).
 */
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
