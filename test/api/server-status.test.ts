import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, createWorkspace } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const status = `{ serverStatus { version role problems { part message } databaseVersion databaseIsEmbedded databaseIsSilent
  databaseConnections { name count } usesRedis eventLogPosition logReaders { name lagEvents lagSeconds }
  deliveriesDue oldestDueSeconds endpoints { name count } held { name count } tableBytes { name count } } }`

describe('serverStatus', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app?.stop())

  it('shows the facts of the server to its operator', async () => {
    await createApiClient(app).capture({ email: 'jane@example.com' })
    const ask = createGraphqlClient(app)
    const read = async () => (await ask(status)).data['serverStatus'] as Record<string, unknown>
    await eventually(
      async () => Number((await read())['eventLogPosition']) > 0,
      async () => JSON.stringify(await read()),
    )
    expect(await read()).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      role: 'all',
      problems: [],
      databaseVersion: expect.stringMatching(/^\d+/),
      databaseIsSilent: false,
      tableBytes: expect.arrayContaining([{ name: 'contact', count: expect.any(Number) }]),
      logReaders: expect.arrayContaining([expect.objectContaining({ name: 'fanout' })]),
    })
  })

  it('shows nothing to another workspace, nor to a key without ADMIN', async () => {
    const operator = createGraphqlClient(app)
    const tenant = createGraphqlClient({ ...app, key: await createWorkspace(operator, 'acme') })
    const reader = createGraphqlClient({ ...app, key: await createKey(operator, ['CONTACTS_READ', 'WEBHOOKS_READ']) })
    for (const ask of [tenant, reader]) expect((await ask(status)).codes).toEqual(['FORBIDDEN'])
  })
})
