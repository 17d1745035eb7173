import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema/schema.ts'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { everyNode } from '../support/every-node.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

/** One operation for each field of Query and Mutation that not every key may ask for. */
const guarded = [
  '{ contacts { nodes { id } } }',
  '{ contact(by: { email: "a@example.com" }) { id } }',
  '{ submissions { nodes { id } } }',
  '{ events { nodes { id } } }',
  '{ webhookEndpoints { nodes { id } } }',
  '{ webhookEndpoint(id: "wh_01HQ0000000000000000000000") { id } }',
  '{ deliveries { nodes { id } } }',
  '{ delivery(id: "dlv_01HQ0000000000000000000000") { id } }',
  '{ workspace { slug } }',
  '{ workspaces { nodes { id } } }',
  '{ auditLog { nodes { id } } }',
  '{ captureStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { from } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { topCampaigns { leads } } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { captures { totals { received } } } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { previousTotals { received } } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { topLandingPages { leads } } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { webhooks { p95Ms } } }',
  '{ homeStats(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { speedToLead { p95Ms } } }',
  '{ attention { held { value } } }',
  '{ attention { failingEndpoints { failures } } }',
  '{ attention { heldOfSources { held { value } } } }',
  'mutation { updateContacts(ids: ["cont_01HQ0000000000000000000000"], stage: "lead") { done } }',
  'mutation { releaseSubmissions(ids: ["sub_01HQ0000000000000000000000"]) { done } }',
  'mutation { markSubmissionsSpam(ids: ["sub_01HQ0000000000000000000000"]) { done } }',
  'mutation { sendTestLead { id } }',
  '{ testLead(id: "cont_01HQ0000000000000000000000") { id } }',
  '{ sessions { id } }',
  '{ serverStatus { version } }',
  'mutation { endSession(id: "ses_01HQ0000000000000000000000") { __typename } }',
  'mutation { upsertContact(input: { email: "a@example.com" }) { __typename } }',
  'mutation { updateContact(input: { id: "cont_01HQ0000000000000000000000" }) { __typename } }',
  'mutation { releaseSubmission(id: "sub_01HQ0000000000000000000000") { __typename } }',
  'mutation { markSubmissionSpam(id: "sub_01HQ0000000000000000000000") { __typename } }',
  'mutation { eraseContact(id: "cont_01HQ0000000000000000000000") { __typename } }',
  '{ contactExport(id: "cont_01HQ0000000000000000000000") }',
  'mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1/" }) { __typename } }',
  'mutation { updateWebhookEndpoint(input: { id: "wh_01HQ0000000000000000000000" }) { __typename } }',
  'mutation { deleteWebhookEndpoint(id: "wh_01HQ0000000000000000000000") { __typename } }',
  'mutation { rotateWebhookSecret(id: "wh_01HQ0000000000000000000000") { __typename } }',
  'mutation { sendTestEvent(endpointId: "wh_01HQ0000000000000000000000") { __typename } }',
  'mutation { retryDelivery(id: "dlv_01HQ0000000000000000000000") { __typename } }',
  'mutation { replayDeliveries(input: { endpointId: "wh_01HQ0000000000000000000000", from: "2026-01-01T00:00:00Z" }) { __typename } }',
  '{ replay(id: "rpl_01HQ0000000000000000000000") { id } }',
  '{ sources { nodes { id } } }',
  '{ source(id: "src_01HQ0000000000000000000000") { id } }',
  'mutation { previewSource(input: { payload: "{}" }) { __typename } }',
  'mutation { releaseHeld(sourceId: "src_01HQ0000000000000000000000") { __typename } }',
  'mutation { createSource(input: { name: "x" }) { __typename } }',
  'mutation { updateSource(input: { id: "src_01HQ0000000000000000000000" }) { __typename } }',
  'mutation { rotateSourceUrl(id: "src_01HQ0000000000000000000000") { __typename } }',
  'mutation { deleteSource(id: "src_01HQ0000000000000000000000") { __typename } }',
  'mutation { createApiKey(input: { name: "x", scopes: [ADMIN] }) { __typename } }',
  'mutation { revokeApiKey(id: "key_01HQ0000000000000000000000") { __typename } }',
  'mutation { createWorkspace(input: { slug: "mine" }) { __typename } }',
  'mutation { disableWorkspace(id: "ws_01HQ0000000000000000000000") { __typename } }',
  'mutation { enableWorkspace(id: "ws_01HQ0000000000000000000000") { __typename } }',
  'mutation { deleteWorkspace(id: "ws_01HQ0000000000000000000000", confirmSlug: "acme") { __typename } }',
  'mutation { updateWorkspace(input: { name: "mine" }) { __typename } }',
]

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
    const alsoRead: Record<string, string> = { wh: 'WEBHOOKS_WRITE', dlv: 'WEBHOOKS_WRITE', src: 'SOURCES_WRITE' }
    const without = await createKey(
      admin,
      others.filter((other) => other !== scope && other !== alsoRead[prefix]),
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
        key: await createKey(admin, ['CONTACTS_WRITE', 'WEBHOOKS_WRITE', 'PII_READ']),
      })
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
