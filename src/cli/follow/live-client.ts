import { type Client, createClient } from 'graphql-ws'
import type { Api } from '../api/api.ts'

const pingMs = 10_000
const pongTimeoutMs = 10_000

/** Creates a client for the WebSocket of a server. It ends a connection over which nothing arrives any more. */
export function createLiveClient({ url, apiKey }: Api): Client {
  let pongTimeout: NodeJS.Timeout | undefined
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { apiKey },
    retryAttempts: 0,
    keepAlive: pingMs,
    on: {
      ping: (isReceived) => {
        if (!isReceived) pongTimeout = setTimeout(() => client.terminate(), pongTimeoutMs)
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(pongTimeout)
      },
      closed: () => clearTimeout(pongTimeout),
    },
  })
  return client
}
