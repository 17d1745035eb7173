import type { DeliveryFragment, Scope } from '../../generated/graphql/graphql.ts'
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
  readonly deliveries: Channel<DeliveryFragment>
  readonly deliveryGaps: Channel<void>
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

/** Follows what the key may see, over one connection. */
export function startLive(parts: LiveParts): Live {
  const { key, may, signal } = parts
  const client = connect(key)
  signal.addEventListener('abort', () => void client.dispose())
  const live: Live = {
    events: createChannel(),
    gaps: createChannel(),
    deliveries: createChannel(),
    deliveryGaps: createChannel(),
  }
  const [ofEvents, ofDeliveries] = togetherAs(parts.onState)
  if (may('EVENTS_READ')) followEvents({ ...parts, client, onState: ofEvents }, parts, live)
  else ofEvents({ kind: 'refused', why: 'the key lacks EVENTS_READ' })
  if (may('WEBHOOKS_READ')) followDeliveries({ ...parts, client, onState: ofDeliveries }, parts, live)
  else ofDeliveries({ kind: 'live' })
  return live
}

const worstFirst = ['refused', 'reconnecting', 'connecting', 'live']

/** Two streams are as live as the worse of them. */
function togetherAs(tell: (state: LiveState) => void): [(state: LiveState) => void, (state: LiveState) => void] {
  const states: LiveState[] = [{ kind: 'connecting' }, { kind: 'connecting' }]
  const rank = ({ kind }: LiveState) => worstFirst.indexOf(kind)
  const change = (nth: number) => (state: LiveState) => {
    states[nth] = state
    const [worst] = states.toSorted((one, other) => rank(one) - rank(other))
    if (worst) tell(worst)
  }
  return [change(0), change(1)]
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

/** As they are now: there is no cursor, so each start has them read again. */
function followDeliveries(following: Following, { may }: LiveParts, { deliveries, deliveryGaps }: Live): void {
  void keepFollowing(following, {
    name: 'DeliveryUpdates',
    variables: () => ({ withEvents: may('EVENTS_READ') }),
    onTaken: () => deliveryGaps.tell(),
    onData: ({ deliveryUpdated }) => deliveries.tell(deliveryUpdated),
  })
}
