import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { answered } from '../support/subscriber.ts'
import type { TestApp } from '../support/test-app.ts'

/** The client of graphql-ws that Apollo Client, urql and Relay are set up with, as their documentation has it. */
export interface LiveClient extends AsyncDisposable {
  readonly client: Client
  /** Resolves when the server has taken what was subscribed before. */
  taken(): Promise<void>
}

export function createLiveClient(app: TestApp): LiveClient {
  const url = `${app.url.replace(/^http/, 'ws')}/graphql`
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { apiKey: app.key } })
  return {
    client,
    taken: () => answered(client),
    [Symbol.asyncDispose]: async () => {
      await client.dispose()
    },
  }
}

export const contactsQuery = `query ClientContacts($first: Int) {
  contacts(first: $first) { edges { node { id email } } }
}`

export const upsertMutation = `mutation ClientUpsert($input: UpsertContactInput!) {
  upsertContact(input: $input) {
    __typename
    ... on UpsertContactSuccess { outcome contact { id email } }
    ... on ValidationError { message issues { path code } }
  }
}`

export const createdSubscription = `subscription ClientCreated {
  contactCreated { eventId contact { id email } }
}`
