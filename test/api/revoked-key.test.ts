import { createClient } from 'graphql-ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const revocation =
  'mutation ($id: ID!, $andMade: Boolean! = false) { revokeApiKey(id: $id, andMade: $andMade) { __typename ... on ApiKey { revokedAt } } }'

describe('11.11: a revoked key', () => {
  async function start(): Promise<TestApp> {
    const app = await startTestApp()
    onTestFinished(() => app.stop())
    return app
  }
  const idOf = async (app: { url: string; key: string }) => {
    const { data } = await createGraphqlClient(app)('{ viewer { id } }')
    return (data['viewer'] as { id: string }).id
  }
  const subscription = { query: 'subscription { contactCreated { contact { email } } }' }

  it('loses its WebSocket at once: no capture that follows arrives, 0 of 6', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    for (let nth = 0; nth < 6; nth++) {
      const key = await createKey(admin, ['CONTACTS_READ', 'PII_READ'])
      await using subscriber = await connectSubscriber({ ...app, key }, subscription)
      await admin(revocation, { id: await idOf({ ...app, key }) })
      await createApiClient(app).capture({ email: `after-${nth}@example.com` })
      expect(await subscriber.ended()).toMatchObject({ code: 4403 })
      expect(subscriber.results).toEqual([])
    }
  })

  it('loses its event stream over HTTP at once', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    const key = await createKey(admin, ['CONTACTS_READ', 'PII_READ'])
    const stream = await openStream(app.url, key)
    await createApiClient(app).capture({ email: 'before@example.com' })
    await eventually(() => stream.text().includes('before@example.com'), stream.text)
    await admin(revocation, { id: await idOf({ ...app, key }) })
    await createApiClient(app).capture({ email: 'after@example.com' })
    await stream.ended
    expect(stream.text()).not.toContain('after@example.com')
  })

  it('leaves the streams of other keys open', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    const [key, other] = [
      await createKey(admin, ['CONTACTS_READ', 'PII_READ']),
      await createKey(admin, ['CONTACTS_READ', 'PII_READ']),
    ]
    await using subscriber = await connectSubscriber({ ...app, key: other }, subscription)
    await admin(revocation, { id: await idOf({ ...app, key }) })
    await createApiClient(app).capture({ email: 'jane@example.com' })
    expect(await subscriber.next()).toEqual({ contactCreated: { contact: { email: 'jane@example.com' } } })
  })

  it('that revokes itself on its socket gets the answer, and is closed then', async () => {
    const app = await start()
    const key = await createKey(createGraphqlClient(app), ['ADMIN'])
    const id = await idOf({ ...app, key })
    const closed: unknown[] = []
    const client = createClient({
      url: `${app.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: key },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => {},
      on: { closed: (event) => void closed.push(event) },
    })
    for await (const { data } of client.iterate({ query: revocation, variables: { id } })) {
      expect(data).toEqual({ revokeApiKey: { __typename: 'ApiKey', revokedAt: expect.any(String) } })
      break
    }
    await eventually(
      () => closed.length > 0,
      () => 'open',
    )
    expect(closed).toMatchObject([{ code: 4403 }])
    expect((await createGraphqlClient({ ...app, key })('{ viewer { id } }')).status).toBe(401)
  })

  it('takes the keys that it made with it, where that is asked for, and those that they made', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    const made = await createKey(admin, ['ADMIN'])
    const madeByMade = await createKey(createGraphqlClient({ ...app, key: made }), ['ADMIN'])
    const last = await createKey(createGraphqlClient({ ...app, key: madeByMade }), ['CONTACTS_READ', 'PII_READ'])
    const other = await createKey(admin, ['CONTACTS_READ', 'PII_READ'])
    await using subscriber = await connectSubscriber({ ...app, key: last }, subscription)
    await admin(revocation, { id: await idOf({ ...app, key: made }), andMade: true })
    expect(await subscriber.ended()).toMatchObject({ code: 4403 })
    const statuses = [made, madeByMade, last, other, app.key].map(
      async (key) => (await createGraphqlClient({ ...app, key })('{ viewer { id } }')).status,
    )
    expect(await Promise.all(statuses)).toEqual([401, 401, 401, 200, 200])
  })

  it('leaves the keys that it made alone when that is not asked for: this is how a key is exchanged', async () => {
    const app = await start()
    const old = await createKey(createGraphqlClient(app), ['ADMIN'])
    const next = createGraphqlClient({
      ...app,
      key: await createKey(createGraphqlClient({ ...app, key: old }), ['ADMIN']),
    })
    await next(revocation, { id: await idOf({ ...app, key: old }) })
    expect((await next('{ viewer { id } }')).status).toBe(200)
  })

  it('does not run an operation whose body was still arriving', async () => {
    const app = await start()
    const admin = createGraphqlClient(app)
    const key = await createKey(admin, ['ADMIN'])
    const id = await idOf({ ...app, key })
    const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const text = JSON.stringify({
      query: 'mutation { createApiKey(input: { name: "late", scopes: [ADMIN] }) { __typename } }',
    })
    const init = {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    }
    const answer = fetch(`${app.url}/graphql`, init as RequestInit)
    void writer.write(Buffer.from(text.slice(0, 10)))
    // Its head has arrived once the key was used.
    await eventually(
      async () => (await idOf({ ...app, key })) === id,
      () => 'unknown',
    )
    await admin(revocation, { id })
    void writer.write(Buffer.from(text.slice(10)))
    void writer.close()
    expect((await answer).status).toBe(401)
  })
})

/** Events over HTTP, until the server ends them. */
async function openStream(url: string, key: string) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    signal: gone.signal,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': key },
    body: JSON.stringify({ query: 'subscription { contactCreated { contact { email } } }' }),
  })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  return { text: () => text, ended: read().catch(() => {}) }
}
