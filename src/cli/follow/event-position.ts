import type { Api } from '../api/api.ts'
import { graphql } from '../api/document.ts'
import { pagesOf } from '../api/pages.ts'
import type { FollowedEvent } from './followed-event.ts'

const EventPositions = graphql(`
  query EventPositions($first: Int!, $after: String) {
    events(first: $first, after: $after) {
      nodes {
        id
        cursor
        createdAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const StoredEvent = graphql(`
  query StoredEvent($id: ID!) {
    node(id: $id) {
      __typename
      ... on Event {
        id
        type
        cursor
        createdAt
        data
        changedFields
      }
      ... on Delivery {
        event {
          id
          type
          cursor
          createdAt
          data
          changedFields
        }
      }
    }
  }
`)

/** Place in the log at which to begin. */
export interface StartPosition {
  /** Events after this cursor follow; null: the log has none yet. */
  readonly cursor: string | null
  /** The oldest event, if it is to be read as well: there is no cursor before it. */
  readonly first: FollowedEvent | undefined
}

/** Returns the end of the log, so that only new events follow. */
export async function endOfLog(api: Api): Promise<StartPosition> {
  const { nodes } = (await api.execute(EventPositions, { first: 1, after: null })).events
  return { cursor: nodes[0]?.cursor ?? null, first: undefined }
}

/** Returns the position after which all events since a time follow. */
export async function positionAt(api: Api, since: Date): Promise<StartPosition> {
  let oldest: string | undefined
  for await (const page of pagesOf(async (range) => (await api.execute(EventPositions, range)).events)) {
    const before = page.find(({ createdAt }) => new Date(createdAt) < since)
    if (before) return { cursor: before.cursor, first: undefined }
    oldest = page.at(-1)?.id
  }
  const first = oldest === undefined ? undefined : await storedEvent(api, oldest)
  return { cursor: first?.cursor ?? null, first }
}

/** Returns an event by its id, or by the id of one of its deliveries. */
export async function storedEvent(api: Api, id: string): Promise<FollowedEvent | undefined> {
  const { node } = await api.execute(StoredEvent, { id })
  if (node?.__typename === 'Event') return withoutTypename(node)
  return node?.__typename === 'Delivery' ? node.event : undefined
}

function withoutTypename({ __typename, ...event }: FollowedEvent & { readonly __typename: string }): FollowedEvent {
  return event
}
