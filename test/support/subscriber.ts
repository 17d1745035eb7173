import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws'
import { WebSocket } from 'ws'
import { eventually } from './eventually.ts'

type Data = Record<string, unknown>
type SubscriberResult = FormattedExecutionResult<Data>

export interface Operation {
  readonly query: string
  readonly variables?: Record<string, unknown>
}

/** A subscription over a real WebSocket, whose results wait in a queue. */
export interface Subscriber extends AsyncDisposable {
  /** The data of the next result; waits for it, and throws what came instead. */
  next(): Promise<Data>
  /** All results so far, those taken by `next` included. */
  readonly results: readonly SubscriberResult[]
  /** What ended the subscription, if it has ended: 'complete', errors, or a close event. */
  readonly end: unknown
  ended(): Promise<unknown>
  readonly client: Client
  readonly socket: WebSocket
}

/** Subscribes, and resolves when the server has taken the subscription: what happens from then on is received. */
export async function connectSubscriber(
  app: { readonly url: string; readonly key: string },
  operation: Operation,
): Promise<Subscriber> {
  const client = createClient({
    url: `${app.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: app.key },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  })
  const socket = await new Promise<WebSocket>((resolve, reject) => {
    client.on('connected', (connected) => resolve(parseSocket(connected)))
    client.on('closed', reject)
  })
  const results: SubscriberResult[] = []
  let end: unknown
  let taken = 0
  client.subscribe<Data>(
    { query: operation.query, variables: operation.variables ?? null },
    {
      next: (result) => void results.push(parseResult(result)),
      error: (error) => {
        end = error
      },
      complete: () => {
        end ??= 'complete'
      },
    },
  )
  await answered(client)

  const ended = async () => {
    await eventually(
      () => end !== undefined,
      () => `${results.length} results and no end`,
    )
    return end
  }
  return {
    client,
    socket,
    results,
    get end() {
      return end
    },
    ended,
    next: async () => {
      await eventually(
        () => results.length > taken || end !== undefined,
        () => `${results.length} results`,
      )
      const result = results[taken++]
      if (!result?.data) throw new Error(`No data came, but ${JSON.stringify(result ?? end)}`)
      return result.data
    },
    [Symbol.asyncDispose]: async () => {
      await client.dispose()
    },
  }
}

/** A query that is answered after a subscription was sent: the server has taken the subscription by then. */
export async function answered(client: Client): Promise<void> {
  for await (const _result of client.iterate({ query: '{ viewer { id } }' })) return
}

function parseSocket(connected: unknown): WebSocket {
  if (!(connected instanceof WebSocket)) throw new Error('The client connected with something else than ws.')
  return connected
}

function parseResult(result: unknown): SubscriberResult {
  return result as SubscriberResult
}
