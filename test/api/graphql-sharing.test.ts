import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('subscribers that share what they are told', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  const keyWith = async (scopes: readonly string[]) => {
    const mutation = `mutation ($scopes: [Scope!]!) {
      createApiKey(input: { name: "k", scopes: $scopes }) { ... on CreateApiKeySuccess { token } }
    }`
    const { data } = await createGraphqlClient(app)(mutation, { scopes })
    return (data['createApiKey'] as { token: string }).token
  }

  it('see e-mails only where their own key may', async () => {
    const query = 'subscription { contactCreated { contact { email firstName } } }'
    const masked = await keyWith(['CONTACTS_READ'])
    const seeing = await keyWith(['CONTACTS_READ', 'PII_READ'])
    const keys = [masked, seeing, masked, app.key, seeing]
    const subscribers = await Promise.all(keys.map((key) => connectSubscriber({ ...app, key }, { query })))
    await createApiClient(app).capture({ email: 'jane@example.com', first_name: 'Jane' })
    const told = await Promise.all(subscribers.map((subscriber) => subscriber.next()))
    const emails = told.map(({ contactCreated }) => (contactCreated as { contact: { email: string } }).contact.email)
    expect(emails).toEqual(keys.map((key) => (key === masked ? 'j***@example.com' : 'jane@example.com')))
    for (const subscriber of subscribers) await subscriber[Symbol.asyncDispose]()
  })

  it('are told what their own filter lets through', async () => {
    const query =
      'subscription ($source: String!) { contactCreated(filter: { source: { eq: $source } }) { contact { source } } }'
    const sources = ['organic', 'paid', 'organic']
    const subscribers = await Promise.all(
      sources.map((source) => connectSubscriber(app, { query, variables: { source } })),
    )
    const api = createApiClient(app)
    for (const source of ['paid', 'organic']) await api.capture({ email: `${source}@example.com`, source })
    const told = await Promise.all(subscribers.map((subscriber) => subscriber.next()))
    expect(told).toEqual(sources.map((source) => ({ contactCreated: { contact: { source } } })))
    expect(subscribers.map(({ results }) => results.length)).toEqual([1, 1, 1])
    for (const subscriber of subscribers) await subscriber[Symbol.asyncDispose]()
  })
})
