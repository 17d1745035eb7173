import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}'
const contractBody = {
  email: 'jane@example.com',
  first_name: 'Jane',
  last_name: 'Doe',
  source: 'organic',
  metadata: { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' },
}

describe('the main job', () => {
  let app: TestApp
  let api: ApiClient
  let receiver: Receiver
  let endpoint: { id: string; secret: string }

  beforeAll(async () => {
    app = await startTestApp()
    api = createApiClient(app)
    receiver = await startReceiver()
    endpoint = await api.createEndpoint({ url: receiver.url, events: ['*'] })
  })

  afterAll(async () => {
    await receiver?.stop()
    await app?.stop()
  })

  it('answers the contract’s curl with 201 in exactly its shape, and tells webhook and subscriber the same event', async () => {
    await using subscriber = await connectSubscriber(app, {
      query: 'subscription { contactCreated { eventId contact { id email } } }',
    })
    const answer = await api.capture(contractBody)
    expect(answer.status).toBe(201)
    expect(answer.json).toEqual({
      data: {
        id: expect.stringMatching(new RegExp(`^cont_${ulid}$`)),
        email: 'jane@example.com',
        first_name: 'Jane',
        last_name: 'Doe',
        stage: 'lead',
        source: 'organic',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    })
    const [webhook] = await receiver.received(1, 4000)
    const heard = await subscriber.next()
    const body = JSON.parse(webhook?.body ?? '')
    expect(heard).toEqual({
      contactCreated: { eventId: body.id, contact: { id: answer.json.data?.['id'], email: 'jane@example.com' } },
    })
    expect(body).toEqual({
      id: expect.stringMatching(new RegExp(`^evt_${ulid}$`)),
      event: 'contact.created',
      timestamp: expect.any(String),
      data: {
        ...contractBody,
        id: answer.json.data?.['id'],
        stage: 'lead',
        created_at: answer.json.data?.['created_at'],
        updated_at: answer.json.data?.['created_at'],
      },
    })
  })

  it('signs so that the packages stripe and standardwebhooks accept it', async () => {
    const [webhook] = await receiver.received(1)
    const { headers = {}, body = '' } = webhook ?? {}
    const stripe = new Stripe('sk_test_unused')
    const signature = headers['x-rex-signature'] ?? ''
    expect(stripe.webhooks.constructEvent(body, signature, endpoint.secret)).toMatchObject({ event: 'contact.created' })
    expect(new Webhook(endpoint.secret).verify(body, headers)).toMatchObject({ event: 'contact.created' })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Rex\/\d/),
      'x-rex-event': 'contact.created',
      'x-rex-attempt': '1',
      'x-rex-delivery': expect.stringMatching(/^dlv_/),
      'webhook-id': JSON.parse(body).id,
    })
  })

  it('answers the same e-mail with the same id, and tells only what changed', async () => {
    const email = 'again@example.com'
    const before = receiver.webhooks.length
    const first = await api.capture({ email, first_name: 'Ann' })
    const unchanged = await api.capture({ email, first_name: 'Ann' })
    const changed = await api.capture({ email: ' Again@EXAMPLE.com ', last_name: 'Lee' })
    expect(new Set([first, unchanged, changed].map(({ json }) => json.data?.['id'])).size).toBe(1)
    const webhooks = (await receiver.received(before + 2)).slice(before).map(({ body }) => JSON.parse(body))
    expect(webhooks.map(({ event, changed: fields }) => [event, fields])).toEqual([
      ['contact.created', undefined],
      ['contact.updated', ['last_name']],
    ])
  })

  it('makes one contact and one contact.created of 200 concurrent captures of one new e-mail', async () => {
    const email = 'crowd@example.com'
    const answers = await Promise.all(Array.from({ length: 200 }, () => api.capture({ email, first_name: 'Cleo' })))
    expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(201))
    expect(new Set(answers.map(({ json }) => json.data?.['id'])).size).toBe(1)
    const last = await api.capture({ email: 'later@example.com' })
    const ofCrowd = () => receiver.webhooks.filter(({ body }) => body.includes(email))
    const hasLast = () => receiver.webhooks.some(({ body }) => body.includes(String(last.json.data?.['id'])))
    await eventually(
      () => ofCrowd().length > 0 && hasLast(),
      () => `${ofCrowd().length} webhooks of the crowd`,
    )
    expect(ofCrowd().map(({ headers }) => headers['x-rex-event'])).toEqual(['contact.created'])
  })

  it('leaves no e-mail, key or secret in the log', () => {
    const log = app.logLines.join('')
    expect(log).toContain('delivery.attempted')
    for (const hidden of ['@example.com', app.key, endpoint.secret]) expect(log).not.toContain(hidden)
  })
})
