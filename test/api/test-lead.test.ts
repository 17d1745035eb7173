import { describe, expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/platform/log.ts'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { runOn } from '../support/run-on.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

interface Step {
  readonly name: string
  readonly at: string | null
  readonly error: string | null
}

describe('a test lead', () => {
  async function start(environment: Readonly<Record<string, string>> = {}): Promise<TestApp> {
    const app = await startTestApp(environment)
    onTestFinished(() => app.stop())
    return app
  }
  async function sendTestLead(graphql: GraphqlClient): Promise<string> {
    const { data, text } = await graphql('mutation { sendTestLead { id steps { name at } } }')
    const sent = data['sendTestLead'] as { id: string } | null
    if (sent === null) throw new Error(text)
    return sent.id
  }
  async function stepsWhen(graphql: GraphqlClient, id: string, holds: (last: Step) => boolean): Promise<Step[]> {
    let steps: Step[] = []
    await eventually(
      async () => {
        const { data } = await graphql('query ($id: ID!) { testLead(id: $id) { steps { name at error } } }', { id })
        steps = (data['testLead'] as { steps: Step[] }).steps
        return holds(steps.at(-1)!)
      },
      () => JSON.stringify(steps),
    )
    return steps
  }

  it('is captured, becomes an event, and is delivered to the built-in receiver, which verifies it', async () => {
    const app = await start()
    const graphql = createGraphqlClient(app)
    const id = await sendTestLead(graphql)
    const steps = await stepsWhen(graphql, id, ({ at }) => at !== null)
    expect(steps.map(({ name }) => name)).toEqual(['CAPTURED', 'EVENT', 'DELIVERED', 'VERIFIED'])
    expect(steps.map(({ at }) => Date.parse(String(at)))).toEqual(
      steps.map(({ at }) => Date.parse(String(at))).toSorted(),
    )
    const { data } = await graphql(
      `query ($id: ID!) { testLead(id: $id) { contact { email source } delivery { status attempts { trigger responseStatus responseBody } } } }`,
      { id },
    )
    expect(data['testLead']).toEqual({
      contact: { email: expect.stringMatching(/^test-sub-[0-9a-z]{26}@example\.com$/), source: 'rex-test' },
      delivery: {
        status: 'SUCCEEDED',
        attempts: [{ trigger: 'TEST', responseStatus: 200, responseBody: expect.stringContaining('verified_at') }],
      },
    })
  })

  it('goes to the webhooks of the workspace, too, and other leads never to the built-in receiver', async () => {
    const app = await start()
    const graphql = createGraphqlClient(app)
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    await createApiClient(app).createEndpoint({ url: receiver.url, events: ['contact.created'] })
    await sendTestLead(graphql)
    await createApiClient(app).capture({ email: 'jane@example.com' })
    const received = await receiver.received(2)
    expect(received.map(({ body }) => body).join()).toContain('rex-test')
    const rows = await runOn(
      app,
      `select count(*)::int as deliveries from delivery d join webhook_endpoint e on e.id = d.endpoint_id where e.url like 'rex:%'`,
    )
    expect(rows).toEqual([{ deliveries: 1 }])
  })

  it('is delivered by a worker of another process to itself', async () => {
    const app = await start({ REX_ROLE: 'api' })
    const worker = createApp(
      readConfig({ PORT: '0', REX_ROLE: 'worker', REX_API_KEY: app.key, ...app.database.environment }),
      createLog('silent'),
    )
    onTestFinished(() => worker.stop())
    const graphql = createGraphqlClient(app)
    const id = await sendTestLead(graphql)
    await worker.start()
    const steps = await stepsWhen(graphql, id, ({ at }) => at !== null)
    expect(steps.at(-1)).toMatchObject({ name: 'VERIFIED', error: null })
  })

  it('reaches the built-in receiver where webhooks may reach public addresses only', async () => {
    const app = await start({
      NODE_ENV: 'production',
      REX_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    })
    const graphql = createGraphqlClient(app)
    const own = await createApiClient(app).rest('POST', '/webhooks', { url: `${app.url}/-/test-receiver/x` })
    expect(own.status).toBe(422)
    await stepsWhen(graphql, await sendTestLead(graphql), ({ at }) => at !== null)
  })

  it('shows a wrong signature as the failure of its last step', async () => {
    const app = await start({ REX_ROLE: 'api' })
    const graphql = createGraphqlClient(app)
    await sendTestLead(graphql)
    await runOn(app, "update webhook_endpoint set secret = 'k9:AAAA' where url like 'rex:%'")
    const other = createApp(
      readConfig({ PORT: '0', REX_API_KEY: app.key, ...app.database.environment }),
      createLog('silent'),
    )
    onTestFinished(() => other.stop())
    await other.start()
    const id = await sendTestLead(graphql)
    const steps = await stepsWhen(graphql, id, () => true)
    await eventually(
      async () => (await stepsWhen(graphql, id, () => true)).some(({ error }) => error !== null),
      () => JSON.stringify(steps),
    )
    const [, , delivered, verified] = await stepsWhen(graphql, id, () => true)
    expect([delivered, verified]).toMatchObject([{ at: null, error: 'PROTOCOL' }, { at: null }])
  })

  it('enables the built-in receiver again if somebody has disabled it, and makes one if it was deleted', async () => {
    const app = await start()
    const graphql = createGraphqlClient(app)
    await sendTestLead(graphql)
    const { data } = await graphql('{ webhookEndpoints { nodes { id url events } } }')
    const [endpoint] = (data['webhookEndpoints'] as { nodes: { id: string; url: string; events: string[] }[] }).nodes
    expect(endpoint).toMatchObject({ url: expect.stringMatching(/^rex:test-receiver\//), events: [] })
    await graphql('mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: false }) { __typename } }', {
      id: endpoint!.id,
    })
    await stepsWhen(graphql, await sendTestLead(graphql), ({ at }) => at !== null)
    await graphql('mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { __typename } }', { id: endpoint!.id })
    await stepsWhen(graphql, await sendTestLead(graphql), ({ at }) => at !== null)
  })

  it('needs the rights to capture and to write webhooks', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    for (const scopes of [['CAPTURE'], ['WEBHOOKS_WRITE', 'CONTACTS_WRITE']]) {
      const key = await createKey(admin, scopes)
      expect((await createGraphqlClient({ ...app, key })('mutation { sendTestLead { id } }')).codes).toEqual([
        'FORBIDDEN',
      ])
    }
  })

  it('has a receiver that nobody else finds, with whatever method or path', async () => {
    const app = await start()
    await sendTestLead(createGraphqlClient(app))
    for (const token of ['', 'x', 'A'.repeat(43), '..%2f..%2fhealthz']) {
      const response = await fetch(`${app.url}/-/test-receiver/${token}`, { method: 'POST', body: '{}' })
      expect(response.status).toBe(404)
    }
  })

  it('cannot be registered as a webhook by its URL', async () => {
    const app = await start()
    const answer = await createApiClient(app).rest('POST', '/webhooks', { url: 'rex:test-receiver/ws_1/wh_1' })
    expect(answer.status).toBe(422)
  })
})
