import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const everything = `subscription ($after: String, $types: [String!]) { events(after: $after, types: $types) { __typename
  ... on Event { id type cursor data contact { id email } } ... on StreamGap { reason resumedAt } } }`

describe('the live stream', () => {
  let app: TestApp
  let api: ApiClient
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    api = createApiClient(app)
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const capture = async (email: string, fields: object = {}) =>
    (await api.capture({ email, ...fields })).json.data?.['id']

  it('tells of contacts that the filter lets through, and of nobody else’s', async () => {
    const key = await createWorkspace(graphql, 'neighbours')
    await using all = await connectSubscriber(app, {
      query: 'subscription { contactCreated { cursor contact { id email } } }',
    })
    await using some = await connectSubscriber(app, {
      query: 'subscription ($filter: ContactFilter) { contactCreated(filter: $filter) { contact { email } } }',
      variables: { filter: { source: { eq: 'wanted' } } },
    })
    await using neighbours = await connectSubscriber(
      { ...app, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    const id = await capture('first@example.com', { source: 'other' })
    await capture('second@example.com', { source: 'wanted' })
    expect(await all.next()).toMatchObject({ contactCreated: { contact: { id, email: 'first@example.com' } } })
    expect(await some.next()).toEqual({ contactCreated: { contact: { email: 'second@example.com' } } })
    expect(await all.next()).toMatchObject({ contactCreated: { contact: { email: 'second@example.com' } } })
    expect(neighbours.results).toEqual([])
  })

  it('tells what changed of a contact', async () => {
    const id = await capture('changes@example.com')
    await using subscriber = await connectSubscriber(app, {
      query: 'subscription ($id: ID) { contactUpdated(id: $id) { changedFields contact { firstName } } }',
      variables: { id },
    })
    await capture('another@example.com')
    await capture('another@example.com', { first_name: 'No' })
    await capture('changes@example.com', { first_name: 'Yes', metadata: { plan: 'pro' } })
    expect(await subscriber.next()).toEqual({
      contactUpdated: { changedFields: ['first_name', 'metadata'], contact: { firstName: 'Yes' } },
    })
  })

  it('goes on after a cursor with what was missed, in order, each once, then live', async () => {
    const cursorOf = (data: unknown) => (data as { events: { cursor: string } }).events.cursor
    let cursor: string
    {
      await using subscriber = await connectSubscriber(app, { query: everything })
      await capture('seam-0@example.com')
      cursor = cursorOf(await subscriber.next())
    }
    for (const nth of [1, 2, 3]) await capture(`seam-${nth}@example.com`)
    await using resumed = await connectSubscriber(app, { query: everything, variables: { after: cursor } })
    for (const nth of [4, 5]) await capture(`seam-${nth}@example.com`)
    for (const nth of [1, 2, 3, 4, 5])
      expect(await resumed.next()).toMatchObject({ events: { contact: { email: `seam-${nth}@example.com` } } })
    expect(resumed.results).toHaveLength(5)
    const { data } = await graphql('query ($after: String) { events(last: 1, before: $after) { nodes { id } } }', {
      after: cursor,
    })
    expect(data['events']).toMatchObject({ nodes: [expect.anything()] })
  })

  it('refuses a cursor that is none, or of another workspace, and leaves the socket open', async () => {
    const key = await createWorkspace(graphql, 'cursors')
    await createApiClient({ ...app, key }).capture({ email: 'a@example.com' }, { 'x-api-key': key })
    const { data } = await createGraphqlClient({ ...app, key })('{ events { nodes { cursor } } }')
    const [foreign] = (data['events'] as { nodes: { cursor: string }[] }).nodes
    for (const after of ['nonsense', foreign?.cursor]) {
      await using subscriber = await connectSubscriber(app, { query: everything, variables: { after } })
      expect(JSON.stringify([await subscriber.ended(), subscriber.results])).toContain('INVALID_CURSOR')
      expect(subscriber.socket.readyState).toBe(WebSocket.OPEN)
    }
  })

  it('is the same over SSE', async () => {
    const gone = new AbortController()
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      signal: gone.signal,
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': app.key },
      body: JSON.stringify({ query: 'subscription { contactCreated { contact { email } } }' }),
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    let text = ''
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    })().catch(() => {})
    await eventually(
      () => text.includes(':'),
      () => text,
    )
    await capture('sse@example.com')
    await eventually(
      () => text.includes('sse@example.com'),
      () => text,
    )
    expect(text).toContain('event: next\ndata: {"data":{"contactCreated":{"contact":{"email":"sse@example.com"}}}}')
    gone.abort()
    await reading
  })

  it('needs the scope of what it shows', async () => {
    const key = await createKey(graphql, ['EVENTS_READ'])
    await using subscriber = await connectSubscriber(
      { ...app, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    expect(JSON.stringify([await subscriber.ended(), subscriber.results])).toContain('FORBIDDEN')
    await using masked = await connectSubscriber(
      { ...app, key },
      { query: 'subscription { events { ... on Event { data } } }' },
    )
    await capture('masked@example.com')
    expect(await masked.next()).toMatchObject({ events: { data: { email: 'm***@example.com' } } })
  })
})

describe('a subscription', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })

  afterAll(() => app?.stop())

  it('is closed within five seconds of its key being revoked', async () => {
    const graphql = createGraphqlClient(app)
    const key = await createKey(graphql, ['CONTACTS_READ'])
    await using subscriber = await connectSubscriber(
      { ...app, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    const { data } = await createGraphqlClient({ ...app, key })('{ viewer { id } }')
    const { id } = data['viewer'] as { id: string }
    await graphql('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id })
    expect(await Promise.race([subscriber.ended(), setTimeout(5000, 'still open')])).toMatchObject({ code: 4403 })
  })

  it('is closed with 4290 when its client stops reading, and costs the process and the others nothing', async () => {
    const api = createApiClient(app)
    // Ten times the data of an event, so that a few dozen fill what the kernel holds for a socket.
    const copies = Array.from({ length: 10 }, (_, nth) => `data${nth}: data`).join(' ')
    const query = `subscription ($after: String) { events(after: $after) { ... on Event { cursor ${copies} } } }`
    await using slow = await connectSubscriber(app, { query })
    await using quick = await connectSubscriber(app, { query })
    slow.socket.pause()
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`key_${nth}`, 'x'.repeat(500)]))
    const sent = 200
    for (let from = 0; from < sent; from += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, nth) => api.capture({ email: `bulk-${from + nth}@example.com`, metadata })),
      )
      await eventually(
        () => quick.results.length === from + 20,
        () => `${quick.results.length} events`,
      )
    }
    expect(slow.results.length).toBeLessThan(sent)
    slow.socket.resume()
    expect(await slow.ended()).toMatchObject({ code: 4290 })
    const last = slow.results.at(-1)?.data as { events: { cursor: string } }
    await using resumed = await connectSubscriber(app, { query, variables: { after: last.events.cursor } })
    const missing = sent - slow.results.length
    await eventually(
      () => resumed.results.length === missing,
      () => `${resumed.results.length} of ${missing}`,
    )
    expect([...slow.results, ...resumed.results]).toEqual(quick.results)
  })

  it('is closed with 1001 when the server stops', async () => {
    const other = await startTestApp()
    const subscriber = await connectSubscriber(other, { query: 'subscription { contactCreated { eventId } }' })
    await other.stop()
    expect(await subscriber.ended()).toMatchObject({ code: 1001 })
    await subscriber[Symbol.asyncDispose]()
  })
})
