/** A browser that is signed in, as far as HTTP shows it. */
export interface BrowserSession {
  readonly id: string
  /** The Cookie header. */
  readonly cookie: string
  /** The headers of a request of our own page. */
  readonly headers: Readonly<Record<string, string>>
}

export function postSession(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return fetch(`${url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** Signs in with a key or the token of a link, as a page of this server does. */
export async function signIn(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await postSession(url, body, { origin: url, ...headers })
  if (response.status !== 201) throw new Error(`No session was made: ${response.status} ${await response.text()}`)
  const { data } = (await response.json()) as { data: { id: string } }
  const cookie = String(response.headers.get('set-cookie')).split(';', 1)[0]!
  return { id: data.id, cookie, headers: { cookie, origin: url, 'x-rex-session': '1' } } satisfies BrowserSession
}

/** The id of a new session with the rights of a key. */
export async function createSession(url: string, key: string): Promise<string> {
  return (await signIn(url, { api_key: key })).id
}

/** An operation of a browser, with these headers and no key. */
export async function queryAs(url: string, headers: Readonly<Record<string, string>>, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return { status: response.status, text: await response.text() }
}
