import type { FastifyReply, FastifyRequest } from 'fastify'
import { statusOfCode } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { appErrorOf, retryHeaders } from '../../../server/response/problems.ts'
import { codeOf, errorJson, presentError } from '../../execution/errors.ts'
import { graphqlErrorOf } from '../../execution/yoga.ts'
import { allowPage } from '../page-origins.ts'

const tooLarge = 'The body may have at most 256 KiB.'
/** Nginx's status for a caller that has gone: only logs and metrics see it. */
const clientClosedRequest = 499

/** Sends what is refused before an operation runs, with the same status in every media type. */
export function sendError(log: Log, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (reply.raw.destroyed) return reply.code(clientClosedRequest).send()
  const known = appErrorOf(error)
  // Fastify closes when it stops reading a body; we let the caller read the answer first (lingering-close.ts).
  if (reply.hasHeader('connection')) reply.removeHeader('connection')
  // Pages may read why they are refused, for instance while the server stops.
  if (known.code !== 'origin_not_allowed') allowPage(request, reply)
  const shown =
    known.code === 'internal'
      ? errorJson(presentError(graphqlErrorOf(error), log.child({ request_id: request.id })))
      : { message: known.code === 'body_too_large' ? tooLarge : known.message, extensions: { code: codeOf(known) } }
  const wantsResponseType = (request.headers.accept ?? '').includes('application/graphql-response+json')
  if (wantsResponseType) reply.type('application/graphql-response+json; charset=utf-8')
  return sendErrors(reply.code(statusOfCode[known.code]).headers(retryHeaders(known)), shown)
}

/** The error of a 406, which Yoga sends without a body. */
export const notAcceptable = {
  message: 'Accept must name a media type that this operation is answered in: JSON, or text/event-stream for a stream.',
  extensions: { code: 'BAD_USER_INPUT' },
}

export function sendErrors(reply: FastifyReply, error: object): FastifyReply {
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.send(JSON.stringify({ errors: [error] }))
}
