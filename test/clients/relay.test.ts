import {
  commitMutation,
  Environment,
  fetchQuery,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
} from 'relay-runtime'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { createLiveClient, type LiveClient } from './live-client.ts'
import { contactsRequest, createdRequest, upsertRequest } from './relay-requests.ts'

let app: TestApp
let live: LiveClient
let relay: Environment

beforeAll(async () => {
  app = await startTestApp()
  live = createLiveClient(app)
  relay = new Environment({ network: networkOf(app, live), store: new Store(new RecordSource()) })
})

afterAll(async () => {
  await live?.[Symbol.asyncDispose]()
  await app?.stop()
})

it('Relay mutates and queries, and knows a contact by its id', async () => {
  expect(await upsert('relay@example.com')).toMatchObject({
    upsertContact: { __typename: 'UpsertContactSuccess', outcome: 'CREATED' },
  })
  const data = await fetchQuery(relay, contactsRequest, { first: 5 }).toPromise()
  expect(data).toMatchObject({ contacts: { edges: [{ node: { email: 'relay@example.com' } }] } })
  const { node } = parseContacts(data).contacts.edges[0]!
  expect(relay.getStore().getSource().get(node.id)).toMatchObject({ __typename: 'Contact', email: 'relay@example.com' })
})

it('Relay gets expected failures as data, and others as errors', async () => {
  expect(await upsert('nonsense')).toMatchObject({ upsertContact: { __typename: 'ValidationError' } })
  await expect(fetchQuery(relay, contactsRequest, { first: 101 }).toPromise()).rejects.toThrow('ClientContacts')
})

it('Relay subscribes', async () => {
  const received: unknown[] = []
  const subscription = requestSubscription(relay, {
    subscription: createdRequest,
    variables: {},
    onNext: (data) => received.push(data),
  })
  await live.taken()
  await upsert('relay-live@example.com')
  await eventually(
    () => received.length > 0,
    () => 'no event',
  )
  expect(received).toMatchObject([{ contactCreated: { contact: { email: 'relay-live@example.com' } } }])
  subscription.dispose()
})

function networkOf(app: TestApp, { client }: LiveClient) {
  const graphql = createGraphqlClient(app)
  return Network.create(
    async ({ text }, variables) => JSON.parse((await graphql(text ?? '', variables)).text),
    ({ name, text }, variables) =>
      Observable.create((sink) =>
        client.subscribe({ operationName: name, query: text ?? '', variables }, parseSink(sink)),
      ),
  )
}

function upsert(email: string): Promise<unknown> {
  return new Promise((resolve, reject) =>
    commitMutation(relay, {
      mutation: upsertRequest,
      variables: { input: { email } },
      onCompleted: resolve,
      onError: reject,
    }),
  )
}

function parseSink(sink: object) {
  return sink as Parameters<LiveClient['client']['subscribe']>[1]
}

function parseContacts(data: unknown) {
  return data as { contacts: { edges: { node: { id: string } }[] } }
}
