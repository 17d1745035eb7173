import type { Client } from 'graphql-ws'
import { backoffMs, sleep } from './backoff.ts'
import { type Ending, endingOf } from './socket.ts'

export type LiveState = { kind: 'connecting' | 'live' | 'reconnecting' } | { kind: 'refused'; why: string }

/** A subscription that resumes where it was interrupted. */
export interface Stream {
  readonly query: string
  /** Returns the variables; called at each start, because they contain the resume position. */
  variables(): Record<string, unknown>
  /** Called when the server has accepted the subscription, so that all later events arrive. */
  onSubscribed(): void
  onData(data: Record<string, unknown>): void
}

export interface FollowOptions {
  readonly socket: Client
  readonly signal: AbortSignal
  readonly onState: (state: LiveState) => void
  readonly onUnauthenticated: () => void
}

/** Keeps a subscription open across reconnects, until it is refused or the signal aborts. */
export async function followStream(
  { socket, signal, onState, onUnauthenticated }: FollowOptions,
  stream: Stream,
): Promise<void> {
  let failures = 0
  const onSubscribed = () => {
    failures = 0
    onState({ kind: 'live' })
    stream.onSubscribed()
  }
  onState({ kind: 'connecting' })
  while (!signal.aborted) {
    const ending = await followOnce(socket, { ...stream, onSubscribed }, signal)
    if (signal.aborted) return
    if (ending.kind === 'unauthenticated') return onUnauthenticated()
    if (ending.kind === 'refused') return onState(ending)
    onState({ kind: 'reconnecting' })
    await sleep(backoffMs(failures++), signal)
  }
}

function followOnce(socket: Client, stream: Stream, signal: AbortSignal): Promise<Ending> {
  const { query, variables, onSubscribed, onData } = stream
  return new Promise((resolve) => {
    let isOver = false
    const end = (error: unknown = null) => {
      isOver = true
      signal.removeEventListener('abort', end)
      stop()
      resolve(endingOf(error))
    }
    const stop = socket.subscribe<Record<string, unknown>>(
      { query, variables: variables() },
      { next: ({ data, errors }) => (data ? onData(data) : end(errors)), error: end, complete: end },
    )
    signal.addEventListener('abort', end)
    // The server responds to this query after it has accepted the subscription.
    socket.subscribe(
      { query: '{ viewer { id } }' },
      { next: () => isOver || onSubscribed(), error: () => {}, complete: () => {} },
    )
  })
}
