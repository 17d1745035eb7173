import type { IncomingHttpHeaders } from 'node:http'

/** The key of a request: `X-Api-Key`, or `Authorization: Bearer`, spaces within it too. */
export function apiKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-api-key']
  if (typeof own === 'string' && own !== '') return own
  const [, bearer] = /^bearer +(\S.*)$/i.exec(headers.authorization ?? '') ?? []
  return bearer
}
