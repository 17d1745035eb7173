import type { Settled } from '../../platform/batcher.ts'
import { AppError } from '../../platform/errors.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'

/** Ends of a capture that reached the writer: `repeated` for a request that was captured before. */
export const captureEnds = [
  'created',
  'updated',
  'unchanged',
  'held',
  'spam',
  'ignored',
  'repeated',
  'refused',
  'failed',
] as const

type CaptureEnd = (typeof captureEnds)[number]

/** Records what the writer does, for metrics. It is called once per batch, not per capture. */
export interface CaptureRecorder {
  /** Records a batch that was committed, with the time from its first statement to its commit. */
  recordBatch(captures: readonly RecordedCapture[], seconds: number): void
  /** Records captures that were not written, because the database was unavailable or a bug stopped them. */
  recordFailure(captures: readonly RecordedCapture[]): void
}

/** Capture without data of a person. */
export interface RecordedCapture {
  readonly outcome: CaptureEnd
  /** Kind of its source in lower case; `none` for a capture that came through none. */
  readonly sourceKind: string
}

/** Describes the captures of a committed batch. */
export function recordedCaptures(
  records: readonly PreparedCapture[],
  results: readonly Settled<CaptureResult>[],
): RecordedCapture[] {
  return records.map((record, index) => ({ outcome: endOf(results[index]), sourceKind: sourceKindOf(record) }))
}

/** Describes captures that were not written. */
export function failedCaptures(records: readonly PreparedCapture[]): RecordedCapture[] {
  return records.map((record) => ({ outcome: 'failed', sourceKind: sourceKindOf(record) }))
}

function endOf(result: Settled<CaptureResult> | undefined): CaptureEnd {
  if (result === undefined) return 'failed'
  if (!result.ok) return result.error instanceof AppError ? 'refused' : 'failed'
  const { status, outcome } = result.value
  if (status === null) return 'repeated'
  return ends[status === 'ACCEPTED' && outcome !== null ? outcome : status]
}

const ends = {
  CREATED: 'created',
  UPDATED: 'updated',
  UNCHANGED: 'unchanged',
  // An accepted capture has an outcome.
  ACCEPTED: 'unchanged',
  HELD: 'held',
  SPAM: 'spam',
  IGNORED: 'ignored',
} as const

function sourceKindOf({ inbound }: PreparedCapture): string {
  return inbound === null ? 'none' : inbound.kind.toLowerCase()
}
