import type { AttemptResult, Outcome } from '../attempt/attempt.ts'
import { type ClaimedDelivery, leadsWithPrevious, type Verdict } from './queue.ts'
import { nextStep } from './retry.ts'

/** What a receiver that knows only the other secret of a rotation answers. */
const mayKnowOtherSecret = new Set([400, 401, 403])

/** What follows for a delivery from an attempt; `endpointGone` says that its endpoint is to be disabled. */
export function judge(
  delivery: ClaimedDelivery,
  { outcome }: AttemptResult,
  parts: { readonly scheduleSeconds: readonly number[]; readonly random: () => number; readonly now: Date },
): { readonly verdict: Verdict; readonly endpointGone: boolean } {
  if (wantsOtherSecret(delivery, outcome)) {
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

/** Once in a row: an attempt that led with the other one already follows the schedule. */
function wantsOtherSecret({ previousSecret, leadsWithPrevious }: ClaimedDelivery, outcome: Outcome): boolean {
  if (previousSecret === null || leadsWithPrevious !== null) return false
  return outcome.kind === 'refused' && mayKnowOtherSecret.has(outcome.status)
}
