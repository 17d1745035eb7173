/**
 * Returns the URL to which a form's page sends its visitor, undefined if it is not allowed. It must be an absolute URL
 * of a listed origin: https, or http on localhost. What browsers and parsers read differently (user info, backslashes, white space,
 * control characters) is refused before it is parsed.
 */
export function redirectTarget(wanted: unknown, redirectOrigins: readonly string[]): string | undefined {
  if (typeof wanted !== 'string' || /[\s\\\p{Cc}]/u.test(wanted)) return undefined
  const authority = /^https?:\/\/([^/?#]+)/i.exec(wanted)?.[1]
  if (authority === undefined || authority.includes('@') || !URL.canParse(wanted)) return undefined
  const { protocol, hostname, origin, href } = new URL(wanted)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLocalhost(hostname))
  return isSafe && redirectOrigins.includes(origin) ? href : undefined
}

function isLocalhost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost')
}
