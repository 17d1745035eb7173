import type { Database } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import { type Batcher, createBatcher } from '../../platform/batcher.ts'
import { AppError, unavailable } from '../../platform/errors.ts'
import { type CaptureRecorder, failedCaptures, recordedCaptures } from './capture-recorder.ts'
import { inBatchSpan, withCaptureSpans } from './capture-spans.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'
import { writeCaptures } from './write-captures.ts'

const maxBatch = 200
/** A batch that takes longer, such as one that waits for the lock of a contact, has another one beside it. */
const besideAfterMs = 10
const maxWaiting = 5000
/** Bytes of bodies; parsed bodies take a few times as much memory. */
const maxWaitingBytes = 32 * 1024 * 1024

export type CaptureWriter = Batcher<PreparedCapture, CaptureResult>

/** Number of captures per commit, of concurrent commits, and what records them. */
export interface WriterLimits {
  readonly maxItems: number
  readonly inFlight: number
  /** Limit of the bytes that anonymous captures of a workspace may store; undefined: no limit. */
  readonly maxBytes?: number | undefined
  readonly recorder?: CaptureRecorder | undefined
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
  const { maxItems = maxBatch, inFlight = 2, maxBytes, recorder } = limits
  const writer = createBatcher<PreparedCapture, CaptureResult>({
    ...{ maxItems, inFlight, besideAfterMs },
    maxWaiting,
    maxWaitingBytes: { max: maxWaitingBytes, of: ({ byteLength }) => byteLength },
    groupOf: ({ workspaceId }) => workspaceId,
    whenFull: unavailable,
    failsTogether: isUnavailable,
    write: async (records) => {
      const start = performance.now()
      const write = () => writeCaptures(database, records, maxBytes)
      const results = await inBatchSpan(records, write).catch((error: unknown) => {
        // A batch that failed for another reason is halved and written again.
        if (records.length === 1 || isUnavailable(error)) recorder?.recordFailure(failedCaptures(records))
        throw error
      })
      signals.notify('events')
      recorder?.recordBatch(recordedCaptures(records, results), (performance.now() - start) / 1000)
      return results
    },
  })
  return withCaptureSpans(writer)
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable'
}
