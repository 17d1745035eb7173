import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>

const held = { _t: 'x' }
const spam = { _gotcha: 'x' }
const release = 'mutation ($id: ID!) { releaseSubmission(id: $id) { __typename } }'
const erase = `mutation ($id: ID!) { eraseContact(id: $id) { __typename ... on EraseContactSuccess { erasedId } } }`
const update = `mutation ($input: UpdateContactInput!) { updateContact(input: $input) { __typename
  ... on Contact { id firstName } } }`
const setPrivate = `mutation ($to: Boolean!) { updateWorkspace(input: { privateReceipts: $to }) {
  ... on Workspace { privateReceipts } } }`

/** Every way in which the API takes the id of a contact and shows it. */
const lookUp = `query ($id: ID!) { contact(by: { id: $id }) { id } node(id: $id) { id __typename }
  nodes(ids: [$id]) { id } deliveries(filter: { contactId: $id }) { nodes { event { contact { id } } } } }`

let counted = 0
const newEmail = () => `person-${++counted}@example.com`

describe('11.8: receipts', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    await graphql(`mutation { createWebhookEndpoint(input: { url: "http://127.0.0.1:9/" }) { __typename } }`)
  })
  afterAll(() => app?.stop())

  const arePrivate = async (to: boolean) => {
    const { data } = await graphql(setPrivate, { to })
    expect(data['updateWorkspace']).toEqual({ privateReceipts: to })
  }
  const post = async (body: Json, headers: Record<string, string> = {}) => {
    const { status, json } = await createApiClient(app).capture(body, headers)
    expect(status).toBe(201)
    return json.data as unknown as Json & { id: string }
  }
  const newest = async () => {
    const { data } = await graphql('{ submissions(first: 1) { nodes { id receivedAt } } }')
    const [submission] = (data['submissions'] as { nodes: [{ id: string; receivedAt: string }] }).nodes
    const { id, receivedAt } = submission
    return { submissionId: id, receipt: { id: id.replace('sub_', 'cont_'), created_at: receivedAt } }
  }
  const contactIdOf = async (email: string) => {
    const { data } = await graphql('query ($email: String!) { contact(by: { email: $email }) { id } }', { email })
    return (data['contact'] as { id: string } | null)?.id
  }
  const ask = async (id: string, client = graphql) => {
    const { data } = await client(lookUp, { id })
    const exported = await client('query ($id: ID!) { contactExport(id: $id) }', { id })
    return { ...data, ...exported.data }
  }

  it('are the published ones unless a workspace asks for others', async () => {
    const { data } = await graphql('{ workspace { privateReceipts } }')
    expect(data['workspace']).toEqual({ privateReceipts: false })
    const email = newEmail()
    const first = await post({ email })
    expect(await post({ email, first_name: 'Jane' })).toMatchObject({ id: first.id, created_at: first['created_at'] })
  })

  describe('that are private', () => {
    beforeEach(() => arePrivate(true))
    afterAll(() => arePrivate(false))

    it.each([
      ['accepted', {}],
      ['held', held],
      ['spam', spam],
    ])('name the submission and its time, of new and known e-mails: %s', async (_, sign) => {
      const email = newEmail()
      for (const known of [false, true]) {
        if (known) await post({ email })
        const answer = await post({ email, first_name: 'Jane', ...sign })
        const { receipt } = await newest()
        const sent = { email, first_name: 'Jane', last_name: null, stage: 'lead', source: null }
        expect(answer).toEqual({ ...sent, ...receipt })
        expect(Object.keys(answer)).toEqual(Object.keys(await post({ email: newEmail() })))
      }
    })

    it('are the same when the request is sent again, also after the setting has changed', async () => {
      const email = newEmail()
      await post({ email })
      const again = () => post({ email, first_name: 'Jane' }, { 'idempotency-key': `form of ${email}` })
      const first = await again()
      expect(first.id).not.toBe(await contactIdOf(email))
      expect(await again()).toEqual(first)
      await arePrivate(false)
      expect(await again()).toEqual(first)
    })

    it('are also what a request of before the setting is answered again', async () => {
      await arePrivate(false)
      const email = newEmail()
      const { id } = await post({ email })
      const again = () => post({ email, first_name: 'Jane' }, { 'idempotency-key': `form of ${email}` })
      expect((await again()).id).toBe(id)
      await arePrivate(true)
      const answer = await again()
      expect(answer).toMatchObject((await newest()).receipt)
      expect(answer.id).not.toBe(id)
    })

    it('are not for callers with a key', async () => {
      const email = newEmail()
      await post({ email })
      const id = await contactIdOf(email)
      for (const scopes of [['CAPTURE'], ['CONTACTS_READ'], ['CONTACTS_WRITE']])
        expect((await post({ email }, { 'x-api-key': await createKey(graphql, scopes) })).id).toBe(id)
    })
  })

  describe('whose id is another name of the contact', () => {
    beforeAll(() => arePrivate(true))
    afterAll(() => arePrivate(false))

    const known = async () => {
      const email = newEmail()
      await post({ email })
      const { id: receiptId } = await post({ email, first_name: 'Jane' })
      const id = (await contactIdOf(email))!
      expect(receiptId).not.toBe(id)
      return { email, id, receiptId }
    }

    it('are known by every look-up', async () => {
      const { id, receiptId } = await known()
      const found = await ask(receiptId)
      expect(found).toMatchObject({
        contact: { id },
        node: { id, __typename: 'Contact' },
        nodes: [{ id }],
        contactExport: { contact: { id } },
      })
      expect(found).toEqual(await ask(id))
    })

    it('are known once a held submission is released, and not before', async () => {
      const email = newEmail()
      await post({ email })
      const { id: receiptId } = await post({ email, first_name: 'Jane', ...held })
      const { submissionId } = await newest()
      expect(await ask(receiptId)).toMatchObject({ contact: null, node: null, nodes: [null], contactExport: null })
      await graphql(release, { id: submissionId })
      expect(await ask(receiptId)).toMatchObject({ contact: { id: await contactIdOf(email) } })
    })

    it('are known to no other workspace', async () => {
      const { receiptId } = await known()
      const key = await createWorkspace(graphql, 'elsewhere')
      const nothing = { contact: null, node: null, nodes: [null], contactExport: null, deliveries: { nodes: [] } }
      expect(await ask(receiptId, createGraphqlClient({ url: app.url, key }))).toEqual(nothing)
    })

    it('are taken by mutations, until the contact is erased', async () => {
      const { id, receiptId } = await known()
      const changed = await graphql(update, { input: { id: receiptId, fields: { firstName: 'Janet' } } })
      expect(changed.data['updateContact']).toEqual({ __typename: 'Contact', id, firstName: 'Janet' })
      const erased = await graphql(erase, { id: receiptId })
      expect(erased.data['eraseContact']).toEqual({ __typename: 'EraseContactSuccess', erasedId: id })
      for (const each of [id, receiptId])
        expect(await ask(each)).toMatchObject({ contact: null, node: null, contactExport: null })
      expect((await graphql(erase, { id: receiptId })).data['eraseContact']).toEqual({ __typename: 'NotFoundError' })
    })

    it('are watched by contactUpdated, also one that is released later', async () => {
      const { email, id, receiptId } = await known()
      const query = `subscription ($id: ID!) { contactUpdated(id: $id) { contact { id } } }`
      await using watching = await connectSubscriber(app, { query, variables: { id: receiptId } })
      const { id: heldId } = await post({ email, last_name: 'Doe', ...held })
      const { submissionId } = await newest()
      await using waiting = await connectSubscriber(app, { query, variables: { id: heldId } })
      await post({ email: newEmail() })
      await post({ email, first_name: 'Joan' })
      await graphql(release, { id: submissionId })
      expect(await watching.next()).toMatchObject({ contactUpdated: { contact: { id } } })
      expect(await waiting.next()).toMatchObject({ contactUpdated: { contact: { id } } })
    })
  })
})
