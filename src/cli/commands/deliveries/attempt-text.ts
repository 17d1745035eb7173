/** Attempt of a delivery, as the API returns it. */
export interface ShownAttempt {
  readonly durationMs: number
  readonly responseStatus: number | null
  readonly error: string | null
  readonly detail: string | null
}

/** Returns the outcome of an attempt in words: `200 in 12 ms`, `CONNECT (connection refused)`. */
export function describeAttempt(attempt: ShownAttempt | undefined): string {
  if (attempt === undefined) return 'not attempted yet'
  const { durationMs, responseStatus, error, detail } = attempt
  const outcome = responseStatus === null ? (error ?? 'no response') : String(responseStatus)
  const reason = error !== null && detail ? ` (${detail})` : ''
  return `${outcome}${reason} in ${durationMs} ms`
}
