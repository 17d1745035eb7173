import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../platform/errors.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { type Identify, labelOfHost } from '../../workspaces/identify.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { pathOf } from '../request/host.ts'
import { addVary } from './vary.ts'

const ownHeaders = ['content-type', 'idempotency-key', 'x-api-key', 'authorization']
const maxAllowed = 50
/** A token of RFC 9110. */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const exposedHeaders = 'retry-after, ratelimit, ratelimit-policy, x-request-id'
/** Browsers keep the answer to a preflight for a day. */
export const preflightMaxAgeSeconds = 86_400

/** Lets any page read the response, without credentials: the default until a workspace lists origins. */
export function allowAnyOrigin(reply: FastifyReply): void {
  reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', exposedHeaders)
}

/**
 * A workspace that lists origins takes captures from pages of these alone; callers without an Origin are no pages.
 * @throws AppError `origin_not_allowed`, whose answer no page can read
 */
export function checkOrigin(request: FastifyRequest, reply: FastifyReply, { allowedOrigins }: Workspace): void {
  if (allowedOrigins.length === 0) return
  const { origin } = request.headers
  addVary(reply, 'origin')
  reply.removeHeader('access-control-allow-origin')
  if (origin === undefined) return
  if (!allowedOrigins.some((allowed) => allowed.toLowerCase() === origin.toLowerCase()))
    throw new AppError('origin_not_allowed', 'This workspace takes no captures from pages of this origin.')
  reply.header('access-control-allow-origin', origin)
}

/** Returns whether the request behind a preflight will carry a key, which decides the workspace on a bare host. */
function preflightSendsKey(request: FastifyRequest): boolean {
  return /x-api-key|authorization/i.test(request.headers['access-control-request-headers'] ?? '')
}

/** Settings that decide whether a preflight is allowed. */
interface PreflightParts {
  readonly identify: Identify
  readonly baseDomain: string | undefined
}

/** Lets pages read the responses of a path, and handles the preflights for its method. */
export function addOpenPath(
  app: FastifyInstance,
  { path, method, ...parts }: PreflightParts & { readonly path: string; readonly method: 'GET' | 'POST' },
): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (pathOf(request.url) === path) allowAnyOrigin(reply)
    done()
  })
  app.options(path, async (request, reply) => {
    await withTimeout(admitPreflight(request, reply, parts))
    return answerPreflight(request, reply, method)
  })
}

/**
 * A preflight carries no key. Where the key to come decides the workspace it is let through: the request itself is
 * judged all the same.
 */
async function admitPreflight(request: FastifyRequest, reply: FastifyReply, parts: PreflightParts): Promise<void> {
  const { host, network } = request.requestOrigin
  if (preflightSendsKey(request) && labelOfHost(host, parts.baseDomain) === undefined) return
  const { workspace } = await parts.identify({ host, apiKey: undefined, network })
  checkOrigin(request, reply, workspace)
}

export function answerPreflight(request: FastifyRequest, reply: FastifyReply, method: string): FastifyReply {
  addVary(reply, 'access-control-request-headers')
  return reply
    .code(204)
    .header('access-control-allow-methods', method)
    .header('access-control-allow-headers', headersToAllow(request).join(', '))
    .header('access-control-max-age', preflightMaxAgeSeconds)
    .send()
}

/**
 * Returns the headers that were asked for, since tools of the page add their own to every request, and then those that
 * Rex reads, since the answer is kept for a day. A wildcard is no name: browsers do not take it for Authorization.
 */
function headersToAllow({ headers }: FastifyRequest): string[] {
  const asked = (headers['access-control-request-headers'] ?? '').toLowerCase().split(',')
  const names = asked.map((name) => name.trim()).filter((name) => name !== '*' && headerName.test(name))
  return [...new Set([...new Set(names)].slice(0, maxAllowed).concat(ownHeaders))].slice(0, maxAllowed)
}
