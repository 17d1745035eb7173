import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SourceGraphql, startSourceGraphql, update } from '../support/source-graphql.ts'

const setCountry = `mutation ($to: String) { updateWorkspace(input: { defaultCountry: $to }) { __typename
  ... on Workspace { defaultCountry } ... on ValidationError { issues { path } } } }`
const readContact = 'query ($email: String!) { contact(by: { email: $email }) { metadata } }'
const preview = `mutation ($payload: String!) { previewSource(input: { payload: $payload }) {
  ... on SourcePreview { metadata } } }`
const release = 'mutation ($id: ID!) { releaseHeld(sourceId: $id) { ... on ReleaseHeldSuccess { released } } }'
const german = { phone: '0170 1234567', phone_e164: '+491701234567' }

describe('the default country of a workspace', () => {
  let rex: SourceGraphql

  beforeAll(async () => {
    rex = await startSourceGraphql()
  })
  afterAll(() => rex?.stop())

  const choose = async (to: string | null) => (await rex.admin(setCountry, { to })).data['updateWorkspace']
  const metadataOf = async (email: string) => (await rex.admin(readContact, { email })).data['contact']
  const post = async (url: string, lead: object) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(lead),
    })
    expect(response.status).toBe(200)
  }

  it('reads phone numbers without + that a source sends, previews or has held', async () => {
    const source = await rex.create()
    await post(source.url, { email: 'before@example.com', phone: german.phone })
    expect(await metadataOf('before@example.com')).toEqual({ metadata: { phone: german.phone } })
    await rex.admin(update, { input: { id: source.id, enabled: false } })
    await post(source.url, { email: 'held@example.com', phone: german.phone })
    await rex.admin(update, { input: { id: source.id, enabled: true } })

    expect(await choose('DE')).toEqual({ __typename: 'Workspace', defaultCountry: 'DE' })
    await post(source.url, { email: 'after@example.com', phone: german.phone })
    await post(source.url, { email: 'abroad@example.com', phone: '+1 415 555 0123' })
    expect(await metadataOf('after@example.com')).toEqual({ metadata: german })
    expect(await metadataOf('abroad@example.com')).toMatchObject({ metadata: { phone_e164: '+14155550123' } })
    const payload = JSON.stringify({ email: 'jane@example.com', phone: german.phone })
    expect((await rex.admin(preview, { payload })).data['previewSource']).toEqual({ metadata: german })
    expect((await rex.admin(release, { id: source.id })).data['releaseHeld']).toEqual({ released: 1 })
    expect(await metadataOf('held@example.com')).toEqual({ metadata: german })
  })

  it('is a country with phone numbers, and null removes it', async () => {
    await choose('DE')
    for (const wrong of ['de', 'XX', 'Germany', '', 'constructor'])
      expect(await choose(wrong)).toEqual({ __typename: 'ValidationError', issues: [{ path: ['defaultCountry'] }] })
    expect(await choose(null)).toEqual({ __typename: 'Workspace', defaultCountry: null })
  })
})
