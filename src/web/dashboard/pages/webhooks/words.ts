import type { AttemptError, EndpointFragment } from '../../../../generated/graphql/graphql.ts'
import { durationText, percentText } from '../../parts/values/numbers.ts'

interface AttemptResult {
  readonly responseStatus: number | null
  readonly error: AttemptError | null
  readonly detail: string | null
}

const errors: Readonly<Record<AttemptError, string>> = {
  BLOCKED_ADDRESS: 'address not allowed',
  CONNECT: 'no connection',
  DNS: 'host name not found',
  HTTP_STATUS: 'refused',
  PROTOCOL: 'no valid HTTP',
  REDIRECT: 'redirected elsewhere',
  TIMEOUT: 'no response in time',
  TLS: 'no secure connection',
}

const statuses: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'not signed in',
  403: 'not allowed',
  404: 'no such page',
  405: 'no POST there',
  410: 'gone',
  413: 'too large',
  429: 'too many requests',
  502: 'proxy without its server',
  503: 'not ready',
  504: 'proxy waited too long',
}

/** Returns the result of an attempt in words: its status, or the reason why there is none, with the details known. */
export function resultText({ responseStatus, error, detail }: AttemptResult): string {
  const result = responseStatus === null ? error && errors[error] : `${responseStatus}, ${statusText(responseStatus)}`
  return detail === null ? (result ?? 'unknown') : `${result ?? 'unknown'} (${detail})`
}

function statusText(status: number): string {
  if (status < 300) return 'accepted'
  return statuses[status] ?? (status < 400 ? errors.REDIRECT : groupText(status))
}

function groupText(status: number): string {
  return status < 500 ? 'refused' : 'error of the receiver'
}

/** Returns the share of accepted attempts of the last 24 hours. */
export function rateText({ successRate24h: rate }: EndpointFragment): string {
  // Rounded down: 99.99 % is not everything.
  return rate === null ? '–' : percentText(Math.floor(rate * 1000) / 1000)
}

export function latencyText({ p95LatencyMs24h: latency }: EndpointFragment): string {
  return latency === null ? '–' : durationText(latency)
}
