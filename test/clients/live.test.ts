import { afterAll, beforeAll, describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { followEvents } from '../../src/client/live/follow-events.ts'
import type { LiveEvent, LiveItem } from '../../src/client/live/live-event.ts'
import type { ContactData } from '../../src/client/rex-event.ts'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { onServer } from '../support/on-server.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('rex-capture/live', () => {
  let app: TestApp
  let api: ApiClient

  beforeAll(async () => {
    app = await startTestApp()
    api = createApiClient(app)
  })

  afterAll(() => app?.stop())

  it('yields each event once and in order over cuts, and ends without an error on its signal', async () => {
    const proxy = await startDatabaseProxy(app.url)
    onTestFinished(() => proxy.stop())
    const after = await newestCursor('before@example.com')
    const { items, ended, stop } = follow({ url: proxy.url, after })
    const sent: string[] = []
    for (let cut = 0; cut < 3; cut++) {
      const email = `cut-${cut}@example.com`
      sent.push(email)
      await api.capture({ email })
      await eventually(
        () => items.length === sent.length,
        () => JSON.stringify(items),
      )
      proxy.cut()
      const during = `while-away-${cut}@example.com`
      sent.push(during)
      await api.capture({ email: during })
      proxy.restore()
    }
    await eventually(
      () => items.length >= sent.length,
      () => JSON.stringify(items),
    )
    expect(items.map(emailOf)).toEqual(sent)
    expect(items[0]).toMatchObject({ kind: 'event', type: 'contact.created', cursor: expect.any(String) })
    stop()
    await ended
  })

  it('sends only the types that are asked for', async () => {
    const after = await newestCursor('typed@example.com')
    const { items, stop, ended } = follow({ after, types: ['contact.updated'] })
    await api.capture({ email: 'another@example.com' })
    await api.capture({ email: 'typed@example.com', first_name: 'Tia' })
    await eventually(
      () => items.length > 0,
      () => 'no event',
    )
    expect(items).toMatchObject([{ type: 'contact.updated', data: { first_name: 'Tia' } }])
    stop()
    await ended
  })

  it('shows a gap, and yields what is left after it', async () => {
    const after = await newestCursor('gone-1@example.com')
    await api.capture({ email: 'gone-2@example.com' })
    await onServer(app.database.environment.DATABASE_URL, takeAllEvents)
    await api.capture({ email: 'kept@example.com' })
    const { items, stop, ended } = follow({ after })
    await eventually(
      () => items.length > 1,
      () => JSON.stringify(items),
    )
    expect(items).toMatchObject([{ kind: 'gap' }, { kind: 'event', data: { email: 'kept@example.com' } }])
    stop()
    await ended
  })

  it('throws when the key or the cursor is refused', async () => {
    await expect(follow({ apiKey: 'not-a-key' }).ended).rejects.toThrow(/refuses/)
    await expect(follow({ after: 'nonsense' }).ended).rejects.toThrow(/refuses/)
  })

  it('knows the data of each type', () => {
    type Created = Extract<LiveEvent, { type: 'contact.created' }>
    expectTypeOf<Created['data']>().toEqualTypeOf<ContactData>()
  })

  function follow(options: Partial<Parameters<typeof followEvents>[0]>) {
    const controller = new AbortController()
    onTestFinished(() => controller.abort())
    const items: LiveItem[] = []
    const read = async () => {
      const events = followEvents({ url: app.url, apiKey: app.key, signal: controller.signal, ...options })
      for await (const item of events) items.push(item)
    }
    const ended = read()
    ended.catch(() => {}) // The test looks at it later.
    return { items, ended, stop: () => controller.abort() }
  }

  async function newestCursor(email: string): Promise<string> {
    await api.capture({ email })
    const { data } = (await api.graphql('{ events(first: 1) { nodes { cursor } } }')) as {
      data: { events: { nodes: [{ cursor: string }] } }
    }
    return data.events.nodes[0].cursor
  }
})

/** As retention does. */
const takeAllEvents = `
  with taken as (delete from event returning workspace_id, position)
  insert into log_start (workspace_id, position)
  select workspace_id, max(position) from taken group by workspace_id`

function emailOf(item: LiveItem): unknown {
  return item.kind === 'event' && 'email' in item.data ? item.data.email : item
}
