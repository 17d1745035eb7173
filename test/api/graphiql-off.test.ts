import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({ REX_GRAPHIQL: 'off' })
})
afterAll(() => app?.stop())

it('11.14: with REX_GRAPHIQL=off there is no page and no file of GraphiQL', async () => {
  const page = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(401)
  expect((await fetch(`${app.url}/graphiql/graphiql.js`)).status).toBe(404)
})

it.each([
  '{ __schema { types { name } } }',
  '{ __type(name: "Contact") { name } }',
  'query { a: __schema { queryType { name } } }',
])('11.14: with REX_GRAPHIQL=off introspection is refused: %s', async (query) => {
  const { codes, data } = await createGraphqlClient(app)(query)
  expect([codes[0], data]).toEqual(['BAD_USER_INPUT', undefined])
})

it('11.14: with REX_GRAPHIQL=off operations may still ask for type names', async () => {
  expect((await createGraphqlClient(app)('{ __typename viewer { __typename } }')).data).toEqual({
    __typename: 'Query',
    viewer: { __typename: 'ApiKey' },
  })
})
