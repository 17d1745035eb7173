import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import { isOwnOrigin } from '../../server/request/own-page.ts'
import type { RequestOrigin } from '../../server/request/request-origin.ts'
import { preflightMaxAgeSeconds } from '../../server/response/cors.ts'
import { addVary } from '../../server/response/vary.ts'

/**
 * Returns whether a page of this origin may use the API: our own and those that are configured. Without an Origin it is
 * no browser, or a page of ours.
 */
export function isPageAllowed(
  origin: string | undefined,
  requestOrigin: RequestOrigin,
  config: Pick<Config, 'publicUrl' | 'graphqlOrigins'>,
): boolean {
  if (origin === undefined) return true
  return config.graphqlOrigins.includes(origin) || isOwnOrigin(origin, requestOrigin, config.publicUrl)
}

/** Lets the page that asks read the response. Never with credentials: a key is in a header, which a page must know. */
export function allowPage({ headers: { origin } }: FastifyRequest, reply: FastifyReply): void {
  if (origin === undefined || reply.hasHeader('access-control-allow-origin')) return
  reply.header('access-control-allow-origin', origin)
  addVary(reply, 'origin')
}

export const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'content-type, x-api-key, authorization',
  'access-control-max-age': String(preflightMaxAgeSeconds),
}
