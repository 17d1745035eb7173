import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { contactsQuery, createdSubscription, createLiveClient, type LiveClient, upsertMutation } from './live-client.ts'

let app: TestApp
let live: LiveClient
let urql: Client

beforeAll(async () => {
  app = await startTestApp()
  live = createLiveClient(app)
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: live.client.subscribe({ query, variables: { ...variables } }, parseSink(sink)),
      }),
    }),
  })
  const fetchOptions = { headers: { 'x-api-key': app.key } }
  urql = new Client({ url: `${app.url}/graphql`, exchanges: [fetchExchange, subscriptions], fetchOptions })
})

afterAll(async () => {
  await live?.[Symbol.asyncDispose]()
  await app?.stop()
})

it('urql mutates and queries', async () => {
  const { data } = await urql.mutation(upsertMutation, { input: { email: 'urql@example.com' } })
  expect(data).toMatchObject({ upsertContact: { __typename: 'UpsertContactSuccess', outcome: 'CREATED' } })
  for (const preferGetMethod of [false, 'force' as const]) {
    const { data: contacts } = await urql.query(contactsQuery, { first: 5 }, { preferGetMethod })
    expect(contacts).toMatchObject({ contacts: { edges: [{ node: { email: 'urql@example.com' } }] } })
  }
})

it('urql gets expected failures as data, and others as errors with a code', async () => {
  const { data } = await urql.mutation(upsertMutation, { input: { email: 'nonsense' } })
  expect(data).toMatchObject({ upsertContact: { __typename: 'ValidationError', issues: [{ path: ['email'] }] } })
  const { error } = await urql.query(contactsQuery, { first: 101 })
  expect(error?.graphQLErrors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

it('urql subscribes', async () => {
  const received: unknown[] = []
  const subscription = urql.subscription(createdSubscription, {}).subscribe(({ data }) => received.push(data))
  await live.taken()
  await urql.mutation(upsertMutation, { input: { email: 'urql-live@example.com' } })
  await eventually(
    () => received.length > 0,
    () => 'no event',
  )
  expect(received).toMatchObject([{ contactCreated: { contact: { email: 'urql-live@example.com' } } }])
  subscription.unsubscribe()
})

function parseSink(sink: object) {
  return sink as Parameters<LiveClient['client']['subscribe']>[1]
}
