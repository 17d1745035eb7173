import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { badHost, checkHost } from './request-origin.ts'

/**
 * Node takes two Host headers, none at all, and targets that name a host of their own; a proxy in front may read each
 * of them otherwise than we do. One Host and a path are what is left to agree on.
 * @throws AppError `bad_host`
 */
export function checkTarget(request: IncomingMessage): void {
  const [host, ...others] = request.headersDistinct['host'] ?? []
  if (host === undefined || others.length > 0) throw badHost()
  checkHost(host)
  if (!request.url?.startsWith('/')) throw badHost()
}

/** The host that the caller asked for: the Host header's, or what a trusted proxy says of it. */
export function hostOf(request: FastifyRequest): string {
  checkHost(request.host)
  return request.host
}

/** Where links of this server begin, as this caller reaches it. */
export function baseUrlOf(request: FastifyRequest, publicUrl: string | undefined): string {
  const protocol = request.protocol === 'https' ? 'https' : 'http'
  return publicUrl ?? `${protocol}://${hostOf(request)}`
}

/** The path of a request target. */
export function pathOf(url = ''): string {
  return url.split('?', 1)[0] ?? ''
}
