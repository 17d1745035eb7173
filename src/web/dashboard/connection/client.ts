import { Client, type CombinedError, cacheExchange, fetchExchange, makeOperation, mapExchange } from '@urql/core'
import type { Client as Socket } from 'graphql-ws'
import { createLiveFeed, type LiveFeed } from './live.ts'
import { resumeExchange } from './resume-exchange.ts'
import { createChangeFetch, createReadFetch } from './retrying-fetch.ts'
import { headersOf, type Session } from './session.ts'
import { connect } from './socket.ts'
import { createStore, type Store } from './store.ts'

/** Connection to the server, for one session. */
export interface Connection {
  readonly client: Client
  readonly feed: LiveFeed
  /** Reason while requests are retried, else an empty text. */
  readonly notice: Store<string>
  /** Headers of requests that do not go through the client. */
  readonly headers: Readonly<Record<string, string>>
  close(): void
}

/** Opens a connection; `onUnauthenticated` is called when the key or the cookie is not valid, or no longer valid. */
export function openConnection(session: Session, onUnauthenticated: () => void): Connection {
  const lifetime = new AbortController()
  const notice = createStore('')
  const feed = createLiveFeed()
  const socket = connect(session)
  const client = createClient({ session, onUnauthenticated, notice, feed, socket, signal: lifetime.signal })
  const close = () => {
    lifetime.abort()
    void socket.dispose()
  }
  return { client, feed, notice, headers: headersOf(session), close }
}

interface ClientParts {
  readonly session: Session
  readonly onUnauthenticated: () => void
  readonly notice: Store<string>
  readonly feed: LiveFeed
  readonly socket: Socket
  readonly signal: AbortSignal
}

function createClient({ session, onUnauthenticated, notice, feed, socket, signal }: ClientParts): Client {
  const retrying = { signal, showNotice: notice.set }
  const [read, change] = [createReadFetch(retrying), createChangeFetch(retrying)]
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: { headers: headersOf(session), signal },
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (isUnauthenticated(error)) onUnauthenticated()
        },
      }),
      cacheExchange,
      resumeExchange({ socket, onUnauthenticated, ...feed }),
      mapExchange({
        onOperation: (operation) =>
          makeOperation(operation.kind, operation, {
            ...operation.context,
            fetch: operation.kind === 'mutation' ? change : read,
          }),
      }),
      fetchExchange,
    ],
  })
}

function isUnauthenticated({ graphQLErrors, response }: CombinedError): boolean {
  if (graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED')) return true
  return (response as Response | undefined)?.status === 401
}
