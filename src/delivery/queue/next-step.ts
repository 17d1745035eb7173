import type { AttemptResult, Outcome } from '../attempt/attempt.ts'
import type { LeasedDelivery } from './leased-delivery.ts'
import { leadsWithPrevious, type Verdict } from './queue.ts'
import { nextStep } from './retry-schedule.ts'

/** Statuses with which a receiver may respond if it knows only the other secret of a rotation. */
const otherSecretStatuses = new Set([400, 401, 403])

/** Decides the next step of a delivery after an attempt; with `endpointGone` its endpoint must be disabled. */
export function decideNextStep(
  delivery: LeasedDelivery,
  { outcome }: AttemptResult,
  parts: { readonly scheduleSeconds: readonly number[]; readonly random: () => number; readonly now: Date },
): { readonly verdict: Verdict; readonly endpointGone: boolean } {
  if (shouldTryOtherSecret(delivery, outcome)) {
    const leadWithPrevious = !leadsWithPrevious(delivery)
    return {
      verdict: { status: 'RETRYING', delaySeconds: 0, usesRetry: false, leadWithPrevious },
      endpointGone: false,
    }
  }
  const step = nextStep(delivery, outcome, parts.scheduleSeconds, parts.random, parts.now)
  switch (step.kind) {
    case 'succeeded':
      return { verdict: { status: 'SUCCEEDED' }, endpointGone: false }
    case 'failed':
      return { verdict: { status: 'FAILED' }, endpointGone: false }
    case 'endpointGone':
      return { verdict: { status: 'HELD' }, endpointGone: true }
    case 'retry': {
      const { delaySeconds, usesRetry } = step
      return { verdict: { status: 'RETRYING', delaySeconds, usesRetry, leadWithPrevious: null }, endpointGone: false }
    }
    default:
      return step satisfies never
  }
}

/** Whether to retry with the other secret. Only once: a second refusal follows the retry schedule. */
function shouldTryOtherSecret({ previousSecret, leadsWithPrevious }: LeasedDelivery, outcome: Outcome): boolean {
  if (previousSecret === null || leadsWithPrevious !== null) return false
  return outcome.kind === 'refused' && otherSecretStatuses.has(outcome.status)
}
