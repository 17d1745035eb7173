import type { IncomingHttpHeaders } from 'node:http'
import type { RequestOrigin } from './request-origin.ts'

/**
 * Returns whether an origin is that of this server, as the caller reaches it or as `publicUrl` names it. The scheme is
 * not compared, since a proxy may speak TLS for us.
 */
export function isOwnOrigin(origin: string, { host }: RequestOrigin, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const asked = new URL(origin).host
  return asked === host.toLowerCase() || (publicUrl !== undefined && asked === new URL(publicUrl).host)
}

/**
 * Returns whether a browser says that a page of ours sent the request, by `Origin` or `Sec-Fetch-Site`. Neither header
 * can be set by a page; without both there is no proof.
 */
export function isFromOwnPage(
  { origin, 'sec-fetch-site': site }: IncomingHttpHeaders,
  reached: RequestOrigin,
  publicUrl: string | undefined,
): boolean {
  if (origin === undefined && site === undefined) return false
  return (origin === undefined || isOwnOrigin(origin, reached, publicUrl)) && (site ?? sameOrigin) === sameOrigin
}

const sameOrigin = 'same-origin'
