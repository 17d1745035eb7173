import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>
interface Upserted extends Json {
  readonly contact: { readonly id: string; readonly version: number }
}

const upsertQuery = `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { __typename
  ... on UpsertContactSuccess { outcome changes { field before after }
    contact { id email firstName lastName stage source metadata firstTouch { source } submissionCount version } }
  ... on ValidationError { issues { path code } } } }`
const updateQuery = `mutation ($input: UpdateContactInput!) { updateContact(input: $input) { __typename
  ... on Contact { id email firstName lastName stage metadata submissionCount version }
  ... on UserError { code path } } }`
const historyQuery = `query ($id: ID!) { contact(by: { id: $id }) {
  submissions { nodes { id } } events { nodes { type data } } } }`

let counted = 0
/** An e-mail that no other test uses. */
const newEmail = () => `person-${++counted}@example.com`

describe('contacts are edited', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const upsert = async (input: Json) => (await graphql(upsertQuery, { input })).data['upsertContact'] as Upserted
  const update = async (input: Json) => (await graphql(updateQuery, { input })).data['updateContact'] as Json
  const historyOf = async (id: string) => {
    const { data } = await graphql(historyQuery, { id })
    const { submissions, events } = data['contact'] as Record<'submissions' | 'events', { nodes: Json[] }>
    return { submissions: submissions.nodes, events: events.nodes }
  }

  it('upsertContact makes one, changes it, and leaves it when nothing is new', async () => {
    const email = newEmail()
    const fields = { firstName: 'Jane', stage: 'qualified', metadata: { utm_source: 'crm', seats: 3, plan: null } }
    const made = await upsert({ email: ` ${email.toUpperCase()} `, fields })
    expect(made).toMatchObject({
      outcome: 'CREATED',
      contact: {
        email,
        firstName: 'Jane',
        lastName: null,
        stage: 'qualified',
        metadata: { utm_source: 'crm', seats: 3 },
        firstTouch: null,
        submissionCount: 0,
        version: 1,
      },
    })
    const changed = await upsert({ email, fields: { firstName: null, metadata: { seats: null } } })
    expect(changed).toMatchObject({
      outcome: 'UPDATED',
      changes: [
        { field: 'first_name', before: 'Jane', after: null },
        { field: 'metadata.seats', before: 3, after: null },
      ],
      contact: { id: made.contact.id, metadata: { utm_source: 'crm' }, version: 2 },
    })
    expect(await upsert({ email })).toMatchObject({ outcome: 'UNCHANGED', changes: [], contact: { version: 2 } })
    const { submissions, events } = await historyOf(made.contact.id)
    expect(submissions).toEqual([])
    expect(events).toMatchObject([
      { type: 'contact.updated', data: { first_name: null, metadata: { utm_source: 'crm' } } },
      { type: 'contact.created', data: { first_name: 'Jane', stage: 'qualified' } },
    ])
  })

  it('updateContact changes the e-mail, and says when it is taken', async () => {
    const [email, taken] = [newEmail(), newEmail()]
    const { contact } = await upsert({ email })
    const { contact: other } = await upsert({ email: taken })
    expect(await update({ id: contact.id, email: taken })).toEqual({
      __typename: 'TakenError',
      code: 'TAKEN',
      path: ['email'],
    })
    const moved = newEmail()
    expect(await update({ id: contact.id, email: moved.toUpperCase() })).toMatchObject({ email: moved, version: 2 })
    expect(await update({ id: other.id, email })).toMatchObject({ email, version: 2 })
    expect((await historyOf(contact.id)).events).toMatchObject([
      { type: 'contact.updated', data: { email: moved } },
      { type: 'contact.created', data: { email } },
    ])
  })

  it('tells wrong input as data', async () => {
    const fields = { stage: 'vip', firstName: 'x'.repeat(201), metadata: { a: {} } }
    expect(await upsert({ email: '', fields })).toMatchObject({
      __typename: 'ValidationError',
      issues: [
        { path: ['email'], code: 'REQUIRED' },
        { path: ['fields', 'stage'], code: 'INVALID' },
        { path: ['fields', 'firstName'], code: 'TOO_LONG' },
        { path: ['fields', 'metadata', 'a'], code: 'INVALID' },
      ],
    })
    const { contact } = await upsert({ email: newEmail() })
    expect(await update({ id: contact.id, email: null })).toMatchObject({ __typename: 'ValidationError' })
  })

  it('holds 200 keys of metadata and says so', async () => {
    const keys = (part: number) => Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`k${part}.${nth}`, nth]))
    const { contact } = await upsert({ email: newEmail() })
    for (const part of [1, 2, 3, 4]) await update({ id: contact.id, fields: { metadata: keys(part) } })
    expect(await update({ id: contact.id, fields: { metadata: { more: 1 } } })).toMatchObject({
      __typename: 'ValidationError',
      path: ['fields', 'metadata'],
    })
    expect(await update({ id: contact.id, fields: { metadata: { more: 1, 'k1.0': null } } })).toMatchObject({
      version: 6,
    })
  })

  it('lets one of 50 win that expect the same version', async () => {
    const { contact } = await upsert({ email: newEmail() })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        update({ id: contact.id, expectedVersion: 1, fields: { firstName: `Jane ${nth}` } }),
      ),
    )
    expect(answers.filter((answer) => answer['__typename'] === 'Contact')).toMatchObject([{ version: 2 }])
    const lost = answers.filter((answer) => answer['__typename'] !== 'Contact')
    expect(new Set(lost.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ __typename: 'ConflictError', code: 'CONFLICT', path: ['expectedVersion'] })]),
    )
    expect((await historyOf(contact.id)).events).toHaveLength(2)
  })

  it('loses no key when edits, upserts and captures come together, and makes one contact', async () => {
    const email = newEmail()
    const api = createApiClient(app)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, nth) =>
        nth % 3 === 0
          ? api.capture({ email, metadata: { [`k${nth}`]: nth } })
          : upsert({ email, fields: { metadata: { [`k${nth}`]: nth } } }),
      ),
    )
    expect(answers.filter((answer) => 'outcome' in answer && answer['outcome'] === 'UNCHANGED')).toEqual([])
    const { contact } = await upsert({ email })
    expect(contact).toMatchObject({ version: 30, submissionCount: 10 })
    expect(Object.keys((contact as unknown as { metadata: Json }).metadata)).toHaveLength(30)
    const events = await graphql(
      'query ($id: ID!) { contact(by: { id: $id }) { events(first: 100) { nodes { type data } } } }',
      {
        id: contact.id,
      },
    )
    const { nodes } = (events.data['contact'] as { events: { nodes: { type: string; data: Json }[] } }).events
    expect(nodes.map(({ type }) => type)).toEqual([...Array(29).fill('contact.updated'), 'contact.created'])
    const times = nodes.map(({ data }) => String(data['updated_at'])).reverse()
    expect(times).toEqual([...times].sort())
  })

  it('is heard by subscribers', async () => {
    const { contact } = await upsert({ email: newEmail() })
    await using subscriber = await connectSubscriber(app, {
      query: 'subscription ($id: ID!) { contactUpdated(id: $id) { changedFields contact { stage } } }',
      variables: { id: contact.id },
    })
    await update({ id: contact.id, fields: { stage: 'customer', metadata: { a: 1, b: 2 } } })
    expect(await subscriber.next()).toEqual({
      contactUpdated: { changedFields: ['stage', 'metadata'], contact: { stage: 'customer' } },
    })
  })

  it('is in the audit log, without what was written', async () => {
    const email = newEmail()
    const { contact } = await upsert({ email, fields: { lastName: 'Secretive' } })
    await update({ id: contact.id, fields: { lastName: 'Hidden' } })
    const { data, text } = await graphql('{ auditLog(first: 2) { nodes { action targetId details } } }')
    expect(data['auditLog']).toEqual({
      nodes: [
        { action: 'contact.updated', targetId: contact.id, details: { fields: ['last_name'] } },
        { action: 'contact.created', targetId: contact.id, details: { fields: ['email', 'last_name', 'stage'] } },
      ],
    })
    expect(text).not.toMatch(/Secretive|Hidden|person-/)
  })

  it('shows a key that only writes nothing of what is stored', async () => {
    const email = newEmail()
    await upsert({ email, fields: { firstName: 'Stored' } })
    const writer = createGraphqlClient({ ...app, key: await createKey(graphql, ['CONTACTS_WRITE']) })
    const input = { email, fields: { firstName: 'New' } }
    const query = (selection: string) =>
      `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { ... on UpsertContactSuccess { ${selection} } } }`
    expect((await writer(query('outcome'), { input })).data).toEqual({ upsertContact: { outcome: 'UPDATED' } })
    for (const selection of ['changes { before }', 'contact { firstName }']) {
      const { codes, text } = await writer(query(selection), { input })
      expect(codes).toEqual(['FORBIDDEN'])
      expect(text).not.toContain('Stored')
    }
  })

  it('masks e-mails in changes for keys without PII_READ', async () => {
    const key = await createKey(graphql, ['CONTACTS_WRITE', 'CONTACTS_READ'])
    const email = newEmail()
    const { data, text } = await createGraphqlClient({ ...app, key })(upsertQuery, { input: { email } })
    expect(data['upsertContact']).toMatchObject({
      contact: { email: 'p***@example.com' },
      changes: [{ field: 'email', after: 'p***@example.com' }, { field: 'stage' }],
    })
    expect(text).not.toContain(email)
  })
})
