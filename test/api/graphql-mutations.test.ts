import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const friend = 'https://app.example.com'

let app: TestApp
let graphql: GraphqlClient

beforeAll(async () => {
  app = await startTestApp()
  graphql = createGraphqlClient(app)
})

afterAll(() => app?.stop())

describe('mutations', () => {
  it('tell wrong input as data', async () => {
    const query = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { __typename
      ... on UserError { code path } ... on ValidationError { issues { path code } } } }`
    const create = async (input: object) => (await graphql(query, { input })).data['createWebhookEndpoint']
    expect(await create({ url: 'http://10.0.0.1/' })).toEqual({
      __typename: 'UnsafeUrlError',
      code: 'UNSAFE_URL',
      path: ['url'],
    })
    const tooLong = { url: `https://example.com/${'x'.repeat(2029)}`, secret: 'x'.repeat(257) }
    expect(await create(tooLong)).toMatchObject({
      issues: [
        { path: ['url'], code: 'TOO_LONG' },
        { path: ['secret'], code: 'TOO_LONG' },
      ],
    })
    expect(await create({ url: 'http://127.0.0.1:9/', secret: 'x'.repeat(15) })).toMatchObject({
      issues: [{ path: ['secret'], code: 'INVALID' }],
    })
    const update = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) {
      ... on ValidationError { issues { path code } } } }`
    const updated = await graphql(update, { input: { id: 'wh_01HQ0000000000000000000000', url: tooLong.url } })
    expect(updated.data['updateWebhookEndpoint']).toEqual({ issues: [{ path: ['url'], code: 'TOO_LONG' }] })
    expect(await create({ url: 'nonsense', events: [], maxInFlight: 0, description: 'x'.repeat(501) })).toEqual({
      __typename: 'ValidationError',
      code: 'INVALID',
      path: null,
      issues: [
        { path: ['url'], code: 'INVALID' },
        { path: ['events'], code: 'INVALID' },
        { path: ['description'], code: 'TOO_LONG' },
        { path: ['maxInFlight'], code: 'INVALID' },
      ],
    })
  })

  it('change endpoints: what is left out stays, a description of null is cleared', async () => {
    const made =
      await graphql(`mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:9/", description: "old", secret: "0123456789abcdef" }) {
      ... on WebhookSecretSuccess { secret endpoint { id url events status secretHint maxInFlight description } } } }`)
    const { endpoint, secret } = made.data['createWebhookEndpoint'] as { secret: string; endpoint: { id: string } }
    expect(secret).toBe('0123456789abcdef')
    expect(endpoint).toMatchObject({
      events: ['contact.created'],
      status: 'ENABLED',
      secretHint: 'cdef',
      maxInFlight: 10,
      description: 'old',
    })
    const query = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { __typename
      ... on WebhookEndpoint { description status disabledReason maxInFlight } } }`
    const update = async (input: object) =>
      (await graphql(query, { input: { id: endpoint.id, ...input } })).data['updateWebhookEndpoint']
    expect(await update({ maxInFlight: 3, enabled: false })).toMatchObject({
      description: 'old',
      status: 'DISABLED',
      maxInFlight: 3,
    })
    expect(await update({ description: null, url: null, enabled: true })).toMatchObject({
      description: null,
      status: 'ENABLED',
    })
    const gone = await graphql(
      'mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { ... on DeleteSuccess { deletedId } } }',
      { id: endpoint.id },
    )
    expect(gone.data).toEqual({ deleteWebhookEndpoint: { deletedId: endpoint.id } })
  })

  it('are answered in full for a key that may only write, and rotate secrets', async () => {
    const key = await createKey(graphql, ['WEBHOOKS_WRITE', 'PII_READ'])
    const writer = createGraphqlClient({ ...app, key })
    const made = await writer(`mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:9/" }) {
      ... on WebhookSecretSuccess { secret endpoint { id secretHint } } } }`)
    const { endpoint, secret } = made.data['createWebhookEndpoint'] as { secret: string; endpoint: { id: string } }
    const query = `mutation ($id: ID!, $overlapHours: Int!) { rotateWebhookSecret(id: $id, overlapHours: $overlapHours) {
      ... on WebhookSecretSuccess { secret endpoint { secretHint previousSecretExpiresAt } }
      ... on ValidationError { issues { path } } } }`
    const rotated = await writer(query, { id: endpoint.id, overlapHours: 1 })
    const answer = rotated.data['rotateWebhookSecret'] as { secret: string }
    expect(answer.secret).not.toBe(secret)
    expect(answer).toMatchObject({
      endpoint: { secretHint: answer.secret.slice(-4), previousSecretExpiresAt: expect.any(String) },
    })
    const refused = await writer(query, { id: endpoint.id, overlapHours: 169 })
    expect(refused.data).toEqual({ rotateWebhookSecret: { issues: [{ path: ['overlapHours'] }] } })
  })

  it('make keys that work until they are revoked', async () => {
    const key = await createKey(graphql, ['CONTACTS_READ'])
    const caller = createGraphqlClient({ ...app, key })
    const { data } = await caller('{ viewer { id revokedAt } }')
    const { id } = data['viewer'] as { id: string }
    await graphql('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id })
    expect((await caller('{ viewer { id } }')).status).toBe(401)
  })

  it('refuse a key without scopes, without a name, or of the past', async () => {
    const query =
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on ValidationError { issues { path } } } }'
    const { data } = await graphql(query, { input: { name: ' ', scopes: [], expiresAt: '2020-01-01T00:00:00Z' } })
    expect(data).toEqual({
      createApiKey: { issues: [{ path: ['name'] }, { path: ['scopes'] }, { path: ['expiresAt'] }] },
    })
  })

  it('call names TOO_LONG beyond their limits, which count characters', async () => {
    const issuesOf = async (field: string, type: string, input: object) => {
      const query = `mutation ($input: ${type}!) { a: ${field}(input: $input) {
        __typename ... on ValidationError { issues { path code } } } }`
      const { a } = (await graphql(query, { input })).data as { a: { __typename: string; issues?: unknown } }
      return a.issues ?? a.__typename
    }
    const letters = (count: number) => '𐌰'.repeat(count)
    const key = (name: string) => issuesOf('createApiKey', 'CreateApiKeyInput', { name, scopes: ['CAPTURE'] })
    expect(await key(letters(100))).toBe('CreateApiKeySuccess')
    expect(await key(letters(101))).toEqual([{ path: ['name'], code: 'TOO_LONG' }])
    const workspace = (input: object) => issuesOf('updateWorkspace', 'UpdateWorkspaceInput', input)
    expect(await workspace({ name: letters(200), stages: ['lead', letters(40)] })).toBe('Workspace')
    expect(await workspace({ name: letters(201), stages: ['lead', letters(41), '_'] })).toEqual([
      { path: ['name'], code: 'TOO_LONG' },
      { path: ['stages', '1'], code: 'TOO_LONG' },
      { path: ['stages', '2'], code: 'INVALID' },
    ])
  })

  it('make a workspace once', async () => {
    const query =
      'mutation ($slug: String!) { createWorkspace(input: { slug: $slug }) { __typename ... on CreateWorkspaceSuccess { workspace { slug captureUrl apiKeys { scopes } } } } }'
    expect((await graphql(query, { slug: 'once' })).data['createWorkspace']).toEqual({
      __typename: 'CreateWorkspaceSuccess',
      workspace: {
        slug: 'once',
        captureUrl: expect.stringMatching(/^http:\/\/once\.localhost:\d+\/capture$/),
        apiKeys: [{ scopes: ['ADMIN'] }],
      },
    })
    expect((await graphql(query, { slug: 'once' })).data).toEqual({ createWorkspace: { __typename: 'TakenError' } })
    expect((await graphql(query, { slug: 'No!' })).data).toEqual({ createWorkspace: { __typename: 'ValidationError' } })
  })

  it('change the settings of the workspace', async () => {
    const query = `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename
      ... on Workspace { name allowedOrigins mergePolicy stages proofOfWork } ... on ValidationError { issues { path } } } }`
    const update = async (input: object) => (await graphql(query, { input })).data['updateWorkspace']
    const stages = ['lead', 'customer']
    const changes = { name: 'New', allowedOrigins: [friend], mergePolicy: 'FILL_EMPTY', stages, proofOfWork: true }
    expect(await update(changes)).toEqual({ __typename: 'Workspace', ...changes })
    expect(await update({ stages: ['customer'], allowedOrigins: ['example.com'] })).toEqual({
      __typename: 'ValidationError',
      issues: [{ path: ['allowedOrigins', '0'] }, { path: ['stages'] }],
    })
    expect(await update({ name: null, proofOfWork: null })).toEqual({ __typename: 'Workspace', ...changes })
    expect(await update({ proofOfWork: false })).toMatchObject({ proofOfWork: false })
  })
})
