import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { send } from '../support/http-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { openOwn, runSql } from '../support/test-parts.ts'

const operations = {
  create: 'mutation ($slug: String!) { change: createWorkspace(input: { slug: $slug }) { __typename } }',
  disable: `mutation ($id: ID!) { change: disableWorkspace(id: $id) { __typename
    ... on Workspace { id slug disabledAt apiKeys { name } } ... on ValidationError { path code } } }`,
  enable: `mutation ($id: ID!) { change: enableWorkspace(id: $id) { __typename
    ... on Workspace { id slug disabledAt } ... on ValidationError { path code } } }`,
  delete: `mutation ($id: ID!, $slug: String!) { change: deleteWorkspace(id: $id, confirmSlug: $slug) { __typename
    ... on DeleteSuccess { deletedId } ... on ValidationError { path code } ... on NotFoundError { path code } } }`,
  list: '{ workspaces { nodes { id slug disabledAt apiKeys { name } } } }',
  audit: '{ auditLog(first: 100) { nodes { action actor targetId details } } }',
}

interface Tenant {
  readonly id: string
  readonly slug: string
  readonly key: string
  readonly graphql: GraphqlClient
}

interface AuditEntry {
  readonly action: string
  readonly actor: string
  readonly targetId: string
  readonly details: unknown
}

describe('11.10: the operator', () => {
  async function start(environment: Readonly<Record<string, string>> = {}) {
    const app = await startTestApp(environment)
    onTestFinished(() => app.stop())
    const operator = createGraphqlClient(app)
    return { app, operator, change: changeBy(operator) }
  }

  it('alone makes, ends and sees workspaces: an ADMIN key of a tenant is FORBIDDEN, as is another key of the operator', async () => {
    const { app, operator } = await start()
    const tenant = await newTenant(app, 'acme')
    const webhooks = createGraphqlClient({ ...app, key: await createKey(operator, ['WEBHOOKS_WRITE', 'PII_READ']) })
    for (const graphql of [tenant.graphql, webhooks])
      for (const [name, query] of Object.entries(operations).filter(([each]) => each !== 'audit')) {
        const { codes, text } = await graphql(query, { id: tenant.id, slug: name === 'create' ? 'new' : 'acme' })
        expect([name, codes, text]).toEqual([
          name,
          ['FORBIDDEN'],
          expect.stringMatching(/default workspace|scope ADMIN/),
        ])
      }
    expect((await operator(operations.list)).data).toMatchObject({
      workspaces: {
        nodes: [{ slug: 'acme', disabledAt: null, apiKeys: [{ name: 'First key' }] }, { slug: 'default' }],
      },
    })
  })

  it('is the oldest workspace where none answers on a bare host', async () => {
    const { app, change } = await start({ REX_DEFAULT_WORKSPACE: '' })
    const tenant = await newTenant(app, 'acme')
    expect(await change('disable', { id: tenant.id })).toMatchObject({ __typename: 'Workspace' })
    expect((await tenant.graphql(operations.create, { slug: 'mine' })).status).toBe(403)
  })

  it('is recorded in both workspaces, in the tenant’s without the id of its key', async () => {
    const { app, operator, change } = await start()
    const { id, slug, graphql } = await newTenant(app, 'acme')
    for (const name of ['disable', 'disable', 'enable', 'enable'] as const) await change(name, { id })
    const actions = ['workspace.created', 'workspace.disabled', 'workspace.enabled']
    const { data } = await operator('{ viewer { id } }')
    const { id: actor } = data['viewer'] as { id: string }
    expect(await auditOf(operator, id)).toEqual(
      actions.map((action) => ({ action, actor, targetId: id, details: { slug } })),
    )
    expect(await auditOf(graphql, id)).toEqual(
      actions.map((action) => ({ action, actor: 'operator', targetId: id, details: {} })),
    )
    expect((await graphql(operations.audit)).text).not.toContain(actor)
    await change('delete', { id, slug })
    expect((await auditOf(operator, id)).at(-1)).toEqual({
      action: 'workspace.deleted',
      actor,
      targetId: id,
      details: { slug },
    })
  })

  it('may end neither the default workspace nor one that is not there, nor delete one without its slug', async () => {
    const { app, operator, change } = await start()
    const { id } = await newTenant(app, 'acme')
    const { data } = await operator('{ workspace { id } }')
    const { id: own } = data['workspace'] as { id: string }
    const invalid = (path: string) => ({ __typename: 'ValidationError', path: [path], code: 'INVALID' })
    expect(await change('disable', { id: own })).toEqual(invalid('id'))
    expect(await change('delete', { id: own, slug: 'default' })).toEqual(invalid('id'))
    expect(await change('disable', { id: 'ws_nobody' })).toEqual(invalid('id'))
    expect(await change('enable', { id: 'ws_nobody' })).toEqual(invalid('id'))
    expect(await change('delete', { id, slug: 'default' })).toEqual(invalid('confirmSlug'))
    expect(await change('delete', { id, slug: 'Acme' })).toEqual(invalid('confirmSlug'))
    expect(await change('delete', { id: 'ws_nobody', slug: 'acme' })).toEqual({
      __typename: 'NotFoundError',
      path: ['id'],
      code: 'NOT_FOUND',
    })
    expect((await operator(operations.list)).data).toMatchObject({ workspaces: { nodes: [{ disabledAt: null }, {}] } })
  })

  it('disables a workspace: 403 workspace_disabled on every surface, and its streams end; enabled, all is as before', async () => {
    const { app, change } = await start()
    const tenant = await newTenant(app, 'acme')
    const other = await newTenant(app, 'beta')
    const subscription = { query: 'subscription { contactCreated { contact { email } } }' }
    await using subscriber = await connectSubscriber({ ...app, key: tenant.key }, subscription)
    await using neighbour = await connectSubscriber({ ...app, key: other.key }, subscription)
    const disabled = await change('disable', { id: tenant.id })
    expect(disabled).toMatchObject({ __typename: 'Workspace', slug: 'acme', disabledAt: expect.any(String) })
    expect(disabled).toMatchObject({ apiKeys: [{ name: 'First key' }] })
    expect(await subscriber.ended()).toMatchObject({ code: 4403 })

    const refused = { status: 403, code: 'workspace_disabled' }
    for (const answer of await askAll(app, tenant)) expect(answer).toEqual(refused)
    const { status, codes } = await tenant.graphql('{ viewer { id } }')
    expect({ status, codes }).toEqual({ status: 403, codes: ['WORKSPACE_DISABLED'] })
    await expect(connectSubscriber({ ...app, key: tenant.key }, subscription)).rejects.toMatchObject({ code: 4403 })
    expect(await askAll(app, other)).not.toContainEqual(refused)
    await createApiClient({ ...app, key: other.key }).capture({ email: 'jane@example.com' }, { 'x-api-key': other.key })
    expect(await neighbour.next()).toMatchObject({ contactCreated: {} })

    expect(await change('enable', { id: tenant.id })).toMatchObject({ __typename: 'Workspace', disabledAt: null })
    for (const answer of await askAll(app, tenant)) expect(answer.code).not.toBe('workspace_disabled')
    expect((await tenant.graphql('{ viewer { id } }')).status).toBe(200)
  })

  it('holds what a disabled workspace owes until it is enabled, and loses none of it', async () => {
    const { app, change } = await start({ REX_RETRY_SCHEDULE: '0,1' })
    const [receiver, neighbours] = [await startReceiver(), await startReceiver()]
    onTestFinished(async () => void (await Promise.all([receiver.stop(), neighbours.stop()])))
    const tenant = await newTenant(app, 'acme')
    const client = createApiClient({ ...app, key: tenant.key })
    await client.createEndpoint({ url: receiver.url, events: ['contact.created'] })
    const other = await newTenant(app, 'beta')
    const neighbour = createApiClient({ ...app, key: other.key })
    await neighbour.createEndpoint({ url: neighbours.url, events: ['contact.created'] })
    const capturing = Array.from({ length: 20 }, (_, nth) =>
      client.capture({ email: `lead-${nth}@example.com` }, { 'x-api-key': tenant.key }),
    )
    const statuses = (await Promise.all(capturing)).map(({ status }) => status)
    expect(statuses).toEqual(Array(20).fill(201))
    await change('disable', { id: tenant.id })
    await neighbour.capture({ email: 'theirs@example.com' }, { 'x-api-key': other.key })
    await neighbours.received(1)
    await change('enable', { id: tenant.id })
    const all = await receiver.received(20)
    const emails = all.map(({ body }) => JSON.parse(body).data.email)
    expect(new Set(emails).size).toBe(20)
  })

  it('deletes a workspace: unknown at once, in time nothing of it is left in any table, and nothing of others is touched', async () => {
    const { app, operator, change } = await start({ REX_RETRY_SCHEDULE: '0,3600' })
    const [tenant, other] = [await newTenant(app, 'acme'), await newTenant(app, 'beta')]
    for (const each of [tenant, other]) await fill(app, each)
    await becomesQuiet(app)
    await using subscriber = await connectSubscriber(
      { ...app, key: tenant.key },
      { query: 'subscription { events { __typename } }' },
    )
    const kept = await rowCounts(app, other.id)
    expect(await change('delete', tenant)).toEqual({ __typename: 'DeleteSuccess', deletedId: tenant.id })
    expect(await subscriber.ended()).toMatchObject({ code: 4403 })
    expect((await tenant.graphql('{ viewer { id } }')).status).toBe(401)
    const [atHost] = await askAll(app, tenant)
    expect(atHost).toEqual({ status: 404, code: 'workspace_not_found' })
    expect(await change('delete', tenant)).toMatchObject({ __typename: 'NotFoundError' })
    expect((await operator(operations.list)).text).not.toContain('acme')
    expect((await other.graphql('{ contacts { totalCount { value } } }')).data).toMatchObject({
      contacts: { totalCount: { value: 3 } },
    })
    let left: Counts = {}
    await eventually(
      async () => {
        left = await rowCounts(app, tenant.id)
        return Object.values(left).every((count) => count === 0)
      },
      () => JSON.stringify(left),
      20_000,
    )
    expect(Object.keys(left).length).toBeGreaterThan(10)
    expect(await rowCounts(app, other.id)).toEqual(kept)
  })

  it('makes a workspace of a slug again only when the deleted one has gone', async () => {
    const { app, operator, change } = await start()
    await change('delete', await newTenant(app, 'acme'))
    expect((await operator(operations.create, { slug: 'acme' })).data).toMatchObject({
      change: { __typename: 'TakenError' },
    })
  })
})

type Change = Exclude<keyof typeof operations, 'list' | 'audit'>

const changeBy = (graphql: GraphqlClient) => async (name: Change, variables: object) => {
  const { data, errors } = await graphql(operations[name], variables)
  expect(errors).toEqual([])
  return data['change']
}

async function newTenant(app: TestApp, slug: string): Promise<Tenant> {
  const key = await createWorkspace(createGraphqlClient(app), slug)
  const graphql = createGraphqlClient({ ...app, key })
  const { data } = await graphql('{ workspace { id } }')
  const { id } = data['workspace'] as { id: string }
  return { id, slug, key, graphql }
}

/** What was done to a workspace, oldest first. */
async function auditOf(graphql: GraphqlClient, targetId: string): Promise<AuditEntry[]> {
  const { data } = await graphql(operations.audit)
  const { nodes } = data['auditLog'] as { nodes: AuditEntry[] }
  return nodes.filter((entry) => entry.targetId === targetId).toReversed()
}

/** Everything that a workspace answers over HTTP besides GraphQL: without a key at its host, and with one. */
async function askAll({ url }: TestApp, { slug, key }: Tenant) {
  const host = `${slug}.localhost`
  const json = { 'content-type': 'application/json' }
  const lead = JSON.stringify({ email: 'jane@example.com' })
  const asked = await Promise.all([
    send(url, { method: 'POST', path: '/capture', headers: { host, ...json }, body: lead }),
    send(url, { method: 'POST', path: '/capture', headers: { 'x-api-key': key, ...json }, body: lead }),
    send(url, { method: 'OPTIONS', path: '/capture', headers: { host, origin: 'https://www.example.com' } }),
    send(url, { method: 'GET', path: '/capture/challenge', headers: { host } }),
    send(url, { method: 'GET', path: '/webhooks', headers: { 'x-api-key': key } }),
    send(url, { method: 'POST', path: '/webhooks/wh_1/test', headers: { 'x-api-key': key } }),
  ])
  return asked.map(({ status, json: answer }) => ({ status, code: parseCode(answer) }))
}

function parseCode(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { error?: { code: string } }
  return error?.code
}

/** Something in every table that a tenant fills. */
async function fill(app: TestApp, { key, graphql }: Tenant): Promise<void> {
  const client = createApiClient({ ...app, key })
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const { id } = await client.createEndpoint({ url: receiver.url, events: ['*'] })
  for (let nth = 0; nth < 3; nth++)
    await client.capture({ email: `lead-${nth}@example.com` }, { 'x-api-key': key, 'idempotency-key': `lead-${nth}` })
  await receiver.received(3)
  const { errors } = await graphql(
    `mutation ($id: ID!) { replayDeliveries(input: { endpointId: $id, from: "2020-01-01T00:00:00Z" }) { __typename } }`,
    { id },
  )
  expect(errors).toEqual([])
}

/** Replays and deliveries have ended, so no row is added or changed any more. */
async function becomesQuiet(app: TestApp): Promise<void> {
  const database = await openOwn(app.database)
  const open = () =>
    runSql(
      database,
      `select id from replay where completed_at is null union all select id from delivery where completed_at is null`,
    )
  await eventually(
    async () => (await open()).length === 0,
    () => 'some are open',
  ).finally(() => database.close())
}

type Counts = Record<string, number>

/** How many rows of a workspace each table has, whatever tables there are. */
async function rowCounts(app: TestApp, workspaceId: string): Promise<Counts> {
  const database = await openOwn(app.database)
  try {
    const tables = await runSql<{ name: string }>(
      database,
      `select table_name as name from information_schema.columns
       where column_name = 'workspace_id' and table_schema = 'public' order by 1`,
    )
    const counts: Counts = {}
    for (const { name } of tables) {
      const rows = await runSql(database, `select 1 from ${name} where workspace_id = $1`, [workspaceId])
      counts[name] = rows.length
    }
    return counts
  } finally {
    await database.close()
  }
}
