import type { Client } from 'graphql-ws'
import { backoffMs, sleep } from './backoff.ts'
import { type Ending, endingOf } from './connection.ts'
import { type DocumentName, documents, type ResultOf, type VariablesOf } from './documents.js'

export type LiveState = { kind: 'connecting' | 'live' | 'reconnecting' } | { kind: 'refused'; why: string }

/** A subscription that resumes where it was interrupted. */
export interface Stream<Name extends DocumentName> {
  readonly name: Name
  /** Returns the variables; called at each start, because they contain the resume position. */
  variables(): VariablesOf<Name>
  /** Called when the server has accepted the subscription, so that all later events arrive. */
  onSubscribed(): void
  onData(data: ResultOf<Name>): void
}

export interface FollowOptions {
  readonly client: Client
  readonly signal: AbortSignal
  readonly onState: (state: LiveState) => void
  readonly onUnauthenticated: () => void
}

/** Keeps a subscription open across reconnects, until it is refused or the signal aborts. */
export async function followStream<Name extends DocumentName>(
  { client, signal, onState, onUnauthenticated }: FollowOptions,
  stream: Stream<Name>,
): Promise<void> {
  let failures = 0
  const onSubscribed = () => {
    failures = 0
    onState({ kind: 'live' })
    stream.onSubscribed()
  }
  onState({ kind: 'connecting' })
  while (!signal.aborted) {
    const ending = await followOnce(client, { ...stream, onSubscribed })
    if (signal.aborted) return
    if (ending.kind === 'unauthenticated') return onUnauthenticated()
    if (ending.kind === 'refused') return onState(ending)
    onState({ kind: 'reconnecting' })
    await sleep(backoffMs(failures++), signal)
  }
}

function followOnce<Name extends DocumentName>(client: Client, stream: Stream<Name>): Promise<Ending> {
  const { name, variables, onSubscribed, onData } = stream
  return new Promise((resolve) => {
    let isOver = false
    const end = (error: unknown = null) => {
      isOver = true
      stop()
      resolve(endingOf(error))
    }
    const stop = client.subscribe<ResultOf<Name>>(
      { query: documents[name], variables: variables() },
      { next: ({ data, errors }) => (data ? onData(data) : end(errors)), error: end, complete: end },
    )
    // The server responds to this query after it has accepted the subscription.
    client.subscribe(
      { query: documents.Viewer },
      { next: () => isOver || onSubscribed(), error: () => {}, complete: () => {} },
    )
  })
}
