import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { openSocket, openSocketWithKey } from '../support/raw-socket.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const query = '{ workspace { captureUrl } }'
const forwarded = { 'x-forwarded-host': 'rex.example.com', 'x-forwarded-proto': 'https' }
const origin = 'https://rex.example.com'
const captureUrl = `${origin}/capture`

describe('GraphQL behind a trusted proxy', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp({ REX_TRUSTED_PROXIES: '127.0.0.0/8' })
    graphql = createGraphqlClient(app)
  })
  afterAll(() => app.stop())

  it('builds links from the host and the protocol that it forwards, over HTTP and WebSocket', async () => {
    expect((await graphql(query)).data).toEqual({ workspace: { captureUrl: `${app.url}/capture` } })
    expect((await graphql(query, {}, forwarded)).data).toEqual({ workspace: { captureUrl } })
    const { send, received, socket } = await openSocketWithKey(app, { headers: forwarded })
    send({ id: 'q', type: 'subscribe', payload: { query } })
    const next = await received(({ type }) => type === 'next')
    expect(next?.payload).toMatchObject({ data: { workspace: { captureUrl } } })
    socket.terminate()
  })

  it('takes pages of that host for its own, and of none that is not forwarded', async () => {
    expect((await graphql(query, {}, { ...forwarded, origin })).status).toBe(200)
    expect((await graphql(query, {}, { origin })).status).toBe(403)
    for (const [headers, status] of [
      [forwarded, 101],
      [{}, 403],
    ] as const) {
      const opened = await openSocket(app, { origin, headers })
      expect(opened.status).toBe(status)
      opened.socket.terminate()
    }
  })

  it('refuses a key of another workspace than that of the host', async () => {
    await createWorkspace(graphql, 'acme')
    const headers = { 'x-forwarded-host': 'acme.localhost' }
    expect((await graphql(query, {}, headers)).status).toBe(403)
    const { send, closed } = await openSocket(app, { headers })
    send({ type: 'connection_init', payload: { apiKey: app.key } })
    expect(await closed).toBe(4403)
  })
})
