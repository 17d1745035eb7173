import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mergeContact } from '../src/contacts/merge.ts'
import { overflows } from '../src/contacts/provenance.ts'
import { statement } from '../src/database/database.ts'
import { newId } from '../src/platform/ids.ts'
import { bootstrap } from '../src/workspaces/bootstrap.ts'
import { findWorkspaceId } from '../src/workspaces/workspace.ts'
import { captureOf, contactOf } from './support/captures.ts'
import { eventually } from './support/eventually.ts'
import { losingAnswerAfter } from './support/intercepted.ts'
import { openSocketWithKey } from './support/raw-socket.ts'
import { startReceiver } from './support/receiver.ts'
import { connectSubscriber } from './support/subscriber.ts'
import { startTestApp } from './support/test-app.ts'
import { openParts } from './support/test-parts.ts'
import { openWayOut } from './support/way-out.ts'
import { deliveriesOf, deliverWith, fanOutAll, newEndpoint } from './support/webhook-parts.ts'

describe('what was once wrong', () => {
  const openForTest = async () => {
    const parts = await openParts()
    onTestFinished(() => parts.close())
    return parts
  }

  it('a new default workspace is made though the configured key belongs to another, with a key of its own', async () => {
    const { database } = await openForTest()
    const configuredKey = 'configured-key-0123456789-0123456789'
    expect(await bootstrap(database, { slug: 'one', configuredKey })).toEqual({})
    expect(await bootstrap(database, { slug: 'two', configuredKey })).toEqual({
      generatedKey: expect.stringMatching(/^rex_/),
    })
    expect(await findWorkspaceId(database, 'two')).toBeDefined()
  })

  it('several that come together with the first use of a statement are all answered', async () => {
    const { database } = await openForTest()
    const first = statement('first_use', 'select 1 as one')
    const answers = await Promise.all([1, 2, 3].map(() => database.query(first)))
    expect(answers).toEqual([[{ one: 1 }], [{ one: 1 }], [{ one: 1 }]])
  })

  it('what was claimed goes at once when the answer to the claim was lost, not after its lease', async () => {
    const parts = await openForTest()
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const workspaceId = newId('workspace')
    await newEndpoint(parts, workspaceId, { url: receiver.url })
    await parts.writer.add(captureOf(workspaceId))
    await fanOutAll(parts)
    const lines: string[] = []
    const database = losingAnswerAfter(parts.database, 'claim_deliveries')
    const delivery = deliverWith({ ...parts, database }, [0], (line) => lines.push(line))
    onTestFinished(() => delivery.stop())
    await receiver.received(1)
    expect(lines.join()).toContain('reader.failed')
    const isSettled = async () => (await deliveriesOf(parts, workspaceId))[0]?.status === 'SUCCEEDED'
    await eventually(isSettled, () => lines.join())
    expect(receiver.webhooks).toHaveLength(1)
  })

  it('an endpoint is not delayed by more receivers without an answer than a worker had places', async () => {
    const way = await openWayOut(await openForTest())
    const held: ServerResponse[] = []
    const stuck = await way.receiver((_webhook, response) => void held.push(response))
    const quick = await way.receiver()
    for (let nth = 0; nth < 5; nth++) await way.endpointTo(stuck, { maxInFlight: 100 })
    await way.endpointTo(quick)
    way.start({ timeoutMs: 25_000 })
    await way.captureMany(100)
    await quick.received(100, 24_000)
    await stuck.received(500, 24_000)
    // No attempt has ended meanwhile, so nothing has waited for that.
    expect(held.filter(({ destroyed }) => destroyed)).toEqual([])
    expect(held).toHaveLength(500)
    for (const response of held) response.destroy()
  })

  it('a capture that began before an endpoint was made and ended after is owed', async () => {
    const parts = await openForTest()
    const workspaceId = newId('workspace')
    let captured: Promise<unknown> = Promise.resolve()
    let endpointId = ''
    await parts.writer.add(captureOf(workspaceId))
    await parts.database.inTransaction(async (tx) => {
      await tx.query({ name: '', text: 'select 1 from contact where workspace_id = $1 for update' }, [workspaceId])
      captured = parts.writer.add(captureOf(workspaceId, { fields: { firstName: 'Jane', metadata: {} } }))
      const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
      await eventually(
        async () => (await parts.sql(waiting)).length > 0,
        () => 'nobody waits',
      )
      endpointId = (await newEndpoint(parts, workspaceId, { events: ['contact.updated'] })).id
    })
    await captured
    await fanOutAll(parts)
    expect((await deliveriesOf(parts, workspaceId)).map((delivery) => delivery.endpoint_id)).toEqual([endpointId])
  })
})

describe('what was once wrong with keys', () => {
  it.each([
    ['with spaces in it', 'a phrase, and spaces  in it, and more words'],
    ['that begins like a generated one', 'rex_but-of-my-own-making-and-long-enough'],
  ])('a REX_API_KEY %s is a key in every header and over WebSocket', async (_, REX_API_KEY) => {
    const app = await startTestApp({ REX_API_KEY })
    onTestFinished(() => app.stop())
    const body = JSON.stringify({ query: '{ viewer { scopes } }' })
    for (const header of [{ 'x-api-key': REX_API_KEY }, { authorization: `Bearer ${REX_API_KEY}` }]) {
      expect((await fetch(`${app.url}/webhooks`, { headers: header })).status).toBe(200)
      const headers = { ...header, 'content-type': 'application/json' }
      const answer = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
      expect(await answer.json()).toMatchObject({ data: { viewer: { scopes: ['ADMIN'] } } })
    }
    const socket = await openSocketWithKey(app)
    socket.socket.close()
  })

  it.each([
    ['stranger', false, 50],
    ['trusted caller', true, 200],
  ])(
    'a %s that posts a known e-mail again and again cannot make its metadata grow without end',
    (_, isTrusted, max) => {
      const policy = { policy: 'OVERWRITE', isTrusted, touch: null, now: new Date() } as const
      const some = (prefix: string) =>
        Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`${prefix}${nth}`, nth]))
      let contact = contactOf({ metadata: isTrusted ? some('a') : { a0: 0 } })
      for (const metadata of [{ a0: 'changed' }, ...['b', 'c', 'd', 'e', 'f'].map(some)]) {
        const merged = mergeContact(contact, { metadata }, policy).contact
        if (!overflows(contact, merged)) contact = merged
      }
      expect(Object.keys(contact.metadata)).toHaveLength(max)
      expect(contact.metadata['a0']).toBe('changed')
    },
  )

  it('an operation that is refused only when it runs does not close its WebSocket', async () => {
    const app = await startTestApp()
    onTestFinished(() => app.stop())
    await using subscriber = await connectSubscriber(app, { query: 'subscription { contactCreated { eventId } }' })
    const query =
      '{ contacts(first: 100) { nodes { events(first: 100) { nodes { deliveries(first: 100) { nodes { id } } } } } } }'
    const results = subscriber.client.iterate({ query })
    await expect(results.next()).rejects.toMatchObject([{ extensions: { code: 'COST_EXCEEDED' } }])
    expect([subscriber.end, subscriber.socket.readyState]).toEqual([undefined, subscriber.socket.OPEN])
  })
})
