import type { Scope } from '../../generated/graphql/graphql.ts'
import { type Channel, createChannel } from './channel.ts'
import { connect } from './connection.ts'
import type { ResultOf } from './documents.js'
import { type Following, keepFollowing, type LiveState } from './stream.ts'

export type LiveEvent = Extract<ResultOf<'Events'>['events'], { __typename: 'Event' }>

/** What happens while somebody looks. */
export interface Live {
  readonly events: Channel<LiveEvent>
  /** Something may have been missed: what is shown has to be read again. */
  readonly gaps: Channel<void>
}

interface LiveParts {
  readonly key: string
  /** Of the newest event before what is shown was read; undefined where there was none. */
  readonly cursor: string | undefined
  readonly signal: AbortSignal
  may(scope: Scope): boolean
  readonly onState: (state: LiveState) => void
  readonly onUnauthenticated: () => void
}

export function startLive(parts: LiveParts): Live {
  const { key, may, signal, onState } = parts
  const live: Live = { events: createChannel(), gaps: createChannel() }
  if (!may('EVENTS_READ')) {
    onState({ kind: 'refused', why: 'the key lacks EVENTS_READ' })
    return live
  }
  const client = connect(key)
  signal.addEventListener('abort', () => void client.dispose())
  followEvents({ ...parts, client }, parts, live)
  return live
}

/** Every event after the cursor, once and in order: each start goes on after the last that came. */
function followEvents(following: Following, { cursor: first, may }: LiveParts, { events, gaps }: Live): void {
  let cursor = first
  void keepFollowing(following, {
    name: 'Events',
    variables: () => ({ after: cursor ?? null, withContacts: may('CONTACTS_READ') }),
    onTaken: () => {
      // Where there was no event yet, there is no place to resume from.
      if (cursor === undefined) gaps.tell()
    },
    onData: ({ events: item }) => {
      if (item.__typename === 'Event') events.tell(item)
      else gaps.tell()
      cursor = item.__typename === 'Event' ? item.cursor : item.resumedAt
    },
  })
}
