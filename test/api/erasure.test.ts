import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type OpenableRex, rowsWith, startOpenableRex, tablesOf } from '../support/erasure-parts.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { type ReceivedWebhook, type Receiver, startReceiver } from '../support/receiver.ts'

/** Stands in everything that tells of the person. */
// With a letter that no ULID has.
const mark = 'zuq7'
const email = `Jane-${mark}@Example.com`
const firstEmail = `before-${mark}@example.com`
const person = {
  first_name: `Jane${mark}`,
  last_name: `Doe${mark}`,
  source: `fair-${mark}`,
  metadata: { landing_page: `https://example.com/?lead=${mark}`, utm_source: mark, phone: mark },
}

const eraseQuery = `mutation ($id: ID!) { eraseContact(id: $id) { __typename
  ... on EraseContactSuccess { erasedId submissionsRedacted eventsRedacted deliveriesCanceled }
  ... on NotFoundError { code path } } }`
const deliveriesQuery = `query ($id: ID!) { deliveries(first: 100, filter: { contactId: $id }) { nodes {
  id status attemptCount nextAttemptAt completedAt endpoint { url } event { id type data contact { id } }
  attempts { responseStatus responseBody } } } }`

interface DeliveryNode {
  readonly id: string
  readonly status: string
  readonly attemptCount: number
  readonly completedAt: string | null
  readonly endpoint: { readonly url: string }
  readonly event: { readonly id: string; readonly type: string; readonly data: Json; readonly contact: Json | null }
  readonly attempts: readonly { readonly responseStatus: number; readonly responseBody: string | null }[]
}

describe('eraseContact', () => {
  let rex: OpenableRex
  let graphql: GraphqlClient
  let other: GraphqlClient
  const receivers: Record<string, Receiver> = {}
  /** What the slow receiver has not answered yet. */
  const unanswered: (() => void)[] = []
  let id: string
  let otherBefore: Json
  let held: string
  let statusesBefore: Record<string, string[]>
  let erased: Json

  const echo = ({ body }: ReceivedWebhook, response: ServerResponse, status: number) =>
    response.writeHead(status).end(body)

  const endpoint = async (
    name: string,
    respond: 'echo' | 'refuse' | 'wait',
    events = ['contact.created', 'contact.updated'],
  ) => {
    const status = respond === 'refuse' ? 500 : 200
    receivers[name] = await startReceiver((webhook, response) => {
      if (respond === 'wait' && webhook.body.includes(mark)) unanswered.push(() => echo(webhook, response, status))
      else echo(webhook, response, status)
    })
    const { data } = await graphql(
      `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
         ... on WebhookSecretSuccess { endpoint { id } } } }`,
      { input: { url: receivers[name]!.url, events } },
    )
    return (data['createWebhookEndpoint'] as { endpoint: { id: string } }).endpoint.id
  }
  const enable = (endpointId: string, enabled: boolean) =>
    graphql(
      `mutation ($id: ID!, $enabled: Boolean) { updateWebhookEndpoint(input: { id: $id, enabled: $enabled }) {
         __typename } }`,
      { id: endpointId, enabled },
    )
  const deliveries = async (): Promise<DeliveryNode[]> => {
    const { data } = await graphql(deliveriesQuery, { id })
    return (data['deliveries'] as { nodes: DeliveryNode[] }).nodes
  }
  const statusesAt = async (name: string): Promise<string[]> =>
    (await deliveries())
      .filter(({ endpoint }) => endpoint?.url === receivers[name]!.url)
      .map(({ status }) => status)
      .sort()
  const typesAt = (name: string) =>
    receivers[name]!.webhooks.map(({ body }) => (JSON.parse(body) as { event: string }).event)
  const erasedAt = (name: string) =>
    eventually(
      () => typesAt(name).includes('contact.erased'),
      () => `${name}: ${typesAt(name)}`,
    )

  const post = async (body: string | FormData, headers: Record<string, string> = {}) => {
    const agent = { 'user-agent': `Browser ${mark}`, origin: `https://${mark}.example.com` }
    const response = await fetch(`${rex.url}/capture`, { method: 'POST', body, headers: { ...agent, ...headers } })
    expect(response.status).toBe(201)
    return ((await response.json()) as { data: Json }).data
  }
  const json = { 'content-type': 'application/json' }
  const keyed = { ...json, 'idempotency-key': `signup of ${email}` }
  const first = JSON.stringify({ ...person, email: firstEmail })
  const postFirst = () => post(first, keyed)

  /** One person by every way in, with an e-mail that changes, and what the honeypot caught of both. */
  const captureEverywhere = async () => {
    id = (await postFirst())['id'] as string
    await graphql(`mutation ($input: UpdateContactInput!) { updateContact(input: $input) { __typename } }`, {
      input: { id, email, fields: { firstName: `Janet${mark}`, metadata: { note: mark } } },
    })
    await post(new URLSearchParams({ email, first_name: person.first_name, 'metadata[city]': mark }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
    const form = new FormData()
    form.set('email', ` ${email.toUpperCase()} `)
    form.set('company', mark)
    await post(form)
    await post(JSON.stringify({ email, remark: `again ${mark}` }), { 'content-type': 'text/plain' })
    for (const address of [email, firstEmail])
      await post(JSON.stringify({ ...person, email: address, _gotcha: 'x' }), {
        ...json,
        'idempotency-key': `bot ${address}`,
      })
  }

  const personOfOther = async () => {
    const query = `query ($email: String!) { contact(by: { email: $email }) { id email firstName lastName source metadata
      submissions { nodes { fields changes { field after } userAgent } } events { nodes { data } }
      deliveries { nodes { status attempts { responseBody } } } } }`
    return (await other(query, { email })).data['contact'] as Json & { id: string }
  }
  const captureInOther = async () => {
    const key = await createWorkspace(graphql, 'other')
    other = createGraphqlClient({ url: rex.url, key })
    await other(`mutation ($url: URL!) { createWebhookEndpoint(input: { url: $url }) { __typename } }`, {
      url: receivers['echoing']!.url,
    })
    const headers = { ...keyed, 'x-api-key': key }
    await post(JSON.stringify({ ...person, email }), headers)
    const isTold = async () => JSON.stringify(await personOfOther()).includes('SUCCEEDED')
    await eventually(isTold, async () => JSON.stringify(await personOfOther()))
    otherBefore = await personOfOther()
  }

  beforeAll(async () => {
    rex = await startOpenableRex({ REX_RETRY_SCHEDULE: '0,3600' })
    graphql = rex.graphql
    await endpoint('echoing', 'echo')
    await endpoint('refusing', 'refuse')
    await endpoint('failing', 'refuse', ['contact.created'])
    await endpoint('waiting', 'wait', ['contact.created'])
    held = await endpoint('disabled', 'echo')
    await enable(held, false)
    await captureEverywhere()
    await captureInOther()
    await eventually(
      async () => unanswered.length === 1 && !(await deliveries()).some(isYetToBeTried),
      async () => JSON.stringify(await deliveries()),
    )
    const failing = (await deliveries()).find(({ endpoint }) => endpoint.url === receivers['failing']!.url)!
    await graphql(`mutation ($id: ID!) { retryDelivery(id: $id) { __typename } }`, { id: failing.id })
    await eventually(
      async () => (await statusesAt('failing'))[0] === 'FAILED',
      async () => `${await statusesAt('failing')}`,
    )
    await endpoint('late', 'echo')
    await endpoint('listening', 'echo', ['contact.erased'])
    const names = ['echoing', 'refusing', 'failing', 'waiting', 'disabled']
    statusesBefore = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await statusesAt(name)] as const)),
    )
    erased = (await graphql(eraseQuery, { id })).data['eraseContact'] as Json
  })

  afterAll(async () => {
    await rex?.stop()
    await Promise.all(Object.values(receivers).map((receiver) => receiver.stop()))
  })

  /** Neither tried, nor waiting for an earlier one of the contact, nor held, nor in the hands of the slow receiver. */
  const isYetToBeTried = ({ status, endpoint, event }: DeliveryNode) =>
    status === 'PENDING' &&
    endpoint.url !== receivers['waiting']!.url &&
    (event.type === 'contact.created' || endpoint.url === receivers['echoing']!.url)

  it('finds deliveries in every state', () => {
    expect(statusesBefore).toMatchObject({
      echoing: ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'],
      refusing: expect.arrayContaining(['PENDING', 'RETRYING']),
      failing: ['FAILED'],
      waiting: ['PENDING'],
      disabled: ['HELD', 'HELD', 'HELD', 'HELD', 'HELD'],
    })
  })

  it('answers what it took', () => {
    expect(erased).toEqual({
      __typename: 'EraseContactSuccess',
      erasedId: id,
      submissionsRedacted: 6,
      eventsRedacted: 5,
      deliveriesCanceled: 11,
    })
  })

  it('cancels what was open, and leaves of the rest what tells of nobody', async () => {
    const old = (await deliveries()).filter(({ event }) => event.type !== 'contact.erased')
    expect(old).toHaveLength(17)
    for (const { status, completedAt, event, attempts } of old) {
      expect(['SUCCEEDED', 'FAILED', 'CANCELED']).toContain(status)
      expect(completedAt).not.toBeNull()
      expect(event).toMatchObject({ data: { id }, contact: null })
      expect(attempts.map(({ responseBody }) => responseBody)).toEqual(attempts.map(() => null))
    }
  })

  it('tells whoever was told, only after the attempt in flight has ended, and keeps nothing of its answer', async () => {
    for (const name of ['echoing', 'refusing', 'failing', 'listening']) await erasedAt(name)
    expect(typesAt('waiting')).toEqual(['contact.created'])
    unanswered.pop()!()
    await erasedAt('waiting')
    const [created] = (await deliveries()).filter(
      ({ endpoint, event }) => endpoint.url === receivers['waiting']!.url && event.type === 'contact.created',
    )
    expect(created).toMatchObject({
      status: 'CANCELED',
      attemptCount: 1,
      attempts: [{ responseStatus: 200, responseBody: null }],
    })
    const { body } = receivers['waiting']!.webhooks.at(-1)!
    expect(JSON.parse(body)).toMatchObject({ event: 'contact.erased', data: { id } })
    expect(Object.keys((JSON.parse(body) as { data: Json }).data)).toEqual(['id'])
  })

  it('tells nobody who was not told and did not ask', async () => {
    await enable(held, true)
    await rex.graphql(`mutation ($id: ID!) { sendTestEvent(endpointId: $id) { __typename } }`, { id: held })
    await receivers['disabled']!.received(1)
    expect(typesAt('disabled')).toEqual(['webhook.test'])
    expect(typesAt('late')).toEqual([])
  })

  it('is over once: a second time there is nobody', async () => {
    const { data } = await graphql(eraseQuery, { id })
    expect(data['eraseContact']).toEqual({ __typename: 'NotFoundError', code: 'NOT_FOUND', path: ['id'] })
  })

  it('does not send what was erased again, by hand or by a replay', async () => {
    const [canceled] = (await deliveries()).filter(({ status }) => status === 'CANCELED')
    const retried = await graphql(
      `mutation ($id: ID!) { retryDelivery(id: $id) { __typename ... on ConflictError { message } } }`,
      { id: canceled!.id },
    )
    expect(retried.data['retryDelivery']).toEqual({
      __typename: 'ConflictError',
      message: 'The contact of this delivery is erased.',
    })
    const status = ['CANCELED', 'FAILED', 'SUCCEEDED', 'HELD']
    const input = { endpointId: held, from: '2020-01-01T00:00:00Z', status, includeNeverSent: true }
    const replayed = await graphql(
      `mutation ($input: ReplayDeliveriesInput!) { replayDeliveries(input: $input) { ... on ReplaySuccess { matched } } }`,
      { input },
    )
    // The endpoint's own test event tells of nobody.
    expect(replayed.data['replayDeliveries']).toEqual({ matched: 1 })
    await receivers['disabled']!.received(2)
    expect(typesAt('disabled')).toEqual(['webhook.test', 'webhook.test'])
  })

  it('makes nobody of a request that is sent again with its key, and answers it its own', async () => {
    const again = await postFirst()
    expect(again).toMatchObject({ id, email: firstEmail, first_name: person.first_name, stage: 'lead' })
    const { data } = await graphql(`query ($id: ID!) { node(id: $id) { id } contacts { nodes { id } } }`, { id })
    expect(data).toEqual({ node: null, contacts: { nodes: [] } })
  })

  it('leaves the person of another workspace alone', async () => {
    expect(await personOfOther()).toEqual(otherBefore)
    const { data } = await graphql(eraseQuery, { id: otherBefore['id'] })
    expect(data['eraseContact']).toMatchObject({ __typename: 'NotFoundError' })
    expect(await personOfOther()).toEqual(otherBefore)
  })

  it('keeps a proof that names nobody', async () => {
    const { data } = await graphql(`{ viewer { id } auditLog { nodes { action actor targetId details } } }`)
    const { nodes } = data['auditLog'] as { nodes: Json[] }
    const { __typename: _, erasedId, ...details } = erased
    const actor = (data['viewer'] as { id: string }).id
    expect(nodes.filter(({ targetId }) => targetId === id)).toEqual([
      { action: 'contact.erased', actor, targetId: erasedId, details },
      { action: 'contact.updated', actor, targetId: erasedId, details: {} },
    ])
  })

  it('leaves no trace in any column of any table', async () => {
    const { found, workspaceOfOther } = await rex.lookInto(async (database) => {
      const [row] = await database.query<{ id: string }>({
        name: '',
        text: `select id from workspace where slug = 'other'`,
      })
      return { found: await rowsWith(database, mark), workspaceOfOther: row!.id }
    })
    const looked = ['attempt', 'contact', 'event', 'idempotency_key', 'submission']
    expect(tablesOf(found.get(workspaceOfOther))).toEqual(looked)
    found.delete(workspaceOfOther)
    expect(Object.fromEntries(found)).toEqual({})
  })
})
