import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('rotating and testing over REST', () => {
  let app: TestApp
  let api: ApiClient
  let receiver: Receiver
  let endpoint: { id: string; secret: string }

  beforeAll(async () => {
    app = await startTestApp()
    api = createApiClient(app)
    receiver = await startReceiver()
    endpoint = await api.createEndpoint({ url: receiver.url, events: ['contact.created'] })
  })

  afterAll(async () => {
    await receiver?.stop()
    await app?.stop()
  })

  it('answers a test with 202 and its delivery, which arrives whatever types the endpoint lists', async () => {
    const { status, json } = await api.rest('POST', `/webhooks/${endpoint.id}/test`)
    expect(status).toBe(202)
    expect(json).toEqual({
      data: {
        id: expect.stringMatching(/^dlv_/),
        endpoint_id: endpoint.id,
        event: { id: expect.stringMatching(/^evt_/), type: 'webhook.test' },
        status: 'pending',
        attempt_count: 0,
        created_at: expect.stringMatching(/Z$/),
      },
    })
    const [webhook] = await receiver.received(1)
    expect(webhook?.headers).toMatchObject({
      'x-rex-event': 'webhook.test',
      'x-rex-delivery': json.data?.['id'],
      'webhook-id': (json.data?.['event'] as { id: string } | undefined)?.id,
    })
  })

  it.each([
    ['no body', undefined],
    ['the default overlap', {}],
    ['an overlap of 0', { overlap_hours: 0 }],
    ['the longest overlap', { overlap_hours: 168 }],
  ])('answers a rotation with %s with the new secret, this once', async (_name, body) => {
    const { status, json } = await api.rest('POST', `/webhooks/${endpoint.id}/rotate-secret`, body)
    expect(status).toBe(200)
    const secret = String(json.data?.['secret'])
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(json.data).toMatchObject({ id: endpoint.id, secret_hint: secret.slice(-4) })
    const read = await api.rest('GET', `/webhooks/${endpoint.id}`)
    expect(JSON.stringify(read.json)).not.toContain(secret)
  })

  it.each([undefined, {}])('lets both secrets hold for 24 hours when a rotation says %j', async (body) => {
    const before = Date.now()
    const { json } = await api.rest('POST', `/webhooks/${endpoint.id}/rotate-secret`, body)
    expect(json.data).toBeDefined()
    const query = `{ webhookEndpoint(id: "${endpoint.id}") { previousSecretExpiresAt } }`
    const { data } = (await api.graphql(query)) as { data: { webhookEndpoint: { previousSecretExpiresAt: string } } }
    const heldMs = Date.parse(data.webhookEndpoint.previousSecretExpiresAt) - before
    expect(heldMs / 3_600_000).toBeCloseTo(24, 1)
  })

  it.each([{ overlap_hours: 169 }, { overlap_hours: -1 }, { overlap_hours: 1.5 }, { overlap_hours: '24' }, []])(
    'refuses a rotation with %j and keeps the secret',
    async (body) => {
      const before = await api.rest('GET', `/webhooks/${endpoint.id}`)
      const { status, json } = await api.rest('POST', `/webhooks/${endpoint.id}/rotate-secret`, body)
      expect([status, json.error?.code]).toEqual([422, 'invalid_request'])
      expect((await api.rest('GET', `/webhooks/${endpoint.id}`)).json).toEqual(before.json)
    },
  )

  it.each(['test', 'rotate-secret'])('answers 404 to %s of an endpoint that is not there', async (call) => {
    for (const id of ['wh_01HQ0000000000000000000000', 'nonsense']) {
      const { status, json } = await api.rest('POST', `/webhooks/${id}/${call}`)
      expect([status, json.error?.code]).toEqual([404, 'not_found'])
    }
  })
})
