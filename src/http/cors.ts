import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Workspace } from '../workspaces/workspace.ts'

const allowedHeaders = 'content-type, idempotency-key, x-api-key, authorization'
const exposedHeaders = 'retry-after, ratelimit, ratelimit-policy, x-request-id'
const maxAgeSeconds = 86_400

/** Any page may read the answer, without credentials: so it is until a workspace says otherwise. */
export function openToPages(reply: FastifyReply): void {
  reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', exposedHeaders)
}

/**
 * A workspace that lists origins takes captures from pages of these alone; callers without an Origin are no pages.
 * @throws AppError `origin_not_allowed`, whose answer no page can read
 */
export function admitOrigin(request: FastifyRequest, reply: FastifyReply, { allowedOrigins }: Workspace): void {
  if (allowedOrigins.length === 0) return
  const { origin } = request.headers
  reply.header('vary', 'origin').removeHeader('access-control-allow-origin')
  if (origin === undefined) return
  if (!allowedOrigins.some((allowed) => allowed.toLowerCase() === origin.toLowerCase()))
    throw new AppError('origin_not_allowed', 'This workspace takes no captures from pages of this origin.')
  reply.header('access-control-allow-origin', origin)
}

/** Whether the request that a preflight asks for will carry a key, which decides the workspace on a bare host. */
export function announcesKey(request: FastifyRequest): boolean {
  return /x-api-key|authorization/i.test(request.headers['access-control-request-headers'] ?? '')
}

export function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', allowedHeaders)
    .header('access-control-max-age', maxAgeSeconds)
    .send()
}
