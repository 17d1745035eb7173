import { type Client, createClient } from 'graphql-ws'
import type { Session } from './session.ts'

const keepAliveMs = 10_000
const silenceMs = 5000

/** Opens a connection for subscriptions. It does not reconnect: the stream does, because it knows the resume position. */
export function connect(session: Session): Client {
  let silence: ReturnType<typeof setTimeout>
  const client = createClient({
    url: new URL('/graphql', location.origin.replace(/^http/, 'ws')).href,
    // Without a key the browser sends the session cookie with the upgrade.
    connectionParams: session.kind === 'key' ? { apiKey: session.key } : {},
    retryAttempts: 0,
    // A ping without a pong detects a dead connection that was not closed.
    keepAlive: keepAliveMs,
    on: {
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), silenceMs)
      },
      pong: (received) => {
        if (received) clearTimeout(silence)
      },
      closed: () => clearTimeout(silence),
    },
  })
  return client
}

const keyRefused = 4403
/** Transient errors: the server restarts, its database is down, or this page was too slow. */
const transientCodes = ['UNAVAILABLE', 'SLOW_SUBSCRIBER', 'RATE_LIMITED', 'INTERNAL']

export type Ending = { kind: 'passing' } | { kind: 'refused'; why: string } | { kind: 'unauthenticated' }

/** Returns the meaning of a subscription's end: close codes from 4400 are final, except Rex's own 4499. */
export function endingOf(error: unknown): Ending {
  const { code, errors } = parseEnd(error)
  if (code === keyRefused || errors.some((each) => each.extensions?.code === 'UNAUTHENTICATED'))
    return { kind: 'unauthenticated' }
  if (code >= 4400 && code < 4499) return { kind: 'refused', why: `the connection was closed with ${code}` }
  const final = errors.find((each) => !transientCodes.includes(each.extensions?.code ?? ''))
  return final ? { kind: 'refused', why: final.message } : { kind: 'passing' }
}

interface StreamError {
  readonly message: string
  readonly extensions?: { readonly code?: string }
}

/** Parses the end of a subscription: errors are a list, a closed connection is its close event. */
function parseEnd(error: unknown): { code: number; errors: readonly StreamError[] } {
  if (Array.isArray(error)) return { code: 0, errors: error as StreamError[] }
  return { code: (error as { code?: number } | null)?.code ?? 0, errors: [] }
}
