import type { RexEvent } from '../rex-event.ts'

/** An event of the log. A later version may send other types: ignore those that you do not know. */
export type LiveEvent = LiveForm<RexEvent>

type LiveForm<Each extends RexEvent> = Each extends RexEvent
  ? {
      readonly kind: 'event'
      readonly id: string
      readonly type: Each['event']
      readonly data: Each['data']
      /** ISO 8601 in UTC. */
      readonly createdAt: string
      /** Place in the log. Store it with what you do with the event, and pass it as `after` the next time. */
      readonly cursor: string
    }
  : never

/** Says that events after the cursor are gone, because they are older than the retention time: read the state anew. */
export interface StreamGap {
  readonly kind: 'gap'
  readonly reason: string
}

export type LiveItem = LiveEvent | StreamGap

/** Event or gap as GraphQL returns it. */
export interface StreamedItem {
  readonly __typename: 'Event' | 'StreamGap'
  readonly cursor?: string
}

/** Converts an item; the server's schema guarantees its form. */
export function parseItem({ __typename, ...item }: StreamedItem): LiveItem {
  return { kind: __typename === 'StreamGap' ? 'gap' : 'event', ...item } as LiveItem
}
