import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const adminKey = 'webhook-scopes-admin-key-0123456789'

describe('11.4: a key that only writes webhooks', () => {
  let own: OwnDatabase
  let rex: RexProcess
  let admin: ReturnType<typeof createApiClient>
  let writer: ReturnType<typeof createApiClient>
  let graphql: GraphqlClient
  let id: string

  beforeAll(async () => {
    own = await createTestDatabase()
    rex = await startRexProcess({ ...own.environment, PORT: '0', REX_API_KEY: adminKey })
    admin = createApiClient({ url: rex.url, key: adminKey })
    const made = await admin.createEndpoint({ url: 'http://127.0.0.1:9/kept', events: ['contact.created'] })
    id = made.id
    const scopes = ['WEBHOOKS_READ', 'WEBHOOKS_WRITE']
    const key = await createKey(createGraphqlClient({ url: rex.url, key: adminKey }), scopes)
    writer = createApiClient({ url: rex.url, key })
    graphql = createGraphqlClient({ url: rex.url, key })
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await own?.drop()
  })

  const stored = async () => (await admin.rest('GET', '/webhooks')).json

  it.each<[string, string, object?]>([
    ['POST', '/webhooks', { url: 'http://127.0.0.1:9/mine' }],
    ['POST', '/webhooks', { url: 'not a URL' }],
    ['PATCH', '/webhooks/ID', { url: 'http://127.0.0.1:9/mine' }],
    ['PATCH', '/webhooks/ID', { events: ['*'] }],
    ['PATCH', '/webhooks/ID', { events: ['*'], description: 'sly' }],
    ['POST', '/webhooks/ID/rotate-secret', {}],
    ['POST', '/webhooks/ID/test'],
  ])('is refused %s %s %j, by the name of the scope, and changes nothing', async (method, path, body) => {
    const before = await stored()
    const { status, json } = await writer.rest(method, path.replace('ID', id), body)
    expect([status, json.error?.code]).toEqual([403, 'insufficient_scope'])
    expect(json.error?.message).toContain('PII_READ')
    expect(await stored()).toEqual(before)
  })

  it.each([
    'createWebhookEndpoint(input: { url: "http://127.0.0.1:9/mine" })',
    'updateWebhookEndpoint(input: { id: "ID", url: "http://127.0.0.1:9/mine" })',
    'updateWebhookEndpoint(input: { id: "ID", events: ["*"], enabled: true })',
    'rotateWebhookSecret(id: "ID")',
    'sendTestEvent(endpointId: "ID")',
    'replayDeliveries(input: { endpointId: "ID", from: "2020-01-01T00:00:00Z", includeNeverSent: true })',
    'replayDeliveries(input: { endpointId: "ID", from: "2020-01-01T00:00:00Z", dryRun: true })',
  ])('is refused the mutation %s', async (mutation) => {
    const before = await stored()
    const { codes, errors } = await graphql(`mutation { ${mutation.replace('ID', id)} { __typename } }`)
    expect(codes).toEqual(['FORBIDDEN'])
    expect(errors[0]?.message).toContain('PII_READ')
    expect(await stored()).toEqual(before)
  })

  it("may change what sends no one's data elsewhere", async () => {
    const changed = await writer.rest('PATCH', `/webhooks/${id}`, { description: 'CRM', max_in_flight: 2 })
    expect(changed.json.data).toMatchObject({ description: 'CRM', max_in_flight: 2 })
    for (const status of ['disabled', 'enabled'])
      expect((await writer.rest('PATCH', `/webhooks/${id}`, { status })).json.data).toMatchObject({ status })
    expect((await writer.rest('DELETE', `/webhooks/${id}`)).status).toBe(204)
  })
})
