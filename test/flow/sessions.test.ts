import { describe, expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/platform/log.ts'
import { pruneSessions } from '../../src/workspaces/sessions/session-retention.ts'
import { queryAs, signIn } from '../support/browser-session.ts'
import { eventually } from '../support/eventually.ts'
import { openSocket } from '../support/raw-socket.ts'
import { runOn } from '../support/run-on.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { openOwn } from '../support/test-parts.ts'

const query = '{ viewer { id } }'

describe('sessions', () => {
  async function start(): Promise<TestApp> {
    const app = await startTestApp()
    onTestFinished(() => app.stop())
    return app
  }
  /** Another node on the same database. */
  async function startOther({ database, key }: TestApp): Promise<string> {
    const settings = { PORT: '0', REX_API_KEY: key, ...database.environment }
    const other = createApp(readConfig(settings), createLog('silent'))
    onTestFinished(() => other.stop())
    return (await other.start()).url
  }
  async function openStream(url: string, cookie: string) {
    const socket = await openSocket({ url }, { headers: { cookie }, origin: url })
    onTestFinished(() => socket.socket.terminate())
    socket.send({ type: 'connection_init' })
    await socket.received(({ type }) => type === 'connection_ack')
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { contactCreated { cursor } }' } })
    return socket
  }

  it('works on every node, and ends on every node with its live streams', async () => {
    const app = await start()
    const otherUrl = await startOther(app)
    const { id, cookie, headers } = await signIn(app.url, { api_key: app.key })
    const onOther = { ...headers, origin: otherUrl }
    expect((await queryAs(otherUrl, onOther, query)).status).toBe(200)
    const streams = [await openStream(app.url, cookie), await openStream(otherUrl, cookie)]
    const kept = await openStream(otherUrl, (await signIn(otherUrl, { api_key: app.key })).cookie)
    await queryAs(app.url, { 'x-api-key': app.key }, `mutation { endSession(id: "${id}") { __typename } }`)
    expect((await queryAs(app.url, headers, query)).status).toBe(401)
    expect(await Promise.all(streams.map(({ closed }) => closed))).toEqual([4403, 4403])
    await eventually(
      async () => (await queryAs(otherUrl, onOther, query)).status === 401,
      () => 'still good on the other node',
    )
    expect(kept.socket.readyState).toBe(kept.socket.OPEN)
  })

  it.each([
    ['12 hours without use', "last_used_at = now() - interval '12 hours'"],
    ['its last moment', 'expires_at = now()'],
  ])('ends after %s, with its live stream', async (_, change) => {
    const app = await start()
    const { cookie, headers } = await signIn(app.url, { api_key: app.key })
    const stream = await openStream(app.url, cookie)
    await runOn(app, `update session set ${change}`)
    expect(await stream.closed).toBe(4403)
    await eventually(
      async () => (await queryAs(app.url, headers, query)).status === 401,
      () => 'still good',
    )
  })

  it('are deleted once they have expired, and links too', async () => {
    const app = await start()
    await app.createLinkToken()
    const [, kept] = [await signIn(app.url, { api_key: app.key }), await signIn(app.url, { api_key: app.key })]
    await app.createLinkToken()
    await runOn(app, `update session set expires_at = now() - interval '1 second' where id <> '${kept.id}'`)
    await runOn(app, 'update sign_in_link set expires_at = now() where hash = (select min(hash) from sign_in_link)')
    const database = await openOwn(app.database)
    expect(await pruneSessions(database)).toBe(false)
    await database.close()
    expect(await runOn(app, 'select id from session')).toEqual([{ id: kept.id }])
    expect(await runOn(app, 'select workspace_id from sign_in_link')).toHaveLength(1)
  })
})
