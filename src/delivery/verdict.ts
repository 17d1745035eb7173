import type { AttemptResult } from './attempt.ts'
import type { ClaimedDelivery, Verdict } from './queue.ts'
import { nextStep } from './retry.ts'

/** What a receiver that knows only the other secret of a rotation answers. */
const mayKnowOtherSecret = new Set([400, 401, 403])

/** What follows for a delivery from an attempt; `endpointGone` says that its endpoint is to be disabled. */
export function judge(
  delivery: ClaimedDelivery,
  { outcome }: AttemptResult,
  parts: { readonly scheduleSeconds: readonly number[]; readonly random: () => number; readonly now: Date },
): { readonly verdict: Verdict; readonly endpointGone: boolean } {
  const isRotating = delivery.previousSecret !== null
  if (isRotating && !delivery.exchanged && outcome.kind === 'refused' && mayKnowOtherSecret.has(outcome.status))
    return {
      verdict: { status: 'RETRYING', delaySeconds: 0, usesRetry: false, exchange: true },
      endpointGone: false,
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
      return { verdict: { status: 'RETRYING', delaySeconds, usesRetry, exchange: false }, endpointGone: false }
    }
    default:
      return step satisfies never
  }
}
