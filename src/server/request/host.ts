import type { IncomingMessage } from 'node:http'
import { AppError } from '../../platform/errors.ts'

/** A name without empty labels, or an address; a port may be empty (RFC 3986). */
const hostPattern = /^(?!\.|[^:]*\.\.)(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/

/** @throws AppError `bad_host` */
export function checkHost(host: string): void {
  if (!hostPattern.test(host)) throw badHost()
}

/**
 * Requires one Host header and a path as the target. Node accepts two Host headers, none at all, and targets that name a
 * host of their own; a proxy in front may read each of them otherwise than we do.
 * @throws AppError `bad_host`
 */
export function checkTarget(request: IncomingMessage): void {
  const [host, ...others] = request.headersDistinct['host'] ?? []
  if (host === undefined || others.length > 0) throw badHost()
  checkHost(host)
  if (!request.url?.startsWith('/')) throw badHost()
}

function badHost(): AppError {
  return new AppError('bad_host', 'One Host header with a host name, and a path as the target, are expected.')
}

/** Returns the path of a request target, decoded as the router does; one that cannot be decoded as it came. */
export function pathOf(url = ''): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  try {
    return path.includes('%') ? decodeURI(path) : path
  } catch {
    return path // No route has such a path.
  }
}
