import { STATUS_CODES } from 'node:http'
import { isConnectionError } from '../../database/connection/connection-errors.ts'
import { AppError, statusOfCode, unavailable } from '../../platform/errors.ts'

/** A failure in the contract's error form, ready to be sent. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function problemOf(error: AppError, requestId: string): Problem {
  const { code, message, fields, checks } = error
  const status = statusOfCode[code]
  const shown =
    status === 422 ? { fields: (fields ?? []).map((field) => ({ path: field.path, message: field.message })) } : {}
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
      ...retryHeaders(error),
      ...error.headers,
    },
    body: JSON.stringify({ error: { code, message, ...shown, ...(checks && { checks }), request_id: requestId } }),
  }
}

/** Returns the headers that say when and how to ask again, whatever the form of the body. */
export function retryHeaders({ code, retryAfterSeconds = 1 }: AppError): Readonly<Record<string, string>> {
  const status = statusOfCode[code]
  return {
    ...((status === 503 || status === 429) && { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
}

/** Returns what a caller may see of a thrown error: a bug is `internal`, and its cause stays here. */
export function appErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error
  const refusal = refusalOfFastify(error)
  if (refusal !== undefined) return refusal
  if (isConnectionError(error)) return unavailable(error)
  return new AppError('internal', 'Something went wrong here.', { cause: error })
}

/** Fastify's own refusals say by their status what is wrong; their messages may quote the caller. */
function refusalOfFastify(error: unknown): AppError | undefined {
  if (!(error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')) return undefined
  const { statusCode } = error
  if (statusCode === 413) return bodyTooLarge()
  if (statusCode === 415) return new AppError('unsupported_media_type', 'This Content-Type is not taken here.')
  if (statusCode >= 400 && statusCode < 500) return badRequest()
  return undefined
}

export function badRequest(): AppError {
  return new AppError('bad_request', 'This is not a well-formed HTTP request.')
}

export function bodyTooLarge(): AppError {
  return new AppError('body_too_large', 'The body may have at most 64 KiB.')
}

export function notFound(): AppError {
  return new AppError('not_found', 'There is nothing at this address.')
}

/** A problem as bytes, for a socket on which there is no response to write to. */
export function rawAnswer({ status, headers, body }: Problem): string {
  const all = {
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    date: new Date().toUTCString(),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}
