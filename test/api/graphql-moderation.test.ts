import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>

const moderated = `__typename ... on Submission { id status outcome spamReasons fields contact { id email firstName stage
  source submissionCount firstTouch { source } } changes { field before after } } ... on UserError { code message }`
const release = `mutation ($id: ID!) { releaseSubmission(id: $id) { ${moderated} } }`
const markSpam = `mutation ($id: ID!) { markSubmissionSpam(id: $id) { ${moderated} } }`

let counted = 0
/** An e-mail that no other test uses. */
const newEmail = () => `person-${++counted}@example.com`

describe('moderation', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const moderate = async (mutation: string, id: string, client = graphql) => {
    const { data, text } = await client(mutation, { id })
    const [result] = Object.values(data ?? {})
    if (!result) throw new Error(`Nothing was moderated: ${text}`)
    return result as Json & { contact: Json }
  }
  const capture = async (body: Json) => {
    expect((await createApiClient(app).capture(body)).status).toBe(201)
    const { data } = await graphql('{ submissions(first: 1) { nodes { id status } } }')
    return (data['submissions'] as { nodes: [{ id: string; status: string }] }).nodes[0]
  }
  /** A capture that is held for a token that we did not make. */
  const held = async (body: Json) => {
    const { id, status } = await capture({ _t: 'x', ...body })
    expect(status).toBe('HELD')
    return id
  }
  const eventsOf = async (email: string) => {
    const { data } = await graphql(
      'query ($email: String!) { contact(by: { email: $email }) { events { nodes { type } } submissionCount } }',
      { email },
    )
    const contact = data['contact'] as { events: { nodes: { type: string }[] } } | null
    return contact?.events.nodes.map(({ type }) => type)
  }

  it('releases what is held as the contact whose id was answered', async () => {
    const { json } = await createApiClient(app).capture({ email: newEmail(), _t: 'x' })
    const { data } = await graphql('{ submissions(first: 1) { nodes { id } } }')
    const [{ id }] = (data['submissions'] as { nodes: [{ id: string }] }).nodes
    expect((await moderate(release, id)).contact['id']).toBe(json.data!['id'])
  })

  it('releases what is held: a contact and an event, as if it came now', async () => {
    const email = newEmail()
    const fields = { email: email.toUpperCase(), first_name: 'Jane', stage: 'customer', utm_source: 'google' }
    const id = await held(fields)
    expect(await eventsOf(email)).toBeUndefined()
    expect(await moderate(release, id)).toEqual({
      __typename: 'Submission',
      id,
      status: 'ACCEPTED',
      outcome: 'CREATED',
      spamReasons: ['form_token_invalid'],
      fields,
      contact: {
        id: expect.stringMatching(/^cont_/),
        email,
        firstName: 'Jane',
        stage: 'lead',
        source: null,
        submissionCount: 1,
        firstTouch: { source: 'google' },
      },
      changes: expect.arrayContaining([{ field: 'first_name', before: null, after: 'Jane' }]),
    })
    expect(await eventsOf(email)).toEqual(['contact.created'])
  })

  it('merges into a contact that came meanwhile, and makes no event when nothing is new', async () => {
    const email = newEmail()
    const first = await held({ email, first_name: 'Jane', source: 'ads' })
    const second = await held({ email, source: 'ads' })
    await capture({ email, first_name: 'Joan' })
    expect(await moderate(release, first)).toMatchObject({
      outcome: 'UPDATED',
      contact: { firstName: 'Jane', source: 'ads', submissionCount: 2 },
      changes: [
        { field: 'first_name', before: 'Joan', after: 'Jane' },
        { field: 'source', before: null, after: 'ads' },
      ],
    })
    expect(await moderate(release, second)).toMatchObject({ outcome: 'UNCHANGED', changes: [] })
    expect(await eventsOf(email)).toEqual(['contact.updated', 'contact.created'])
  })

  it('merges as the workspace wants it', async () => {
    const key = await createWorkspace(graphql, 'fill')
    const filling = createGraphqlClient({ ...app, key })
    await filling('mutation { updateWorkspace(input: { mergePolicy: FILL_EMPTY }) { __typename } }')
    const host = { 'x-api-key': await createKey(filling, ['WEBHOOKS_READ']) }
    const api = createApiClient(app)
    const email = newEmail()
    await api.capture({ email, first_name: 'Jane' }, host)
    await api.capture({ email, first_name: 'Joan', last_name: 'Doe', _t: 'x' }, host)
    const { data } = await filling('{ submissions(filter: { status: HELD }) { nodes { id } } }')
    const [{ id }] = (data['submissions'] as { nodes: [{ id: string }] }).nodes
    expect(await moderate(release, id, filling)).toMatchObject({
      contact: { firstName: 'Jane' },
      changes: [{ field: 'last_name', before: null, after: 'Doe' }],
    })
  })

  it('tells live subscribers and webhooks of what is released, and of nothing before', async () => {
    const email = newEmail()
    const receiver = await startReceiver()
    await createApiClient(app).createEndpoint({ url: receiver.url, events: ['contact.created'] })
    await using subscriber = await connectSubscriber(app, {
      query: 'subscription { contactCreated { contact { email } } }',
    })
    const id = await held({ email })
    const before = newEmail()
    await capture({ email: before })
    expect(await subscriber.next()).toEqual({ contactCreated: { contact: { email: before } } })
    await moderate(release, id)
    expect(await subscriber.next()).toEqual({ contactCreated: { contact: { email } } })
    const bodies = (await receiver.received(2)).map(({ body }) => JSON.parse(body).data.email)
    expect(bodies.sort()).toEqual([email, before].sort())
    await receiver.stop()
  })

  it('lets one of many win that release at the same time', async () => {
    const email = newEmail()
    const id = await held({ email, first_name: 'Jane' })
    const results = await Promise.all(Array.from({ length: 10 }, () => moderate(release, id)))
    expect(results.filter(({ __typename }) => __typename === 'Submission')).toHaveLength(1)
    expect(new Set(results.map(({ __typename }) => __typename))).toEqual(new Set(['Submission', 'ConflictError']))
    expect(await eventsOf(email)).toEqual(['contact.created'])
    const { data } = await graphql('query ($email: String!) { contact(by: { email: $email }) { submissionCount } }', {
      email,
    })
    expect(data['contact']).toEqual({ submissionCount: 1 })
  })

  it('makes one contact of several that are released and captured at the same time', async () => {
    const email = newEmail()
    const ids: string[] = []
    for (let nth = 0; nth < 5; nth++) ids.push(await held({ email, [`k${nth}`]: nth }))
    const answers = await Promise.all([
      ...ids.map((id) => moderate(release, id)),
      ...ids.map((_, nth) => createApiClient(app).capture({ email, [`c${nth}`]: nth })),
    ])
    expect(answers).toHaveLength(10)
    const { data } = await graphql(
      'query ($email: String!) { contact(by: { email: $email }) { submissionCount metadata } }',
      { email },
    )
    const { submissionCount, metadata } = data['contact'] as { submissionCount: number; metadata: Json }
    expect(submissionCount).toBe(10)
    expect(Object.keys(metadata)).toHaveLength(10)
    expect((await eventsOf(email))?.filter((type) => type === 'contact.created')).toHaveLength(1)
  })

  it('releases what somebody else marks as spam at the same time', async () => {
    const email = newEmail()
    const id = await held({ email })
    const [released, marked] = await Promise.all([moderate(release, id), moderate(markSpam, id)])
    expect(released).toMatchObject({ __typename: 'Submission' }) // Spam can be released, too.
    expect(['ConflictError', 'Submission']).toContain(marked['__typename'])
    expect(await eventsOf(email)).toEqual(['contact.created'])
  })

  it('marks what is held as spam, as often as one likes, and releases spam', async () => {
    const email = newEmail()
    const id = await held({ email })
    for (let nth = 0; nth < 2; nth++)
      expect(await moderate(markSpam, id)).toMatchObject({ id, status: 'SPAM', outcome: null, contact: null })
    expect(await eventsOf(email)).toBeUndefined()
    expect(await moderate(release, id)).toMatchObject({ status: 'ACCEPTED', contact: { email } })
    const bait = await capture({ email: newEmail(), _gotcha: 'x' })
    expect(await moderate(release, bait.id)).toMatchObject({ status: 'ACCEPTED', spamReasons: ['honeypot'] })
  })

  it('refuses what is accepted', async () => {
    const { id } = await capture({ email: newEmail() })
    const conflict = { __typename: 'ConflictError', code: 'CONFLICT', message: 'This submission is accepted.' }
    expect(await moderate(release, id)).toEqual(conflict)
    expect(await moderate(markSpam, id)).toEqual(conflict)
  })

  it.each([
    ['release', release],
    ['mark as spam', markSpam],
  ])('finds nothing of other workspaces to %s, and nothing that is none', async (_what, mutation) => {
    const id = await held({ email: newEmail() })
    const other = createGraphqlClient({ ...app, key: await createWorkspace(graphql, `other-${++counted}`) })
    for (const unknown of [id, 'sub_01HQ0000000000000000000000', 'cont_01HQ0000000000000000000000', ''])
      expect(await moderate(mutation, unknown, other)).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' })
    expect(await moderate(markSpam, id)).toMatchObject({ status: 'SPAM' })
  })

  it('needs CONTACTS_WRITE, and shows what is released as far as the key may see it', async () => {
    const id = await held({ email: newEmail() })
    const reader = createGraphqlClient({ ...app, key: await createKey(graphql, ['CONTACTS_READ', 'PII_READ']) })
    for (const mutation of [release, markSpam]) expect((await reader(mutation, { id })).codes).toEqual(['FORBIDDEN'])
    const key = await createKey(graphql, ['CONTACTS_READ', 'CONTACTS_WRITE'])
    const { text } = await createGraphqlClient({ ...app, key })(release, { id })
    expect(text).toContain('p***@example.com')
    expect(text).not.toContain('person-')
  })

  it('is in the audit log, without what was submitted', async () => {
    const marked = await held({ email: newEmail(), first_name: 'Secretive' })
    const released = await held({ email: newEmail(), first_name: 'Secretive' })
    await moderate(markSpam, marked)
    await moderate(release, released)
    await moderate(release, released)
    const { data, text } = await graphql(
      '{ viewer { id } auditLog(first: 2) { nodes { action actor targetId details } } }',
    )
    const actor = (data['viewer'] as { id: string }).id
    expect(data['auditLog']).toEqual({
      nodes: [
        { action: 'submission.released', actor, targetId: released, details: { outcome: 'CREATED' } },
        { action: 'submission.marked_spam', actor, targetId: marked, details: {} },
      ],
    })
    expect(text).not.toMatch(/Secretive|person-/)
  })

  it('counts what is released as what it came to', async () => {
    const key = await createWorkspace(graphql, 'stats')
    const own = createGraphqlClient({ ...app, key })
    const host = { 'x-api-key': await createKey(own, ['WEBHOOKS_READ']) }
    await createApiClient(app).capture({ email: newEmail(), _t: 'x' }, host)
    const query = `{ captureStats(from: "2026-01-01T00:00:00Z", to: "2036-01-01T00:00:00Z", buckets: 1) { totals {
      received created held } } submissions { nodes { id } } }`
    const before = (await own(query)).data
    const [{ id }] = (before['submissions'] as { nodes: [{ id: string }] }).nodes
    expect(before['captureStats']).toEqual({ totals: { received: 1, created: 0, held: 1 } })
    await moderate(release, id, own)
    expect((await own(query)).data['captureStats']).toEqual({ totals: { received: 1, created: 1, held: 0 } })
  })
})
