import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { send } from '../support/http-client.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('what a key may use', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp({ REX_KEY_RATE: '30/60' })
  })

  afterAll(() => app?.stop())

  const freshKey = () => createKey(createGraphqlClient(app), ['CONTACTS_READ', 'WEBHOOKS_READ'])
  const query = '{ contacts(first: 10) { nodes { id } } }'

  it('is what its operations cost; then they are refused with 429, and other keys are not', async () => {
    const key = await freshKey()
    const graphql = createGraphqlClient({ ...app, key })
    const { extensions } = JSON.parse((await graphql(query)).text)
    let left = 30 - extensions.cost
    while (left >= extensions.cost) {
      expect((await graphql(query)).codes).toEqual([])
      left -= extensions.cost
    }
    const refused = await graphql(query)
    expect(refused).toMatchObject({ status: 429, codes: ['RATE_LIMITED'] })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await createGraphqlClient({ ...app, key: await freshKey() })(query)).codes).toEqual([])
  })

  it('is one for each REST request', async () => {
    const headers = { 'x-api-key': await freshKey() }
    for (let nth = 0; nth < 30; nth++) expect((await send(app.url, { path: '/webhooks', headers })).status).toBe(200)
    const refused = await send(app.url, { path: '/webhooks', headers })
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  })

  it('ends over a WebSocket in an error of the operation: the socket stays', async () => {
    const key = await freshKey()
    await using subscriber = await connectSubscriber(
      { ...app, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    const ask = async (): Promise<unknown> => {
      try {
        for await (const result of subscriber.client.iterate({ query })) return result
      } catch (error) {
        return { errors: error }
      }
      return undefined
    }
    await ask()
    await ask()
    expect(await ask()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    expect(subscriber.end).toBeUndefined()
    expect(subscriber.socket.readyState).toBe(subscriber.socket.OPEN)
  })
})
