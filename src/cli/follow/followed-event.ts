import type { FollowEventsSubscription } from '../../generated/cli/graphql.ts'
import { graphql } from '../api/document.ts'

/** Live events; with a cursor, what was missed comes first. */
export const FollowEvents = graphql(`
  subscription FollowEvents($after: String, $types: [String!]) {
    events(after: $after, types: $types) {
      __typename
      ... on Event {
        id
        type
        cursor
        createdAt
        data
        changedFields
      }
      ... on StreamGap {
        reason
        resumedAt
      }
    }
  }
`)

type Item = FollowEventsSubscription['events']

/** Event of the log, with all that its webhook body has. */
export type FollowedEvent = Omit<Extract<Item, { __typename: 'Event' }>, '__typename'>

/** Returns the webhook body of an event: the bytes that the server sends for it. */
export function webhookBody({ id, type, createdAt, data, changedFields }: FollowedEvent): string {
  const changed = changedFields.length > 0 && { changed: changedFields }
  return JSON.stringify({ id, event: type, timestamp: createdAt, data, ...changed })
}
