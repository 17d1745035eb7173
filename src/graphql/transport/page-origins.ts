import type { IncomingMessage } from 'node:http'
import type { Config } from '../../config/config.ts'
import type { RequestOrigin } from '../../server/request-origin.ts'

/**
 * Whether a page of this origin may use the API: our own and those that are configured. Without an Origin it is no
 * browser, or a page of ours. The scheme is not compared, since a proxy may speak TLS for us.
 */
export function isOriginAllowed(
  origin: string | undefined,
  reached: RequestOrigin,
  config: Pick<Config, 'publicUrl' | 'graphqlOrigins'>,
): boolean {
  if (origin === undefined) return true
  if (config.graphqlOrigins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { host } = new URL(origin)
  return (
    host === reached.host.toLowerCase() || (config.publicUrl !== undefined && host === new URL(config.publicUrl).host)
  )
}

/** Never with credentials: a key is in a header, which a page must know. */
export function corsHeaders({ headers: { origin } }: IncomingMessage): Record<string, string> {
  if (origin === undefined) return {}
  return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' }
}

export const preflightHeaders = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'content-type, x-api-key, authorization',
  'Access-Control-Max-Age': '86400',
}
