import type { AttemptError, EndpointFragment } from '../../../../generated/graphql/graphql.ts'
import { durationText, percentText } from '../../parts/values/numbers.ts'

interface AttemptResult {
  readonly responseStatus: number | null
  readonly error: AttemptError | null
  readonly detail: string | null
}

const errors: Readonly<Record<AttemptError, string>> = {
  BLOCKED_ADDRESS: 'its address is not allowed',
  CONNECT: 'no connection',
  DNS: 'its name was not found',
  HTTP_STATUS: 'refused',
  PROTOCOL: 'no valid HTTP',
  REDIRECT: 'redirected elsewhere',
  TIMEOUT: 'no response in time',
  TLS: 'TLS failed',
}

/** Returns the result of an attempt: its status, or the reason why there is none, with the details known. */
export function resultText({ responseStatus, error, detail }: AttemptResult): string {
  const result = responseStatus ?? (error && errors[error]) ?? 'unknown'
  return detail === null ? String(result) : `${result} (${detail})`
}

/** Returns the share of accepted attempts of the last 24 hours. */
export function rateText({ successRate24h: rate }: EndpointFragment): string {
  // Rounded down: 99.99 % is not everything.
  return rate === null ? '–' : percentText(Math.floor(rate * 1000) / 1000)
}

export function latencyText({ p95LatencyMs24h: latency }: EndpointFragment): string {
  return latency === null ? '–' : durationText(latency)
}
