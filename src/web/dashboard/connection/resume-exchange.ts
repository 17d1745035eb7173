import {
  type Exchange,
  getOperationName,
  makeResult,
  type Operation,
  type OperationResult,
  stringifyDocument,
} from '@urql/core'
import { filter, make, merge, mergeMap, pipe, type Source, share, takeUntil } from 'wonka'
import { type FollowOptions, followStream, type LiveState } from './stream.ts'

interface ResumeParts extends Pick<FollowOptions, 'socket' | 'onUnauthenticated'> {
  readonly onState: (name: string, state: LiveState) => void
  /** Called each time when the server has accepted the subscription, with the position after which it continues. */
  readonly onSubscribed: (name: string, after: string | undefined) => void
}

/** Sends subscriptions over the socket, and resumes each after a cut: with `after`, right behind the last item. */
export function resumeExchange(parts: ResumeParts): Exchange {
  return ({ forward }) =>
    (operations) => {
      const shared = share(operations)
      const followed = pipe(
        shared,
        filter(({ kind }) => kind === 'subscription'),
        mergeMap((operation) => {
          const ends = filter<Operation>(({ kind, key }) => kind === 'teardown' && key === operation.key)
          return pipe(follow(operation, parts), takeUntil(ends(shared)))
        }),
      )
      const others = pipe(
        shared,
        filter(({ kind }) => kind !== 'subscription'),
        forward,
      )
      return merge([followed, others])
    }
}

function follow(operation: Operation, parts: ResumeParts): Source<OperationResult> {
  const name = getOperationName(operation.query) ?? ''
  return make(({ next }) => {
    const lifetime = new AbortController()
    let after = textOrUndefined(operation.variables?.['after'])
    const onState = (state: LiveState) => parts.onState(name, state)
    void followStream(
      { ...parts, onState, signal: lifetime.signal },
      {
        query: stringifyDocument(operation.query),
        variables: () => ({ ...operation.variables, ...(after !== undefined && { after }) }),
        onSubscribed: () => parts.onSubscribed(name, after),
        onData: (data) => {
          next(makeResult(operation, { data, hasNext: true }))
          // Kept after the item was used: an item that failed is sent again.
          after = cursorIn(data) ?? after
        },
      },
    )
    return () => lifetime.abort()
  })
}

/** Returns the position of an item of the log: an event has a cursor, a gap the one after which the log continues. */
function cursorIn(data: Record<string, unknown>): string | undefined {
  const [item] = Object.values(data) as ({ cursor?: unknown; resumedAt?: unknown } | null)[]
  return textOrUndefined(item?.cursor) ?? textOrUndefined(item?.resumedAt)
}

function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
