import type { DeliveryFragment, Scope } from '../../generated/graphql/graphql.ts'
import { connect } from './connection.ts'
import type { ResultOf } from './documents.js'
import { createEmitter, type Emitter } from './emitter.ts'
import { type FollowOptions, followStream, type LiveState } from './stream.ts'

export type LiveEvent = Extract<ResultOf<'Events'>['events'], { __typename: 'Event' }>

/** Live updates for the views. */
export interface Live {
  readonly events: Emitter<LiveEvent>
  /** Emits when events may have been missed, so that the views must read their data again. */
  readonly gaps: Emitter<void>
  readonly deliveries: Emitter<DeliveryFragment>
  readonly deliveryGaps: Emitter<void>
}

interface LiveParts {
  readonly key: string
  /** Cursor of the newest event before the views read their data; undefined if there was none. */
  readonly cursor: string | undefined
  readonly signal: AbortSignal
  may(scope: Scope): boolean
  readonly onState: (state: LiveState) => void
  readonly onUnauthenticated: () => void
}

/** Subscribes to all updates that the key may read, over one connection. */
export function startLive(parts: LiveParts): Live {
  const { key, may, signal } = parts
  const client = connect(key)
  signal.addEventListener('abort', () => void client.dispose())
  const live: Live = {
    events: createEmitter(),
    gaps: createEmitter(),
    deliveries: createEmitter(),
    deliveryGaps: createEmitter(),
  }
  const [setEventsState, setDeliveriesState] = combineStates(parts.onState)
  if (may('EVENTS_READ')) followEvents({ ...parts, client, onState: setEventsState }, parts, live)
  else setEventsState({ kind: 'refused', why: 'the key lacks EVENTS_READ' })
  if (may('WEBHOOKS_READ')) followDeliveries({ ...parts, client, onState: setDeliveriesState }, parts, live)
  else setDeliveriesState({ kind: 'live' })
  return live
}

const worstFirst = ['refused', 'reconnecting', 'connecting', 'live']

/** Combines the states of two streams: the worse one counts. */
function combineStates(
  showMessage: (state: LiveState) => void,
): [(state: LiveState) => void, (state: LiveState) => void] {
  const states: LiveState[] = [{ kind: 'connecting' }, { kind: 'connecting' }]
  const rank = ({ kind }: LiveState) => worstFirst.indexOf(kind)
  const change = (nth: number) => (state: LiveState) => {
    states[nth] = state
    const [worst] = states.toSorted((one, other) => rank(one) - rank(other))
    if (worst) showMessage(worst)
  }
  return [change(0), change(1)]
}

/** Emits every event after the cursor, once and in order: each start resumes after the last event. */
function followEvents(following: FollowOptions, { cursor: first, may }: LiveParts, { events, gaps }: Live): void {
  let cursor = first
  void followStream(following, {
    name: 'Events',
    variables: () => ({ after: cursor ?? null, withContacts: may('CONTACTS_READ') }),
    onSubscribed: () => {
      // Without an earlier event there is no cursor to resume from.
      if (cursor === undefined) gaps.emit()
    },
    onData: ({ events: item }) => {
      if (item.__typename === 'Event') events.emit(item)
      else gaps.emit()
      cursor = item.__typename === 'Event' ? item.cursor : item.resumedAt
    },
  })
}

/** Emits deliveries in their current state. There is no cursor, so the views read them again at each start. */
function followDeliveries(following: FollowOptions, { may }: LiveParts, { deliveries, deliveryGaps }: Live): void {
  void followStream(following, {
    name: 'DeliveryUpdates',
    variables: () => ({ withEvents: may('EVENTS_READ') }),
    onSubscribed: () => deliveryGaps.emit(),
    onData: ({ deliveryUpdated }) => deliveries.emit(deliveryUpdated),
  })
}
