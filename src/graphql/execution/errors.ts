import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { isConnectionError } from '../../database/connection/connection-errors.ts'
import { SlowSubscriberError } from '../../events/bounded-buffer.ts'
import { AppError, type ErrorCode } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'

/** `extensions.code` of top-level errors; expected failures are members of a union instead. */
export type Code =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'WORKSPACE_DISABLED'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'INVALID_CURSOR'
  | 'RATE_LIMITED'
  | 'COST_EXCEEDED'
  | 'SLOW_SUBSCRIBER'
  | 'INTERNAL'
  | 'UNAVAILABLE'

/** Status that Yoga sets: with `spec` only for application/graphql-response+json, and 200 otherwise. */
interface HttpExtension {
  readonly status: number
  readonly spec?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** Creates an error that the caller may see, for resolvers and limits. */
export function refusal(code: Code, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

const codes: Partial<Record<ErrorCode, Code>> = {
  unauthenticated: 'UNAUTHENTICATED',
  insufficient_scope: 'FORBIDDEN',
  wrong_workspace: 'FORBIDDEN',
  workspace_disabled: 'WORKSPACE_DISABLED',
  origin_not_allowed: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  workspace_not_found: 'NOT_FOUND',
  rate_limited: 'RATE_LIMITED',
  internal: 'INTERNAL',
  unavailable: 'UNAVAILABLE',
}

export function codeOf(error: AppError): Code {
  return codes[error.code] ?? 'BAD_USER_INPUT'
}

/**
 * Returns an error as callers see it: with a known code, and without stack, SQL, parser internals or suggestions. Bugs are
 * logged with an id.
 */
export function presentError(error: GraphQLError, log: Log): GraphQLError {
  const cause = rootCause(error)
  if (cause instanceof AppError) return presented(error, codeOf(cause), cause.message, httpOfAppError(cause))
  if (cause instanceof SlowSubscriberError) return presented(error, 'SLOW_SUBSCRIBER', cause.message)
  const code = parseCode(error.extensions['code'])
  if (code !== undefined) return presented(error, code, error.message)
  if (isConnectionError(cause))
    return presented(error, 'UNAVAILABLE', 'The service cannot take this now. Try again shortly.', databaseDown)
  if (isRequestError(error))
    return presented(error, 'BAD_USER_INPUT', withoutValues(error.message), httpOfRequest(error))
  const errorId = randomUUID()
  log.error({ error_id: errorId, path: error.path?.join('.'), err: cause }, 'graphql.failed')
  return presented(error, 'INTERNAL', 'Internal error', { status: 500, spec: true }, { errorId })
}

/** Returns the JSON to send: without `http`, which Yoga removes itself and graphql-ws does not. */
export function errorJson(error: GraphQLError): GraphQLError['toJSON'] extends () => infer Json ? Json : never {
  const { extensions = {}, ...json } = error.toJSON()
  const { http: _, ...shown } = extensions
  return { ...json, extensions: shown }
}

const databaseDown: HttpExtension = { status: 503, headers: { 'Retry-After': '1' } }

function presented(
  error: GraphQLError,
  code: Code,
  message: string,
  http: HttpExtension = { status: code === 'UNAUTHENTICATED' ? 401 : 400, spec: code !== 'UNAUTHENTICATED' },
  more: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  // An error with a path comes from execution: the response has data of other fields, so it sets no status. The exception
  // is 503 while the database is down.
  const extensions = { code, ...more, ...((error.path === undefined || http === databaseDown) && { http }) }
  const { nodes = null, source = null, positions = null, path = null } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

function httpOfAppError({ code, retryAfterSeconds = 1 }: AppError): HttpExtension | undefined {
  if (code === 'unavailable') return databaseDown
  if (code === 'workspace_disabled') return { status: 403 }
  if (code === 'rate_limited') return { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } }
  return undefined
}

/**
 * Malformed requests, which Yoga calls BAD_REQUEST, have an error status in every media type. An invalid document, also
 * one without the operation to execute, is 200 under application/json (GraphQL over HTTP).
 */
function httpOfRequest({ extensions }: GraphQLError): HttpExtension | undefined {
  const http = parseHttp(extensions['http'])
  if (http === undefined) return undefined
  const isDocument = extensions['code'] !== 'BAD_REQUEST'
  return { status: http.status, ...(http.headers && { headers: http.headers }), spec: isDocument }
}

function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}

/** Whether graphql itself reports the error, for a document or variables: no resolver has run. */
function isRequestError(error: GraphQLError): boolean {
  return (
    error.path === undefined &&
    (rootCause(error) instanceof GraphQLError || parseHttp(error.extensions['http']) !== undefined)
  )
}

/** Removes the caller's values, which may be personal, and schema names that the caller did not send. */
function withoutValues(message: string): string {
  return message
    .replace(/ got invalid value [\s\S]*?( at "[\w.[\]]+")?; [\s\S]*$/, ' is not as expected$1.')
    .replace(/( cannot represent [\w -]*value): [\s\S]*$/, '$1.')
    .replace(/(^Expected value of type "[\w![\]]+"), found [\s\S]*$/, '$1.')
    .replace(/(found|Unexpected) (\w*String) "[\s\S]*$/, '$1 $2.')
    .replace(/ ?Did you mean [\s\S]*$/, '')
}

const ownCodes: readonly string[] = [
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'INVALID_CURSOR',
  'RATE_LIMITED',
  'COST_EXCEEDED',
]

function parseCode(value: unknown): Code | undefined {
  return typeof value === 'string' && ownCodes.includes(value) ? (value as Code) : undefined
}

function parseHttp(value: unknown): HttpExtension | undefined {
  const isHttp = typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number'
  return isHttp ? (value as HttpExtension) : undefined
}
