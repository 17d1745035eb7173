import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema/schema.ts'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { everyNode } from '../support/every-node.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { guarded } from '../support/guarded-operations.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('scopes', () => {
  let app: TestApp
  let admin: GraphqlClient
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    app = await startTestApp()
    admin = createGraphqlClient(app)
    const api = createApiClient(app)
    await admin(
      'mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:9/", events: ["*"] }) { __typename } }',
    )
    await admin('mutation { createSource(input: { name: "Form" }) { __typename } }')
    await api.capture({
      email: 'jane@example.com',
      message: 'call jane@example.com',
      metadata: { page_url: '/?e=jane%40example.com' },
    })
    await eventually(
      async () => {
        const { text } = await admin(everyNode)
        for (const id of text.match(/\b[a-z]+_[0-9A-Z]{26}\b/g) ?? []) ids[id.slice(0, id.indexOf('_'))] = id
        return 'att' in ids
      },
      () => JSON.stringify(ids),
    )
  })

  afterAll(() => app?.stop())

  it.each([
    ['cont', 'CONTACTS_READ'],
    ['sub', 'CONTACTS_READ'],
    ['evt', 'EVENTS_READ'],
    ['wh', 'WEBHOOKS_READ'],
    ['dlv', 'WEBHOOKS_READ'],
    ['att', 'WEBHOOKS_READ'],
    ['src', 'SOURCES_READ'],
    ['ws', 'ADMIN'],
    ['aud', 'ADMIN'],
    ['key', 'ADMIN'],
  ])('on the type of %s_… want %s, by whichever way it is reached', async (prefix, scope) => {
    const query =
      'query ($id: ID!) { node(id: $id) { id ...F ...G } } fragment F on Contact { email } fragment G on Event { type }'
    const others = [
      'CAPTURE',
      'CONTACTS_WRITE',
      'PII_READ',
      'WEBHOOKS_WRITE',
      'EVENTS_READ',
      'CONTACTS_READ',
      'WEBHOOKS_READ',
      'SOURCES_READ',
      'SOURCES_WRITE',
    ]
    const without = await createKey(
      admin,
      others.filter((other) => other !== scope),
    )
    const refused = await createGraphqlClient({ ...app, key: without })(query, { id: ids[prefix] })
    expect(refused.codes).toEqual(['FORBIDDEN'])
    expect(refused.data).toEqual({ node: null })
    const answered = await createGraphqlClient({ ...app, key: await createKey(admin, [scope]) })(query, {
      id: ids[prefix],
    })
    expect(answered.errors).toEqual([])
    expect(answered.data).toMatchObject({ node: { id: ids[prefix] } })
  })

  it('are tried for every query and mutation but those that show each key what it may see', () => {
    const schema = buildSchema()
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    )
    const tried = guarded.map((query) => /\{ (\w+)/.exec(query)?.[1])
    expect([...new Set(tried), 'node', 'nodes', 'viewer'].sort()).toEqual(fields.sort())
  })

  it.each(guarded)('refuse a key that has none of them: %s', async (query) => {
    const key = await createKey(admin, ['CAPTURE'])
    expect((await createGraphqlClient({ ...app, key })(query)).codes).toEqual(['FORBIDDEN'])
  })

  it('let every key see itself', async () => {
    const key = await createKey(admin, ['CAPTURE'])
    const { data } = await createGraphqlClient({ ...app, key })('{ viewer { name scopes } }')
    expect(data).toEqual({ viewer: { name: 'CAPTURE', scopes: ['CAPTURE'] } })
  })

  describe('without PII_READ', () => {
    let masked: GraphqlClient

    beforeAll(async () => {
      const key = await createKey(admin, ['CONTACTS_READ', 'EVENTS_READ', 'WEBHOOKS_READ'])
      masked = createGraphqlClient({ ...app, key })
    })

    it('show masked e-mails or nothing', async () => {
      const { data, text } = await masked(`{ contacts { nodes { email displayName
        submissions { nodes { fields changes { field before after } } } events { nodes { data } }
        deliveries { nodes { attempts { responseBody } } } } } }`)
      const [contact] = (data['contacts'] as { nodes: unknown[] }).nodes
      expect(contact).toMatchObject({ email: 'j***@example.com', displayName: 'j***' })
      expect(text).not.toContain('jane')
    })

    it('show none that were written into other fields, or in another spelling', async () => {
      const address = "o'hidden+tag=x@example.com"
      const encoded = `https://example.com/?lead=${encodeURIComponent(encodeURIComponent('hidden+1@example.com'))}`
      const lead = {
        email: address,
        first_name: 'Write hidden@example.com',
        last_name: 'hidden.too@example.com',
        source: 'list of hidden@example.com',
        metadata: {
          landing_page: encoded,
          referrer: 'https://hidden%2B2%40example.com/',
          utm_source: 'hidden@example.com',
        },
      }
      const posted = await fetch(`${app.url}/capture`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Bot (hidden@example.com)' },
        body: JSON.stringify(lead),
      })
      const { id } = ((await posted.json()) as { data: { id: string } }).data
      const { data, text } = await masked(
        `query ($id: ID!) { node(id: $id) { ... on Contact { email firstName lastName displayName source metadata
          firstTouch { source referrer landingPage } lastTouch { source referrer landingPage }
          submissions { nodes { fields changes { before after } source origin userAgent } } events { nodes { data } } } }
          captureStats(from: "2020-01-01T00:00:00Z", to: "2120-01-01T00:00:00Z") { bySource { key } } }`,
        { id },
      )
      expect(data['node']).toMatchObject({
        email: 'o***@example.com',
        firstName: 'Write h***@example.com',
        displayName: 'Write h***@example.com h***@example.com',
        metadata: { landing_page: 'https://example.com/?lead=h***@example.com' },
        submissions: { nodes: [{ userAgent: 'Bot (h***@example.com)' }] },
      })
      expect(text).not.toContain('hidden')
      expect(text).not.toMatch(/%2B|%252B|\+tag/)
    })

    it.each([
      '{ contacts(filter: { email: { startsWith: "j" } }) { nodes { id } } }',
      '{ contacts(filter: { not: { or: [{ email: { eq: "jane@example.com" } }] } }) { nodes { id } } }',
      '{ contacts(orderBy: { field: EMAIL }) { edges { cursor } } }',
    ])('cannot be used to guess e-mails: %s', async (query) => {
      expect((await masked(query)).codes).toEqual(['FORBIDDEN'])
    })

    it('search names alone', async () => {
      expect((await masked('{ contacts(search: "jane") { nodes { id } } }')).data).toEqual({ contacts: { nodes: [] } })
    })
  })

  describe('of a key that only writes', () => {
    const state = '{ contacts { totalCount { value } } deliveries { totalCount { value } } workspace { slug } }'
    const upsert = (fields: string) =>
      `mutation { upsertContact(input: { email: "written@example.com" }) { ...R } }
       fragment R on UpsertContactSuccess { ${fields} }`
    let writer: GraphqlClient

    beforeAll(async () => {
      writer = createGraphqlClient({
        ...app,
        key: await createKey(admin, ['CONTACTS_WRITE', 'WEBHOOKS_WRITE', 'SOURCES_WRITE', 'PII_READ']),
      })
    })

    it('show it what it has written, and not the same on another way', async () => {
      const wh = { id: ids['wh'], url: 'http://127.0.0.1:9/', attemptsByHour24h: expect.any(Array) }
      const endpoint = '... on WebhookEndpoint { id url attemptsByHour24h { attempts } }'
      for (const change of ['maxInFlight: 3', 'enabled: false', 'enabled: true'])
        expect(
          await writer(
            `mutation { w: updateWebhookEndpoint(input: { id: "${ids['wh']}", ${change} }) { ${endpoint} } }`,
          ),
        ).toMatchObject({ data: { w: wh }, errors: [] })
      const rotated = await writer(`mutation { w: rotateWebhookSecret(id: "${ids['wh']}") {
        ... on WebhookSecretSuccess { endpoint { ...E } } } } fragment E on WebhookEndpoint { id url }`)
      expect(rotated).toMatchObject({ data: { w: { endpoint: { id: ids['wh'] } } }, errors: [] })
      const source = await writer(`mutation { w: updateSource(input: { id: "${ids['src']}", name: "Form" }) {
        ... on Source { id name stats24h { held } } } }`)
      expect(source).toMatchObject({ data: { w: { id: ids['src'], name: 'Form' } }, errors: [] })
      for (const query of [
        '{ webhookEndpoints { nodes { id } } }',
        `{ webhookEndpoint(id: "${ids['wh']}") { id } }`,
        `{ nodes(ids: ["${ids['wh']}"]) { id } }`,
        `{ delivery(id: "${ids['dlv']}") { id } }`,
        '{ sources { nodes { id } } }',
        `{ source(id: "${ids['src']}") { id } }`,
        `{ node(id: "${ids['src']}") { id } }`,
      ])
        expect([query, (await writer(query)).codes]).toEqual([query, ['FORBIDDEN']])
    })

    it.each([
      ['the contact', () => upsert('contact { id } outcome'), 'upsertContact'],
      ['what it changed', () => upsert('changes { field }'), 'upsertContact'],
      [
        'an update that it made',
        () => `mutation { updateContact(input: { id: "${ids['cont']}", fields: { stage: "lost" } }) {
                 ... on Node { id } ... on Contact { id } } }`,
        'updateContact',
      ],
      [
        'attempts',
        () => `mutation { retryDelivery(id: "${ids['dlv']}") { ... on Delivery { attempts { id } } } }`,
        'retryDelivery',
      ],
      [
        "a delivery's event",
        () => `mutation { sendTestEvent(endpointId: "${ids['wh']}") { ... on Delivery { event { id } } } }`,
        'sendTestEvent',
      ],
      [
        "a delivery's endpoint",
        () => `mutation { retryDelivery(id: "${ids['dlv']}") { ... on Delivery { endpoint { url } } } }`,
        'retryDelivery',
      ],
      [
        'the deliveries of an endpoint',
        () => `mutation { updateWebhookEndpoint(input: { id: "${ids['wh']}", description: "sly" }) {
                 ... on WebhookEndpoint { id deliveries { nodes { id } } } } }`,
        'updateWebhookEndpoint',
      ],
      [
        'the cursors of the deliveries of an endpoint',
        () => `mutation { updateWebhookEndpoint(input: { id: "${ids['wh']}", description: "sly" }) {
                 ... on WebhookEndpoint { deliveries { edges { cursor } pageInfo { endCursor } } } } }`,
        'updateWebhookEndpoint',
      ],
      [
        'the number of its replays',
        () => `mutation { updateWebhookEndpoint(input: { id: "${ids['wh']}", description: "sly" }) {
                 ... on WebhookEndpoint { replays { __typename } } } }`,
        'updateWebhookEndpoint',
      ],
      [
        'the replays of an endpoint',
        () => `mutation { updateWebhookEndpoint(input: { id: "${ids['wh']}", description: "sly" }) {
                 ... on WebhookEndpoint { ...R } } } fragment R on WebhookEndpoint { replays { id } }`,
        'updateWebhookEndpoint',
      ],
    ])('are asked for before it changes anything, when it wants to see %s', async (_what, query, root) => {
      const before = await admin(state)
      const refused = await writer(query())
      expect([refused.data, refused.codes]).toEqual([{ [root]: null }, ['FORBIDDEN']])
      expect(refused.errors[0]?.message).toMatch(/(?:CONTACTS|WEBHOOKS|EVENTS)_READ/)
      expect((await admin(state)).data).toEqual(before.data)
    })

    it('let it do what it asks nothing unreadable of', async () => {
      for (const query of [
        upsert('__typename outcome contact @skip(if: true) { id }'),
        'mutation { upsertContact(input: { email: "written@example.com" }) { __typename } }',
        `mutation { updateContact(input: { id: "${ids['cont']}", fields: { source: "new" } }) { __typename } }`,
        `mutation { sendTestEvent(endpointId: "${ids['wh']}") { ... on Delivery { id status } } }`,
      ])
        expect((await writer(query)).errors).toEqual([])
    })
  })
})
