/** Every code that a caller can get, and its HTTP status (the HTTP contract's table). */
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
 * One wrong field: `path` as the caller spells it (`metadata.utm_source`), `message` without the value.
 * `kind` is `invalid` when left out.
 */
export interface FieldProblem {
  readonly path: string
  readonly message: string
  readonly kind?: 'required' | 'too_long'
}

/**
 * A failure that a caller may see. `message` says what was expected, never the caller's bytes, a secret or a person.
 * Everything else that is thrown is a bug and is masked at the surface.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly fields: readonly FieldProblem[] | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { fields?: readonly FieldProblem[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.fields = options.fields
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The 422 of every surface: what is wrong with which field. */
export function invalidRequest(fields: readonly FieldProblem[]): AppError {
  return new AppError('invalid_request', 'Some fields are not as expected.', { fields })
}

export function unavailable(cause?: unknown): AppError {
  return new AppError('unavailable', 'The service cannot take this now. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  })
}
