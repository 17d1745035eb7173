/** Proof of who uses the page: a key of this tab, or the cookie of a sign-in link, which scripts cannot read. */
export type Session = { readonly kind: 'key'; readonly key: string } | { readonly kind: 'cookie' }

const keyName = 'rex:key'
/** Marks that a cookie was set, so that visitors without one send no request that is refused. */
const cookieMark = 'rex:session'

/** Returns the session of this tab, else the one of the browser. The key ends with its tab. */
export function loadSession(): Session | undefined {
  const key = sessionStorage.getItem(keyName)
  if (key !== null) return { kind: 'key', key }
  return localStorage.getItem(cookieMark) === null ? undefined : { kind: 'cookie' }
}

export function saveSession(session: Session): void {
  if (session.kind === 'key') sessionStorage.setItem(keyName, session.key)
  else localStorage.setItem(cookieMark, '1')
}

function forgetSession(session: Session): void {
  if (session.kind === 'key') sessionStorage.removeItem(keyName)
  else localStorage.removeItem(cookieMark)
}

/** Returns the headers of a request. A cookie needs a header that no form of another site can send. */
export function headersOf(session: Session): Readonly<Record<string, string>> {
  return session.kind === 'key' ? { 'x-api-key': session.key } : { 'x-rex-session': '1' }
}

/** Turns the token of a sign-in link into the session cookie. Returns the reason if it is refused. */
export async function redeemToken(token: string): Promise<string | undefined> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-rex-session': '1' },
    body: JSON.stringify({ token }),
  }).catch(() => undefined)
  if (response === undefined) return 'Rex cannot be reached.'
  if (response.ok) return undefined
  return 'This link has been used or is older than 60 seconds. Sign in with an API key, or start Rex again for a new link.'
}

/** Ends the session on the server, too, where it has one. */
export async function endSession(session: Session): Promise<void> {
  forgetSession(session)
  if (session.kind === 'cookie')
    await fetch('/session', { method: 'DELETE', headers: headersOf(session) }).catch(() => undefined)
}
