import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postSession, queryAs, signIn } from '../support/browser-session.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('a session', () => {
  let app: TestApp
  let admin: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    admin = createGraphqlClient(app)
  })

  afterAll(() => app?.stop())

  const signOut = (headers: Readonly<Record<string, string>>) =>
    fetch(`${app.url}/session`, { method: 'DELETE', headers: { ...headers } })
  const scopesOf = async (headers: Readonly<Record<string, string>>) =>
    JSON.parse((await queryAs(app.url, headers, '{ viewer { scopes } }')).text).data?.viewer.scopes

  it('is made from a key, with its rights, in a cookie that scripts cannot read', async () => {
    const key = await createKey(admin, ['CONTACTS_READ'])
    const response = await postSession(app.url, { api_key: key }, { origin: app.url })
    expect(response.status).toBe(201)
    const body = await response.text()
    expect(JSON.parse(body)).toEqual({
      data: { id: expect.stringMatching(/^ses_/), created_at: expect.any(String), expires_at: expect.any(String) },
    })
    const [pair, ...attributes] = String(response.headers.get('set-cookie')).split('; ')
    expect(attributes).toEqual(['Path=/', 'Max-Age=604800', 'HttpOnly', 'SameSite=Strict'])
    expect(pair).toMatch(/^rex_session=[\w-]{43}$/)
    expect(body).not.toContain(pair!.split('=')[1])
    expect(await scopesOf({ cookie: pair!, origin: app.url, 'x-rex-session': '1' })).toEqual(['CONTACTS_READ'])
  })

  it('is made from the link that the start prints, with the rights of the operator', async () => {
    const { headers } = await signIn(app.url, { token: await app.createLinkToken() })
    expect(await scopesOf(headers)).toEqual(['ADMIN'])
    expect((await queryAs(app.url, headers, '{ workspaces { nodes { slug } } }')).text).toContain('default')
  })

  it('has a Secure cookie where the page came over https', async () => {
    const { host } = new URL(app.url)
    const response = await postSession(app.url, { api_key: app.key }, { origin: `https://${host}` })
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('works over REST as well', async () => {
    const { headers } = await signIn(app.url, { api_key: app.key })
    expect((await fetch(`${app.url}/webhooks`, { headers: { ...headers } })).status).toBe(200)
    expect((await fetch(`${app.url}/sources`, { headers: { ...headers } })).status).toBe(200)
  })

  it('ends with DELETE /session, which deletes the cookie', async () => {
    const { headers } = await signIn(app.url, { api_key: app.key })
    const ended = await signOut(headers)
    expect([ended.status, ended.headers.get('set-cookie')]).toEqual([
      204,
      'rex_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ])
    expect((await queryAs(app.url, headers, '{ viewer { id } }')).status).toBe(401)
    expect((await signOut(headers)).status).toBe(204)
    expect((await signOut({})).status).toBe(401)
  })

  it('is listed and ended over GraphQL, and both are audited', async () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
    const [own, other] = [
      await signIn(app.url, { api_key: app.key }, { 'user-agent': userAgent }),
      await signIn(app.url, { api_key: app.key }),
    ]
    const listed = await queryAs(app.url, own.headers, '{ sessions { id userAgent current } }')
    expect(JSON.parse(listed.text).data.sessions.slice(0, 2)).toEqual([
      { id: other.id, userAgent: 'unknown', current: false },
      { id: own.id, userAgent: 'Firefox on Linux', current: true },
    ])
    const ended = await queryAs(app.url, own.headers, `mutation { endSession(id: "${other.id}") { __typename } }`)
    expect(ended.text).toContain('"DeleteSuccess"')
    expect((await queryAs(app.url, other.headers, '{ viewer { id } }')).status).toBe(401)
    const { data } = await admin('{ auditLog { nodes { action targetId details } } }')
    const { nodes } = data['auditLog'] as { nodes: object[] }
    expect(nodes.slice(0, 2)).toEqual([
      { action: 'session.ended', targetId: other.id, details: {} },
      { action: 'session.created', targetId: other.id, details: { by: 'api_key' } },
    ])
  })

  it('that ends itself over GraphQL gets the answer', async () => {
    const { id, headers } = await signIn(app.url, { api_key: app.key })
    const ended = await queryAs(app.url, headers, `mutation { endSession(id: "${id}") { __typename } }`)
    expect(ended.text).toContain('"DeleteSuccess"')
    expect((await queryAs(app.url, headers, '{ viewer { id } }')).status).toBe(401)
  })

  it('ends with its key', async () => {
    const key = await createKey(admin, ['CONTACTS_READ'])
    const { id, headers } = await signIn(app.url, { api_key: key })
    const { data } = await createGraphqlClient({ ...app, key })('{ viewer { id } }')
    await admin('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', {
      id: (data['viewer'] as { id: string }).id,
    })
    expect((await queryAs(app.url, headers, '{ viewer { id } }')).status).toBe(401)
    expect((await admin('{ sessions { id } }')).text).not.toContain(id)
  })

  it('expires with its key', async () => {
    const expiresAt = new Date(Date.now() + 60_000)
    const key = await createKey(admin, ['CONTACTS_READ'], expiresAt)
    const response = await postSession(app.url, { api_key: key })
    expect(await response.json()).toMatchObject({ data: { expires_at: expiresAt.toISOString() } })
  })

  it('is one of at most 50 of a key: the oldest ends', async () => {
    const key = await createKey(admin, ['CONTACTS_READ'])
    const first = await signIn(app.url, { api_key: key })
    for (let nth = 0; nth < 50; nth++) await signIn(app.url, { api_key: key })
    expect((await queryAs(app.url, first.headers, '{ viewer { id } }')).status).toBe(401)
  })

  it.each([
    ['neither', {}],
    ['both', { token: 'x', api_key: 'y' }],
    ['something else as well', { api_key: 'y', workspace: 'z' }],
    ['a number', { token: 1 }],
  ])('is refused with 422 for a body that has %s', async (_, body) => {
    const response = await postSession(app.url, body)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } })
    expect(response.headers.get('set-cookie')).toBeNull()
  })
})
