import { randomUUID } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { isConnectionError } from '../../database/connection-errors.ts'
import { SlowSubscriberError } from '../../events/bounded-buffer.ts'
import { AppError, type ErrorCode } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'

/** `extensions.code` of what fails as a whole; expected failures are members of a union instead. */
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

/** How Yoga sets the status: with `spec` only under application/graphql-response+json, 200 otherwise. */
interface HttpExtension {
  readonly status: number
  readonly spec?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** A failure that a caller may see, for resolvers and limits. */
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

/** An error as callers get it: a known code, and no stack, SQL, parser internals or suggestions. Bugs are logged by id. */
export function presentError(error: GraphQLError, log: Log): GraphQLError {
  const cause = rootCause(error)
  if (cause instanceof AppError) return presented(error, codeOf(cause), cause.message, httpOfAppError(cause))
  if (cause instanceof SlowSubscriberError) return presented(error, 'SLOW_SUBSCRIBER', cause.message)
  const code = parseCode(error.extensions['code'])
  if (code !== undefined) return presented(error, code, error.message)
  if (isConnectionError(cause))
    return presented(error, 'UNAVAILABLE', 'The service is temporarily unavailable. Try again shortly.', away)
  if (isRequestError(error))
    return presented(error, 'BAD_USER_INPUT', withoutValues(error.message), httpOfRequest(error))
  const errorId = randomUUID()
  log.error({ error_id: errorId, path: error.path?.join('.'), err: cause }, 'graphql.failed')
  return presented(error, 'INTERNAL', 'Internal error', { status: 500, spec: true }, { errorId })
}

/** What goes over the wire: Yoga strips `http` itself, graphql-ws does not. */
export function errorJson(error: GraphQLError): GraphQLError['toJSON'] extends () => infer Json ? Json : never {
  const { extensions = {}, ...json } = error.toJSON()
  const { http: _, ...shown } = extensions
  return { ...json, extensions: shown }
}

const away: HttpExtension = { status: 503, headers: { 'Retry-After': '1' } }

function presented(
  error: GraphQLError,
  code: Code,
  message: string,
  http: HttpExtension = { status: code === 'UNAUTHENTICATED' ? 401 : 400, spec: code !== 'UNAUTHENTICATED' },
  more: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  // With a path something was executed: the answer has data, and the other fields theirs. It is 503 all the same while
  // the database is away.
  const extensions = { code, ...more, ...((error.path === undefined || http === away) && { http }) }
  const { nodes = null, source = null, positions = null, path = null } = error
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

function httpOfAppError({ code, retryAfterSeconds = 1 }: AppError): HttpExtension | undefined {
  if (code === 'unavailable') return away
  if (code === 'workspace_disabled') return { status: 403 }
  if (code === 'rate_limited') return { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } }
  return undefined
}

/** Broken JSON and the like are refused in every media type; a document that is wrong is 200 under application/json. */
function httpOfRequest({ extensions }: GraphQLError): HttpExtension | undefined {
  const http = parseHttp(extensions['http'])
  if (http === undefined) return undefined
  const isDocument = http.spec === true && extensions['originalError'] === undefined
  return { status: http.status, ...(http.headers && { headers: http.headers }), spec: isDocument }
}

function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}

/** What graphql itself says of a document or of variables: no resolver has run. */
function isRequestError(error: GraphQLError): boolean {
  return (
    error.path === undefined &&
    (rootCause(error) instanceof GraphQLError || parseHttp(error.extensions['http']) !== undefined)
  )
}

/** Neither the caller's values, which may be personal, nor names of the schema that it did not give. */
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
