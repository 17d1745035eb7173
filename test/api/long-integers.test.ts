import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, type GraphqlClient, readAnswer } from '../support/graphql-client.ts'
import { send } from '../support/http-client.ts'
import { openSocketWithKey } from '../support/raw-socket.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const adId = '120210000000000001'
const upsert = `mutation ($email: String!, $metadata: JSON) {
  upsertContact(input: { email: $email, fields: { metadata: $metadata } }) {
    ... on UpsertContactSuccess { contact { metadata } } ... on ValidationError { issues { path } } } }`
const contactQuery = `query ($email: String!) { contact(by: { email: $email }) {
  metadata submissions { nodes { fields changes { field after } } } events { nodes { data } } } }`

let people = 0
const newEmail = () => `ad-${++people}@example.com`

describe('11.26: integers beyond 2^53', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
  })
  afterAll(() => app?.stop())

  it.each(['application/json', 'text/plain'])('of a lead in %s keep their digits everywhere', async (type) => {
    const email = newEmail()
    const body = `{"email": "${email}", "ad_id": ${adId}, "metadata": {"form_id": -${adId}, "seats": 3, "rate": 0.5}}`
    const answer = await send(app.url, { method: 'POST', path: '/capture', headers: { 'content-type': type }, body })
    expect(answer.status).toBe(201)
    const { data } = await graphql(contactQuery, { email })
    const metadata = { ad_id: adId, form_id: `-${adId}`, seats: 3, rate: 0.5 }
    expect(data['contact']).toMatchObject({
      metadata,
      submissions: { nodes: [{ fields: { email, ad_id: adId, metadata: { form_id: `-${adId}`, seats: 3 } } }] },
      events: { nodes: [{ data: { metadata } }] },
    })
    const found = await graphql(
      `{ contacts(filter: { metadata: [{ key: "ad_id", eq: "${adId}" }], email: { eq: "${email}" } }) { nodes { email } } }`,
    )
    expect(found.data['contacts']).toEqual({ nodes: [{ email }] })
  })

  it.each(['email', 'first_name', 'source'])('are no text: as %s they are refused like any number', async (field) => {
    const body = `{"email": "${newEmail()}", "${field}": ${adId}}`
    const headers = { 'content-type': 'application/json' }
    const answer = await send(app.url, { method: 'POST', path: '/capture', headers, body })
    expect(answer).toMatchObject({ status: 422, json: { error: { fields: [{ path: field }] } } })
  })

  it('of a GraphQL literal keep their digits', async () => {
    const literal = `{ ad_id: ${adId}, form_id: -${adId}, seats: 3, rate: 0.5, big: 1e30, ok: true, none: null }`
    const query = upsert.replace(', $metadata: JSON', '').replace('$metadata', literal)
    const { data, text } = await graphql(query, { email: newEmail() })
    expect(data?.['upsertContact'], text).toEqual({
      contact: { metadata: { ad_id: adId, form_id: `-${adId}`, seats: 3, rate: 0.5, big: 1e30, ok: true } },
    })
  })

  it('of a variable within a literal keep their digits', async () => {
    const query = `mutation ($email: String!, $ad: JSON) {
      upsertContact(input: { email: $email, fields: { metadata: { ad_id: $ad } } }) {
        ... on UpsertContactSuccess { contact { metadata } } } }`
    const { data } = await post(
      `{"query": ${JSON.stringify(query)}, "variables": {"email": "${newEmail()}", "ad": ${adId}}}`,
    )
    expect(data['upsertContact']).toEqual({ contact: { metadata: { ad_id: adId } } })
  })

  it('of GraphQL variables keep their digits, over POST and over a WebSocket', async () => {
    const variables = () => `{"email": "${newEmail()}", "metadata": {"ad_id": ${adId}, "seats": 3}}`
    const expected = { upsertContact: { contact: { metadata: { ad_id: adId, seats: 3 } } } }
    const { data } = await post(`{"query": ${JSON.stringify(upsert)}, "variables": ${variables()}}`)
    expect(data).toEqual(expected)
    const socket = await openSocketWithKey(app)
    const payload = `{"query": ${JSON.stringify(upsert)}, "variables": ${variables()}}`
    socket.socket.send(`{"type": "subscribe", "id": "1", "payload": ${payload}}`)
    expect(await socket.received(({ id }) => id === '1')).toMatchObject({ type: 'next', payload: { data: expected } })
  })

  const post = async (body: string) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': app.key }
    return readAnswer(await fetch(`${app.url}/graphql`, { method: 'POST', headers, body }))
  }
})
