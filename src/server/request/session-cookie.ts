import type { IncomingMessage } from 'node:http'
import { isFromOwnPage, isOwnOrigin } from './own-page.ts'
import type { RequestOrigin } from './request-origin.ts'

const cookieName = 'rex_session'
const secondsPerDay = 86_400

type Headers = Pick<IncomingMessage, 'headers'>

/**
 * Returns the token of the session that a request of our own page carries. The header `X-Rex-Session: 1` cannot come from
 * a form, and from another page only with a preflight, which is refused (docs/decisions/0030).
 */
export function sessionTokenOf(
  { headers }: Headers,
  reached: RequestOrigin,
  publicUrl: string | undefined,
): string | undefined {
  if (headers['x-rex-session'] !== '1' || !isFromOwnPage(headers, reached, publicUrl)) return undefined
  return tokenInCookie(headers.cookie)
}

/** Does the same for a WebSocket, to which a browser adds no headers: its Origin must be ours. */
export function socketSessionOf(
  { headers }: Headers,
  reached: RequestOrigin,
  publicUrl: string | undefined,
): string | undefined {
  const { origin, cookie } = headers
  return origin !== undefined && isOwnOrigin(origin, reached, publicUrl) ? tokenInCookie(cookie) : undefined
}

/** Two different cookies of the name are none: another server of this host may have set one. */
function tokenInCookie(cookie = ''): string | undefined {
  const start = `${cookieName}=`
  const pairs = cookie.split(';').map((pair) => pair.trim())
  const tokens = new Set(pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length)))
  const [token] = tokens
  return tokens.size === 1 ? token : undefined
}

/** Returns the Set-Cookie header of a session. */
export function cookieOf(token: string, { days, isSecure }: { readonly days: number; readonly isSecure: boolean }) {
  return `${cookieName}=${token}; ${attributes(days * secondsPerDay, isSecure)}`
}

/** Returns the Set-Cookie header that deletes the cookie. */
export function expiredCookie(isSecure: boolean): string {
  return `${cookieName}=; ${attributes(0, isSecure)}`
}

function attributes(maxAge: number, isSecure: boolean): string {
  return `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
}
