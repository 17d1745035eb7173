import type { AttemptResult } from '../attempt/attempt.ts'
import type { ClaimedDelivery } from './queue.ts'

/** Records attempts that were settled, for metrics. */
export interface AttemptRecorder {
  recordAttempt(delivery: ClaimedDelivery, result: AttemptResult): void
}
