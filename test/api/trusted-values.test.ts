import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>
interface Shown extends Json {
  readonly metadata: Json
  readonly version: number
  readonly submissions: { readonly nodes: readonly (Json & { changes: Json[] })[] }
  readonly events: { readonly nodes: readonly Json[] }
}

const contactQuery = `query ($email: String!) { contact(by: { email: $email }) {
  id firstName lastName source metadata version submissionCount lastSeenAt
  submissions(first: 1) { nodes { outcome fields changes { field before after applied } } }
  events { nodes { type } } } }`
const upsertQuery = `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { __typename
  ... on UpsertContactSuccess { outcome changes { field applied } } ... on ValidationError { issues { path } } } }`
const settle = `mutation ($policy: MergePolicy!) { updateWorkspace(input: { mergePolicy: $policy }) { __typename } }`

let counted = 0
const newEmail = () => `person-${++counted}@example.com`
const keys = (prefix: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, nth) => [`${prefix}${nth}`, nth]))

describe('11.7: values of trusted callers', () => {
  let app: TestApp
  let graphql: GraphqlClient
  const tokens: Record<string, string> = {}

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    for (const scope of ['CAPTURE', 'CONTACTS_WRITE', 'CONTACTS_READ', 'EVENTS_READ'])
      tokens[scope] = await createKey(graphql, [scope])
  })
  afterAll(() => app?.stop())

  const post = (body: Json, scope?: string) =>
    createApiClient(app).capture(body, scope === undefined ? {} : { 'x-api-key': tokens[scope]! })
  const shown = async (email: string) => (await graphql(contactQuery, { email })).data['contact'] as Shown
  const upsert = async (email: string, fields: Json) =>
    (await graphql(upsertQuery, { input: { email, fields } })).data['upsertContact'] as Json
  const person = { first_name: 'Jane', last_name: 'Doe', source: 'crm', metadata: { plan: 'pro' } }
  const forged = { first_name: 'Mallory', last_name: 'X', source: 'spam', metadata: { plan: 'free' } }
  const kept = { firstName: 'Jane', lastName: 'Doe', source: 'crm', metadata: { plan: 'pro' } }

  const writers: readonly (readonly [string, (email: string) => Promise<unknown>])[] = [
    ['a key with CAPTURE', (email) => post({ email, ...person }, 'CAPTURE')],
    ['a key with CONTACTS_WRITE', (email) => post({ email, ...person }, 'CONTACTS_WRITE')],
    ['upsertContact', (email) => upsert(email, kept)],
    [
      'updateContact',
      async (email) => {
        await post({ email, ...forged })
        const { id } = await shown(email)
        const input = { id, fields: kept }
        await graphql('mutation ($input: UpdateContactInput!) { updateContact(input: $input) { __typename } }', {
          input,
        })
      },
    ],
  ]

  describe.each(['OVERWRITE', 'FILL_EMPTY'])('under %s', (policy) => {
    beforeAll(async () => void (await graphql(settle, { policy })))
    afterAll(async () => void (await graphql(settle, { policy: 'OVERWRITE' })))

    it.each(writers)('that %s wrote are kept from a stranger, who is answered alike', async (_, write) => {
      const email = newEmail()
      await write(email)
      const before = await shown(email)
      const { status, json } = await post({ email, ...forged })
      expect(status).toBe(201)
      expect(json.data).toMatchObject({ first_name: 'Mallory', source: 'spam' })
      const after = await shown(email)
      expect(after).toMatchObject({ ...kept, version: before.version })
      expect(after.events).toEqual(before.events)
      expect(after.submissions.nodes[0]).toMatchObject({ outcome: 'UNCHANGED', fields: forged })
      expect(after.submissions.nodes[0]!.changes).toEqual([
        { field: 'first_name', before: 'Jane', after: 'Mallory', applied: false },
        { field: 'last_name', before: 'Doe', after: 'X', applied: false },
        { field: 'source', before: 'crm', after: 'spam', applied: false },
        { field: 'metadata.plan', before: 'pro', after: 'free', applied: false },
      ])
    })
  })

  it.each(['CONTACTS_READ', 'EVENTS_READ'])('are kept from a key with %s alone', async (scope) => {
    const email = newEmail()
    await post({ email, ...person }, 'CAPTURE')
    expect((await post({ email, ...forged }, scope)).status).toBe(201)
    expect(await shown(email)).toMatchObject(kept)
  })

  it('leave to a stranger what is empty, and the event names that alone', async () => {
    const email = newEmail()
    await post({ email, first_name: 'Jane' }, 'CAPTURE')
    await post({ email, first_name: 'Mallory', last_name: 'Doe', company: 'Acme' })
    const { submissions, ...contact } = await shown(email)
    expect(contact).toMatchObject({ firstName: 'Jane', lastName: 'Doe', metadata: { company: 'Acme' } })
    expect(submissions.nodes[0]!.changes.map(({ field, applied }) => [field, applied])).toEqual([
      ['last_name', true],
      ['metadata.company', true],
      ['first_name', false],
    ])
    const { data } = await graphql('{ contactUpdates: events(first: 1) { nodes { type data } } }')
    expect(data['contactUpdates']).toMatchObject({ nodes: [{ type: 'contact.updated', data: { first_name: 'Jane' } }] })
    await post({ email, last_name: 'Roe' })
    expect(await shown(email)).toMatchObject({ lastName: 'Roe' })
  })

  it('come from a moderator no more than before: what is released is a stranger’s', async () => {
    const email = newEmail()
    await post({ email, first_name: 'Jane' }, 'CAPTURE')
    await post({ email, first_name: 'Mallory', last_name: 'Doe', _t: 'x' })
    const { data } = await graphql('{ submissions(first: 1) { nodes { id } } }')
    const [held] = (data['submissions'] as { nodes: [{ id: string }] }).nodes
    await graphql('mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }', held)
    expect(await shown(email)).toMatchObject({ firstName: 'Jane', lastName: 'Doe' })
    await post({ email, last_name: 'Roe' })
    expect(await shown(email)).toMatchObject({ firstName: 'Jane', lastName: 'Roe' })
  })

  it('submissions of 0.1 count all their changes as applied', async () => {
    const email = newEmail()
    await post({ email, first_name: 'Jane' })
    expect((await shown(email)).submissions.nodes[0]!.changes).toContainEqual({
      field: 'first_name',
      before: null,
      after: 'Jane',
      applied: true,
    })
  })

  describe('and their keys of metadata', () => {
    const fill = async (email: string, count: number) => {
      for (let nth = 0; nth < count / 50; nth++)
        expect((await post({ email, metadata: keys(`t${nth}x`, 50) }, 'CAPTURE')).status).toBe(201)
    }

    it('have room beside those of strangers, of whom 50 are taken', async () => {
      const email = newEmail()
      for (const prefix of ['a', 'b', 'c', 'd']) await post({ email, metadata: keys(prefix, 50) })
      expect(Object.keys((await shown(email)).metadata)).toHaveLength(50)
      const { changes } = (await shown(email)).submissions.nodes[0]!
      expect(changes).toHaveLength(50)
      expect(changes.every(({ applied }) => applied === false)).toBe(true)
      await fill(email, 150)
      expect(Object.keys((await shown(email)).metadata)).toHaveLength(200)
    })

    it('that do not fit are refused, and nothing is stored of them', async () => {
      const email = newEmail()
      await fill(email, 200)
      const before = await shown(email)
      for (const scope of ['CAPTURE', 'CONTACTS_WRITE']) {
        const { status, json } = await post({ email, first_name: 'Jane', one: 'more' }, scope)
        expect([status, json.error?.code]).toEqual([422, 'invalid_request'])
        expect(json.error?.fields).toMatchObject([{ path: 'metadata' }])
      }
      expect(await upsert(email, { metadata: { one: 'more' } })).toMatchObject({
        __typename: 'ValidationError',
        issues: [{ path: ['fields', 'metadata'] }],
      })
      expect(await shown(email)).toEqual(before)
      expect((await post({ email, metadata: { t0x0: 'changed' } }, 'CAPTURE')).status).toBe(201)
      expect((await post({ email, one: 'more' })).status).toBe(201)
      expect((await shown(email)).metadata).toEqual({ ...before.metadata, t0x0: 'changed' })
    })

    it('that do not fit leave their Idempotency-Key free', async () => {
      const email = newEmail()
      await fill(email, 200)
      const headers = { 'x-api-key': tokens['CAPTURE']!, 'idempotency-key': `order of ${email}` }
      const send = (body: Json) => createApiClient(app).capture({ email, ...body }, headers)
      expect((await send({ one: 'more' })).status).toBe(422)
      expect((await send({ first_name: 'Jane' })).status).toBe(201)
      expect((await send({ one: 'more' })).status).toBe(409)
    })
  })
})
