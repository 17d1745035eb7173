import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { contactsQuery, createdSubscription, createLiveClient, type LiveClient, upsertMutation } from './live-client.ts'

/** What Apollo Client must know of unions; the schema tells it. */
const possibleTypes = { UpsertContactResult: ['UpsertContactSuccess', 'ValidationError'] }

let app: TestApp
let live: LiveClient
let apollo: ApolloClient

beforeAll(async () => {
  app = await startTestApp()
  live = createLiveClient(app)
  const http = new HttpLink({ uri: `${app.url}/graphql`, headers: { 'x-api-key': app.key } })
  const isLive = ({ operationType }: ApolloLink.Operation) => operationType === OperationTypeNode.SUBSCRIPTION
  const link = ApolloLink.split(isLive, new GraphQLWsLink(live.client), http)
  apollo = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) })
})

afterAll(async () => {
  apollo?.stop()
  await live?.[Symbol.asyncDispose]()
  await app?.stop()
})

const upsert = (email: string) => apollo.mutate({ mutation: gql(upsertMutation), variables: { input: { email } } })

it('Apollo Client mutates and queries', async () => {
  const { data } = await upsert('apollo@example.com')
  expect(data).toMatchObject({ upsertContact: { __typename: 'UpsertContactSuccess', outcome: 'CREATED' } })
  const { data: contacts } = await apollo.query({ query: gql(contactsQuery), variables: { first: 5 } })
  expect(contacts).toMatchObject({ contacts: { edges: [{ node: { email: 'apollo@example.com' } }] } })
  expect(JSON.stringify(apollo.cache.extract())).toContain('"Contact:cont_')
})

it('Apollo Client gets expected failures as data, and others as errors with a code', async () => {
  const { data } = await upsert('nonsense')
  expect(data).toMatchObject({ upsertContact: { __typename: 'ValidationError', issues: [{ path: ['email'] }] } })
  const failed = await apollo.query({ query: gql(contactsQuery), variables: { first: 101 } }).catch((error) => error)
  expect(CombinedGraphQLErrors.is(failed)).toBe(true)
  expect(failed.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

it('Apollo Client subscribes', async () => {
  const received: unknown[] = []
  const subscription = apollo
    .subscribe({ query: gql(createdSubscription) })
    .subscribe(({ data }) => received.push(data))
  await live.taken()
  await upsert('apollo-live@example.com')
  await eventually(
    () => received.length > 0,
    () => 'no event',
  )
  expect(received).toMatchObject([{ contactCreated: { contact: { email: 'apollo-live@example.com' } } }])
  subscription.unsubscribe()
})
