import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, statusOfCode } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { codeOf, errorJson, presentError } from '../../execution/errors.ts'
import { graphqlErrorOf } from '../../execution/yoga.ts'

/** What is refused before an operation runs has the same status in every media type. */
export function refuse(log: Log, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  // A caller that has gone is nobody's failure.
  if (res.headersSent || res.destroyed) return void res.destroy()
  const expected = error instanceof AppError ? error : undefined
  const shown = expected
    ? { message: expected.message, extensions: { code: codeOf(expected) } }
    : errorJson(presentError(graphqlErrorOf(error), log))
  const wantsResponseType = (req.headers.accept ?? '').includes('application/graphql-response+json')
  sendErrors(res, expected ? statusOfCode[expected.code] : 500, shown, {
    ...(wantsResponseType && { 'Content-Type': 'application/graphql-response+json; charset=utf-8' }),
    ...(expected?.retryAfterSeconds !== undefined && { 'Retry-After': String(expected.retryAfterSeconds) }),
    ...(expected?.code === 'method_not_allowed' && { Allow: 'GET, POST, OPTIONS' }),
    // The rest of a body that is too large is not read.
    ...(!req.complete && { Connection: 'close' }),
  })
}

/** Of a 406, which Yoga sends without a body. */
export const notAcceptable = {
  message: 'Accept must name a media type that this operation is answered in: JSON, or text/event-stream for a stream.',
  extensions: { code: 'BAD_USER_INPUT' },
}

export function sendErrors(
  res: ServerResponse,
  status: number,
  error: object,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
  res.end(JSON.stringify({ errors: [error] }))
}
