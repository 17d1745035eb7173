import { buildSchema, type GraphQLInputType, type GraphQLNamedType, getNamedType, isInputObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schemaText } from '../../src/graphql/schema/schema-text.ts'
import { createApiClient } from '../support/api-client.ts'
import { createSession } from '../support/browser-session.ts'
import { eventually } from '../support/eventually.ts'
import { everyNode } from '../support/every-node.ts'
import { createGraphqlClient, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

/** Every argument that takes an id, what is asked with one of another workspace, and what an unknown one is answered. */
const asked: Record<string, { query: string; noun: string; unknown: unknown }> = {
  'Query.node(id)': { noun: '*', query: 'query ($id: ID!) { node(id: $id) { id } }', unknown: { node: null } },
  'Query.nodes(ids)': { noun: '*', query: 'query ($id: ID!) { nodes(ids: [$id]) { id } }', unknown: { nodes: [null] } },
  'Query.contact(by.id)': {
    noun: 'cont',
    query: 'query ($id: ID!) { contact(by: { id: $id }) { id } }',
    unknown: { contact: null },
  },
  'Query.webhookEndpoint(id)': {
    noun: 'wh',
    query: 'query ($id: ID!) { webhookEndpoint(id: $id) { id } }',
    unknown: { webhookEndpoint: null },
  },
  'Query.delivery(id)': {
    noun: 'dlv',
    query: 'query ($id: ID!) { delivery(id: $id) { id } }',
    unknown: { delivery: null },
  },
  ...Object.fromEntries(
    [
      ['endpointId', 'wh'],
      ['eventId', 'evt'],
      ['contactId', 'cont'],
    ].map(([name, noun]) => [
      `Query.deliveries(filter.${name})`,
      {
        noun,
        query: `query ($id: ID!) { deliveries(filter: { ${name}: $id }) { nodes { id } } }`,
        unknown: { deliveries: { nodes: [] } },
      },
    ]),
  ),
  'Mutation.updateContact(input.id)': {
    noun: 'cont',
    query: 'mutation ($id: ID!) { updateContact(input: { id: $id, fields: { firstName: "Joan" } }) { __typename } }',
    unknown: { updateContact: { __typename: 'NotFoundError' } },
  },
  'Mutation.releaseSubmission(id)': {
    noun: 'sub',
    query: 'mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }',
    unknown: { releaseSubmission: { __typename: 'NotFoundError' } },
  },
  'Mutation.markSubmissionSpam(id)': {
    noun: 'sub',
    query: 'mutation ($id: ID!) { markSubmissionSpam(id: $id) { __typename } }',
    unknown: { markSubmissionSpam: { __typename: 'NotFoundError' } },
  },
  'Mutation.updateWebhookEndpoint(input.id)': {
    noun: 'wh',
    query: 'mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: false }) { __typename } }',
    unknown: { updateWebhookEndpoint: { __typename: 'NotFoundError' } },
  },
  'Mutation.deleteWebhookEndpoint(id)': {
    noun: 'wh',
    query: 'mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { __typename } }',
    unknown: { deleteWebhookEndpoint: { __typename: 'NotFoundError' } },
  },
  'Mutation.rotateWebhookSecret(id)': {
    noun: 'wh',
    query: 'mutation ($id: ID!) { rotateWebhookSecret(id: $id) { __typename } }',
    unknown: { rotateWebhookSecret: { __typename: 'NotFoundError' } },
  },
  'Mutation.sendTestEvent(endpointId)': {
    noun: 'wh',
    query: 'mutation ($id: ID!) { sendTestEvent(endpointId: $id) { __typename } }',
    unknown: { sendTestEvent: { __typename: 'NotFoundError' } },
  },
  'Mutation.retryDelivery(id)': {
    noun: 'dlv',
    query: 'mutation ($id: ID!) { retryDelivery(id: $id) { __typename } }',
    unknown: { retryDelivery: { __typename: 'NotFoundError' } },
  },
  'Mutation.replayDeliveries(input.endpointId)': {
    noun: 'wh',
    query:
      'mutation ($id: ID!) { replayDeliveries(input: { endpointId: $id, from: "2026-01-01T00:00:00Z" }) { __typename } }',
    unknown: { replayDeliveries: { __typename: 'NotFoundError' } },
  },
  'Mutation.eraseContact(id)': {
    noun: 'cont',
    query: 'mutation ($id: ID!) { eraseContact(id: $id) { __typename } }',
    unknown: { eraseContact: { __typename: 'NotFoundError' } },
  },
  'Query.contactExport(id)': {
    noun: 'cont',
    query: 'query ($id: ID!) { contactExport(id: $id) }',
    unknown: { contactExport: null },
  },
  'Query.source(id)': {
    noun: 'src',
    query: 'query ($id: ID!) { source(id: $id) { id } }',
    unknown: { source: null },
  },
  'Mutation.previewSource(input.sourceId)': {
    noun: 'src',
    query: 'mutation ($id: ID!) { previewSource(input: { sourceId: $id, payload: "{}" }) { __typename } }',
    unknown: { previewSource: { __typename: 'NotFoundError' } },
  },
  'Mutation.previewSource(input.submissionId)': {
    noun: 'sub',
    query: 'mutation ($id: ID!) { previewSource(input: { submissionId: $id }) { __typename } }',
    unknown: { previewSource: { __typename: 'NotFoundError' } },
  },
  'Mutation.releaseHeld(sourceId)': {
    noun: 'src',
    query: 'mutation ($id: ID!) { releaseHeld(sourceId: $id) { __typename } }',
    unknown: { releaseHeld: { __typename: 'NotFoundError' } },
  },
  'Mutation.updateSource(input.id)': {
    noun: 'src',
    query: 'mutation ($id: ID!) { updateSource(input: { id: $id, name: "ours", secret: null }) { __typename } }',
    unknown: { updateSource: { __typename: 'NotFoundError' } },
  },
  'Mutation.rotateSourceUrl(id)': {
    noun: 'src',
    query: 'mutation ($id: ID!) { rotateSourceUrl(id: $id) { __typename } }',
    unknown: { rotateSourceUrl: { __typename: 'NotFoundError' } },
  },
  'Mutation.deleteSource(id)': {
    noun: 'src',
    query: 'mutation ($id: ID!) { deleteSource(id: $id) { __typename } }',
    unknown: { deleteSource: { __typename: 'NotFoundError' } },
  },
  'Query.replay(id)': {
    noun: 'rpl',
    query: 'query ($id: ID!) { replay(id: $id) { id } }',
    unknown: { replay: null },
  },
  'Query.testLead(id)': {
    noun: 'cont',
    query: 'query ($id: ID!) { testLead(id: $id) { id } }',
    unknown: { testLead: null },
  },
  'Mutation.updateContacts(ids)': {
    noun: 'cont',
    query: 'mutation ($id: ID!) { updateContacts(ids: [$id], stage: "lead") { done errorCode } }',
    unknown: { updateContacts: [{ done: false, errorCode: 'NOT_FOUND' }] },
  },
  'Mutation.releaseSubmissions(ids)': {
    noun: 'sub',
    query: 'mutation ($id: ID!) { releaseSubmissions(ids: [$id]) { done errorCode } }',
    unknown: { releaseSubmissions: [{ done: false, errorCode: 'NOT_FOUND' }] },
  },
  'Mutation.markSubmissionsSpam(ids)': {
    noun: 'sub',
    query: 'mutation ($id: ID!) { markSubmissionsSpam(ids: [$id]) { done errorCode } }',
    unknown: { markSubmissionsSpam: [{ done: false, errorCode: 'NOT_FOUND' }] },
  },
  'Mutation.endSession(id)': {
    noun: 'ses',
    query: 'mutation ($id: ID!) { endSession(id: $id) { __typename } }',
    unknown: { endSession: { __typename: 'NotFoundError' } },
  },
  'Mutation.revokeApiKey(id)': {
    noun: 'key',
    query: 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }',
    unknown: { revokeApiKey: { __typename: 'NotFoundError' } },
  },
}

/** A subscription answers nothing at once: it takes what happens in its own workspace alone. */
const subscriptions = ['Subscription.contactUpdated(id)', 'Subscription.deliveryUpdated(endpointId)']

/** The operator's, who acts on other workspaces than its own (operator.test.ts). */
const ofOperator = ['disable', 'enable', 'delete'].map((verb) => `Mutation.${verb}Workspace(id)`)

const askedElsewhere = [...subscriptions, ...ofOperator]

describe('workspaces', () => {
  let app: TestApp
  let ours: GraphqlClient
  let theirs: GraphqlClient
  let theirIds: string[]
  let theirReplay: string
  let theirSession: string

  beforeAll(async () => {
    app = await startTestApp()
    ours = createGraphqlClient(app)
    const key = await createWorkspace(ours, 'theirs')
    theirs = createGraphqlClient({ ...app, key })
    await theirs(`mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:9/" }) { __typename } }`)
    await theirs('mutation { createSource(input: { name: "Form" }) { __typename } }')
    await createApiClient({ ...app, key }).capture(
      { email: 'jane@example.com', first_name: 'Jane' },
      { 'x-api-key': key },
    )
    await eventually(
      async () => {
        const { text } = await theirs(everyNode)
        theirIds = [...new Set(text.match(/\b(?:ws|key|aud|cont|sub|evt|wh|dlv|att|src)_[0-9A-Z]{26}\b/g) ?? [])]
        return theirIds.some((id) => id.startsWith('att_'))
      },
      () => theirIds.join(' '),
    )
    const id = theirIds.find((each) => each.startsWith('wh_'))
    const { data } = await theirs(
      'mutation ($id: ID!) { replayDeliveries(input: { endpointId: $id, from: "2026-01-01T00:00:00Z" }) { ... on ReplaySuccess { replayId } } }',
      { id },
    )
    theirReplay = /rpl_[0-9A-Z]{26}/.exec(JSON.stringify(data))?.[0] ?? 'none'
    await theirs('mutation { sendTestLead { id } }')
    theirSession = await createSession(app.url, key)
    expect((await theirs('query ($id: ID!) { replay(id: $id) { id } }', { id: theirReplay })).data).toEqual({
      replay: { id: theirReplay },
    })
  })

  afterAll(() => app?.stop())

  it('has a row in the table for every argument that takes an id', () => {
    expect([...Object.keys(asked), ...askedElsewhere].sort()).toEqual(idArguments().sort())
  })

  it('holds ids of every type for the test', () => {
    const prefixes = new Set(theirIds.map((id) => id.slice(0, id.indexOf('_'))))
    expect([...prefixes].sort()).toEqual(['att', 'aud', 'cont', 'dlv', 'evt', 'key', 'src', 'sub', 'wh', 'ws'])
  })

  it.each(Object.entries(asked))('answers another workspace’s id like one that does not exist: %s', async (_, row) => {
    const ids = [...theirIds, theirReplay, theirSession].filter(
      (id) => row.noun === '*' || id.startsWith(`${row.noun}_`),
    )
    expect(ids).not.toEqual([])
    for (const id of ids) {
      const unknown = `${id.slice(0, id.indexOf('_'))}_01HQ0000000000000000000000`
      for (const each of [id, unknown]) {
        const { data, errors } = await ours(row.query, { id: each })
        expect({ data, errors }).toEqual({ data: row.unknown, errors: [] })
      }
    }
  })

  it('finds each of its own nodes by id, with its type', async () => {
    for (const id of theirIds)
      expect((await theirs('query ($id: ID!) { node(id: $id) { id } }', { id })).data).toEqual({ node: { id } })
    const { data } = await theirs('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: theirIds })
    expect(data['nodes']).toEqual(theirIds.map((id) => ({ id })))
  })

  it('lists nothing of another', async () => {
    const { text } = await ours(everyNode)
    for (const id of theirIds) expect(text).not.toContain(id)
  })
})

/** `Query.deliveries(filter.contactId)` for every argument, and every field of an input, that takes an id. */
function idArguments(): string[] {
  const schema = buildSchema(schemaText())
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) =>
      field.args.flatMap((arg) =>
        idPaths(arg.name, arg.type, new Set()).map((path) => `${root?.name}.${field.name}(${path})`),
      ),
    ),
  )
}

function idPaths(path: string, type: GraphQLInputType, seen: ReadonlySet<GraphQLNamedType>): string[] {
  const named = getNamedType(type)
  if (named.name === 'ID') return [path]
  if (!isInputObjectType(named) || seen.has(named)) return []
  const fields = Object.values(named.getFields())
  return fields.flatMap((field) => idPaths(`${path}.${field.name}`, field.type, new Set([...seen, named])))
}
