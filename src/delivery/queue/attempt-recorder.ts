import type { AttemptResult } from '../attempt/attempt.ts'
import type { LeasedDelivery } from './leased-delivery.ts'

/** Records attempts that were settled, for metrics. */
export interface AttemptRecorder {
  recordAttempt(delivery: LeasedDelivery, result: AttemptResult): void
}
