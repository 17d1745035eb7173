/** All error codes for callers, with their HTTP status (table of the HTTP contract). */
export const statusOfCode = {
  invalid_json: 400,
  invalid_encoding: 400,
  too_deep: 400,
  bad_host: 400,
  bad_request: 400,
  invalid_idempotency_key: 400,
  unauthenticated: 401,
  insufficient_scope: 403,
  wrong_workspace: 403,
  workspace_disabled: 403,
  origin_not_allowed: 403,
  not_found: 404,
  workspace_not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  idempotency_conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  invalid_request: 422,
  unsafe_url: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof statusOfCode

/**
 * Problem of one field: `path` as the caller spells it (`metadata.utm_source`), `message` without the value.
 * `kind` is `invalid` when left out.
 */
export interface FieldProblem {
  readonly path: string
  readonly message: string
  readonly kind?: 'required' | 'too_long'
}

/**
 * Error that a caller may see. `message` says what was expected; it never contains the caller's input, a secret or
 * personal data. Any other error is a bug, and its message is hidden from callers.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly fields: readonly FieldProblem[] | undefined
  readonly retryAfterSeconds: number | undefined
  /** Parts that are missing, by name, in plain words: for `/readyz`. */
  readonly checks: Readonly<Record<string, string>> | undefined
  /** Headers of the response that its protocol asks for. */
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      fields?: readonly FieldProblem[]
      retryAfterSeconds?: number
      checks?: Readonly<Record<string, string>>
      headers?: Readonly<Record<string, string>>
      cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.fields = options.fields
    this.retryAfterSeconds = options.retryAfterSeconds
    this.checks = options.checks
    this.headers = options.headers
  }
}

/** Returns the 422 error, which names the invalid fields. */
export function invalidRequest(fields: readonly FieldProblem[]): AppError {
  return new AppError('invalid_request', 'Some fields are invalid.', { fields })
}

export function unavailable(cause?: unknown, checks?: Readonly<Record<string, string>>): AppError {
  return new AppError('unavailable', 'The service is temporarily unavailable. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
    ...(checks && { checks }),
  })
}
