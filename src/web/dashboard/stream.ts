import type { Client } from 'graphql-ws'
import { type Ending, endingOf } from './connection.ts'
import { type DocumentName, documents, type ResultOf, type VariablesOf } from './documents.js'
import { backoffMs, pause } from './pause.ts'

export type LiveState = { kind: 'connecting' | 'live' | 'reconnecting' } | { kind: 'refused'; why: string }

/** A subscription that is taken up again where it was cut. */
export interface Stream<Name extends DocumentName> {
  readonly name: Name
  /** Asked for at each start, since they say from where. */
  variables(): VariablesOf<Name>
  /** The server has taken the subscription: what happens from now on comes. */
  onTaken(): void
  onData(data: ResultOf<Name>): void
}

export interface Following {
  readonly client: Client
  readonly signal: AbortSignal
  readonly onState: (state: LiveState) => void
  readonly onUnauthenticated: () => void
}

/** Follows through whatever happens to the connection, until it is refused or the signal aborts. */
export async function keepFollowing<Name extends DocumentName>(
  { client, signal, onState, onUnauthenticated }: Following,
  stream: Stream<Name>,
): Promise<void> {
  let failures = 0
  const onTaken = () => {
    failures = 0
    onState({ kind: 'live' })
    stream.onTaken()
  }
  onState({ kind: 'connecting' })
  while (!signal.aborted) {
    const ending = await followOnce(client, { ...stream, onTaken })
    if (signal.aborted) return
    if (ending.kind === 'unauthenticated') return onUnauthenticated()
    if (ending.kind === 'refused') return onState(ending)
    onState({ kind: 'reconnecting' })
    await pause(backoffMs(failures++), signal)
  }
}

function followOnce<Name extends DocumentName>(client: Client, stream: Stream<Name>): Promise<Ending> {
  const { name, variables, onTaken, onData } = stream
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
    // It is answered after the subscription, which has been taken by then.
    client.subscribe(
      { query: documents.Viewer },
      { next: () => isOver || onTaken(), error: () => {}, complete: () => {} },
    )
  })
}
