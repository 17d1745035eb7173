import type { Outcome } from '../attempt/attempt.ts'

/** Retries that a delivery has used before the current attempt. */
export interface RetryState {
  /** Failures that used a step of the retry schedule. */
  readonly retryCount: number
  /** Waits that the receiver requested, which use no step. */
  readonly throttleCount: number
}

export type NextStep =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly delaySeconds: number; readonly usesRetry: boolean }
  | { readonly kind: 'failed' }
  | { readonly kind: 'endpointGone' }

/**
 * Returns the next step after an attempt. `schedule` holds the seconds before each attempt, counted from the previous
 * one; `random` returns a number from 0 up to 1; `now` is only compared with a `Retry-After` date.
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
  const waitSeconds = delivery.throttleCount < maxThrottles ? requestedWait(outcome, now) : undefined
  if (waitSeconds !== undefined) return { kind: 'retry', delaySeconds: waitSeconds, usesRetry: false }
  const delaySeconds = schedule[delivery.retryCount + 1]
  if (delaySeconds === undefined) return { kind: 'failed' }
  return { kind: 'retry', delaySeconds: withJitter(delaySeconds, random), usesRetry: true }
}

const maxThrottles = 20
const maxWaitSeconds = 24 * 60 * 60
const throttleStatuses = [429, 503]

function requestedWait(outcome: Outcome, now: Date): number | undefined {
  if (outcome.kind !== 'refused' || outcome.retryAfter === null) return undefined
  if (!throttleStatuses.includes(outcome.status)) return undefined
  const seconds = parseRetryAfter(outcome.retryAfter.trim(), now)
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), maxWaitSeconds)
}

function parseRetryAfter(value: string, now: Date): number | undefined {
  if (/^\d+$/.test(value)) return Number(value)
  if (!httpDate.test(value)) return undefined
  // Only asctime has no time zone, and it means GMT.
  const time = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
  return Number.isNaN(time) ? undefined : (time - now.getTime()) / 1000
}

/** RFC 9110, 5.6.7: IMF-fixdate, RFC 850 and asctime. `Date.parse` alone accepts `1.5` as a date. */
const httpDate =
  /^[A-Z][a-z]{2,8}(?:, \d\d[ -][A-Z][a-z]{2}[ -](?:\d{4}|\d\d) \d\d:\d\d:\d\d GMT| [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

// ±20 %, so that deliveries that failed together are not retried together.
function withJitter(seconds: number, random: () => number): number {
  return seconds * (0.8 + 0.4 * random())
}
