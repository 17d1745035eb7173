import type { Outcome } from '../attempt/attempt.ts'

/** What a delivery has used up before the attempt that is judged. */
export interface RetryState {
  /** Failures that used up a place in the schedule. */
  readonly retryCount: number
  /** Waits that the receiver asked for, which used up none. */
  readonly throttleCount: number
}

export type NextStep =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly delaySeconds: number; readonly usesRetry: boolean }
  | { readonly kind: 'failed' }
  | { readonly kind: 'endpointGone' }

/**
 * What follows from an attempt. `schedule` holds the seconds before each attempt, counted from the one before;
 * `random` answers from 0 up to 1; `now` is only what a `Retry-After` date is compared with.
 */
export function nextStep(
  delivery: RetryState,
  outcome: Outcome,
  schedule: readonly number[],
  random: () => number,
  now: Date,
): NextStep {
  if (outcome.kind === 'accepted') return { kind: 'succeeded' }
  if (outcome.kind === 'refused' && outcome.status === 410) return { kind: 'endpointGone' }
  const waitSeconds = delivery.throttleCount < maxThrottles ? askedWait(outcome, now) : undefined
  if (waitSeconds !== undefined) return { kind: 'retry', delaySeconds: waitSeconds, usesRetry: false }
  const delaySeconds = schedule[delivery.retryCount + 1]
  if (delaySeconds === undefined) return { kind: 'failed' }
  return { kind: 'retry', delaySeconds: withJitter(delaySeconds, random), usesRetry: true }
}

const maxThrottles = 20
const maxWaitSeconds = 24 * 60 * 60
const throttleStatuses = [429, 503]

function askedWait(outcome: Outcome, now: Date): number | undefined {
  if (outcome.kind !== 'refused' || outcome.retryAfter === null) return undefined
  if (!throttleStatuses.includes(outcome.status)) return undefined
  const seconds = parseRetryAfter(outcome.retryAfter.trim(), now)
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), maxWaitSeconds)
}

function parseRetryAfter(value: string, now: Date): number | undefined {
  if (/^\d+$/.test(value)) return Number(value)
  if (!httpDate.test(value)) return undefined
  // Only asctime names no zone, and it means GMT.
  const time = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
  return Number.isNaN(time) ? undefined : (time - now.getTime()) / 1000
}

/** RFC 9110, 5.6.7: IMF-fixdate, RFC 850 and asctime. `Date.parse` alone takes `1.5` for a date. */
const httpDate =
  /^[A-Z][a-z]{2,8}(?:, \d\d[ -][A-Z][a-z]{2}[ -](?:\d{4}|\d\d) \d\d:\d\d:\d\d GMT| [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

// ±20 %: what failed together does not come back together.
function withJitter(seconds: number, random: () => number): number {
  return seconds * (0.8 + 0.4 * random())
}
