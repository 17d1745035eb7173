import type { Client } from '@urql/core'
import {
  type DeliveryFragment,
  DeliveryUpdatesDocument,
  EventsDocument,
  type EventsSubscription,
  type Scope,
} from '../../../generated/graphql/graphql.ts'
import { createEmitter, type Emitter } from './emitter.ts'
import { createStore, type Store } from './store.ts'
import type { LiveState } from './stream.ts'

type LiveEvent = Extract<EventsSubscription['events'], { __typename: 'Event' }>

/** Live updates for the pages. */
interface Live {
  readonly state: Store<LiveState>
  /** Every event after the sign-in, once and in order. */
  readonly events: Emitter<LiveEvent>
  /** Emits when events may have been missed, so that the pages must read their data again. */
  readonly gaps: Emitter<void>
  /** Deliveries in their current state. They have no cursor: the pages read them again at each gap. */
  readonly deliveries: Emitter<DeliveryFragment>
  readonly deliveryGaps: Emitter<void>
}

/** Live updates, and the functions by which the exchange feeds them. */
export interface LiveFeed extends Live {
  onState(name: string, state: LiveState): void
  onSubscribed(name: string, after: string | undefined): void
}

const events = 'Events'
const deliveries = 'DeliveryUpdates'

export function createLiveFeed(): LiveFeed {
  const states = new Map<string, LiveState>()
  const feed = {
    state: createStore<LiveState>({ kind: 'connecting' }),
    events: createEmitter<LiveEvent>(),
    gaps: createEmitter<void>(),
    deliveries: createEmitter<DeliveryFragment>(),
    deliveryGaps: createEmitter<void>(),
  }
  return {
    ...feed,
    onState: (name, state) => {
      states.set(name, state)
      feed.state.set(worstOf([...states.values()]))
    },
    onSubscribed: (name, after) => {
      if (name === deliveries) feed.deliveryGaps.emit()
      // Without an earlier event there is no cursor to resume from.
      if (name === events && after === undefined) feed.gaps.emit()
    },
  }
}

const worstFirst = ['refused', 'reconnecting', 'connecting', 'live']

function worstOf(states: readonly LiveState[]): LiveState {
  const rank = ({ kind }: LiveState) => worstFirst.indexOf(kind)
  const [worst] = states.toSorted((one, other) => rank(one) - rank(other))
  return worst ?? { kind: 'connecting' }
}

interface StartParts {
  readonly feed: LiveFeed
  readonly may: (scope: Scope) => boolean
  /** Cursor of the newest event before the pages read their data; undefined if there was none. */
  readonly cursor: string | undefined
}

/** Subscribes to all updates that the key may read, over one connection. Returns the function that ends it. */
export function startLive(client: Client, { feed, may, cursor }: StartParts): () => void {
  const endings: (() => void)[] = []
  if (may('EVENTS_READ')) endings.push(followEvents(client, { feed, may, cursor }))
  else feed.onState(events, { kind: 'refused', why: 'the key lacks EVENTS_READ' })
  if (may('WEBHOOKS_READ')) endings.push(followDeliveries(client, { feed, may }))
  return () => {
    for (const end of endings) end()
  }
}

function followEvents(client: Client, { feed, may, cursor }: StartParts): () => void {
  const variables = { withContacts: may('CONTACTS_READ'), ...(cursor !== undefined && { after: cursor }) }
  return client.subscription(EventsDocument, variables).subscribe(({ data }) => {
    if (data?.events.__typename === 'Event') feed.events.emit(data.events)
    if (data?.events.__typename === 'StreamGap') feed.gaps.emit()
  }).unsubscribe
}

function followDeliveries(client: Client, { feed, may }: Omit<StartParts, 'cursor'>): () => void {
  const variables = { withEvents: may('EVENTS_READ') }
  return client.subscription(DeliveryUpdatesDocument, variables).subscribe(({ data }) => {
    if (data) feed.deliveries.emit(data.deliveryUpdated)
  }).unsubscribe
}
