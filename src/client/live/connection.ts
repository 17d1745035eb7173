import { type Client, createClient, type SubscribePayload } from 'graphql-ws/client'

/** Thrown when the server refuses the key, the right or the cursor: trying again would not help. */
export class LiveRefusedError extends Error {
  constructor(message: string, cause: unknown) {
    super(`Rex refuses to send live events: ${message}`, { cause })
    this.name = 'LiveRefusedError'
  }
}

const keepAliveMs = 10_000
const pongTimeoutMs = 5000

/** Opens a client of the GraphQL endpoint. It does not retry: the caller resumes from its cursor. */
export function connect(url: string | URL, apiKey: string): Client {
  let silence: ReturnType<typeof setTimeout> | undefined
  const client = createClient({
    url: new URL('/graphql', String(url).replace(/^http/, 'ws')).href,
    connectionParams: { apiKey },
    retryAttempts: 0,
    keepAlive: keepAliveMs,
    on: {
      // Only its silence shows that a connection is dead whose end was never sent.
      ping: (isReceived) => {
        if (!isReceived) silence = setTimeout(() => client.terminate(), pongTimeoutMs)
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(silence)
      },
      closed: () => clearTimeout(silence),
    },
  })
  return client
}

/** Yields the results of an operation. @throws LiveRefusedError, or the reason of a failure that may pass */
export async function* resultsOf<Data>(client: Client, operation: SubscribePayload): AsyncGenerator<Data> {
  try {
    for await (const { data, errors } of client.iterate<Data>(operation)) {
      if (errors) throw errors
      if (data) yield data
    }
  } catch (error) {
    const refusal = refusalIn(error)
    throw refusal === undefined ? error : new LiveRefusedError(refusal, error)
  }
}

/** Codes of errors that pass: the service restarts, its database is away, or this reader was too slow. */
const passingCodes: readonly unknown[] = ['UNAVAILABLE', 'SLOW_SUBSCRIBER', 'RATE_LIMITED', 'INTERNAL']

/** Returns the message of a refusal; undefined for a failure that may pass. */
function refusalIn(error: unknown): string | undefined {
  if (Array.isArray(error)) {
    const [{ message, extensions } = {}]: { message?: string; extensions?: { code?: unknown } }[] = error
    return passingCodes.includes(extensions?.code) ? undefined : message
  }
  const { code, reason }: { code?: unknown; reason?: unknown } = Object(error)
  // From 4400 a key or a message is refused. 4499 is the `terminate` above.
  const isRefused = typeof code === 'number' && code >= 4400 && code < 4499
  return isRefused ? `${code} ${reason}` : undefined
}
