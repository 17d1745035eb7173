import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('extensions.cost', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const extensionsOf = async (query: string, variables?: object) =>
    JSON.parse((await graphql(query, variables)).text).extensions

  it('tells what a query cost, by its fields and the size of its lists', async () => {
    expect(await extensionsOf('{ viewer { id } }')).toEqual({ cost: 2 })
    const query = 'query ($first: Int) { contacts(first: $first) { nodes { id } } }'
    const [{ cost: ten }, { cost: hundred }] = [
      await extensionsOf(query, { first: 10 }),
      await extensionsOf(query, { first: 100 }),
    ]
    expect(hundred - 5).toBe((ten - 5) * 10)
  })

  it('is that of the operation that ran', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': app.key },
      body: JSON.stringify({
        query: 'query Small { viewer { id } } query Large { viewer { id name prefix } }',
        operationName: 'Large',
      }),
    })
    expect(await response.json()).toMatchObject({ extensions: { cost: 4 } })
  })

  it('stands beside errors of fields, and not with what was refused', async () => {
    expect(await extensionsOf('{ contacts(first: 101) { nodes { id } } }')).toEqual({ cost: expect.any(Number) })
    const deep =
      '{ contacts(first: 100) { nodes { events(first: 100) { nodes { deliveries(first: 100) { nodes { id } } } } } } }'
    const { codes, text } = await graphql(deep)
    expect(codes).toEqual(['COST_EXCEEDED'])
    expect(JSON.parse(text).extensions).toBeUndefined()
  })

  it('comes over a WebSocket, too', async () => {
    await using subscriber = await connectSubscriber(app, { query: '{ viewer { id } }' })
    await subscriber.next()
    expect(subscriber.results[0]?.extensions).toEqual({ cost: 2 })
  })
})
