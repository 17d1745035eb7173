import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createManualDeliveries } from '../../src/delivery/manual-deliveries.ts'
import { continueReplay, maxRunningReplays, type ReplayRequest } from '../../src/delivery/replay.ts'
import { newId } from '../../src/platform/ids.ts'
import { minute, openReplays, type TestReplays } from '../support/replay-parts.ts'
import { codeOf, openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { appendAll, fanOutAll, viewerOf } from '../support/webhook-parts.ts'

describe('a replay', () => {
  let parts: TestParts
  let way: WayOut
  let replays: TestReplays

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    await parts.sql('delete from replay')
    way = await openWayOut(parts)
    replays = openReplays(parts, way)
  })

  const quiet = { url: 'http://127.0.0.1:9/' }

  it('sends what failed in the range once more, from included and to not, by trigger REPLAY', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to)
    const events = await replays.ended(5, 'FAILED')
    way.start()
    expect(await replays.request(id, { from: minute(1), to: minute(3) })).toMatchObject({ matched: 2, enqueued: 2 })
    await way.settled((rows) => rows.filter(({ status }) => status === 'SUCCEEDED').length === 2)
    expect(to.webhooks.map(({ headers }) => headers['webhook-id'])).toEqual(events.slice(1, 3))
    expect((await way.deliveries()).map(({ status }) => status)).toEqual([
      'FAILED',
      'SUCCEEDED',
      'SUCCEEDED',
      'FAILED',
      'FAILED',
    ])
    expect(await way.attempts()).toMatchObject([
      { number: 2, trigger: 'REPLAY' },
      { number: 2, trigger: 'REPLAY' },
    ])
    expect(await replays.rows()).toMatchObject([{ matched: 2, enqueued: 2, completed_at: expect.any(Date) }])
  })

  it('keeps the id and the bytes of the event, with its schedule anew', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to)
    const [event] = await replays.ended(1, 'FAILED')
    const [failed] = await way.deliveries()
    way.start()
    await replays.request(id)
    await way.allAre('SUCCEEDED', 1)
    const [webhook] = to.webhooks
    expect(webhook!.headers).toMatchObject({ 'webhook-id': event, 'x-rex-delivery': failed!.id, 'x-rex-attempt': '2' })
    expect(await parts.sql('select 1 from event where id = $1 and body = $2', [event!, webhook!.body])).toHaveLength(1)
    expect(await way.deliveries()).toMatchObject([{ retry_count: 0, attempt_count: 2 }])
  })

  it.each(['FAILED', 'HELD', 'SUCCEEDED', 'CANCELED'] as const)(
    'takes what is %s when it is asked to',
    async (status) => {
      const { id } = await way.endpointTo(quiet)
      const events = await replays.ended(3, status)
      const others = (['FAILED', 'HELD', 'SUCCEEDED', 'CANCELED'] as const).filter((other) => other !== status)
      expect(await replays.request(id, { status: others, dryRun: true })).toMatchObject({ matched: 0 })
      expect(await replays.request(id, { status: [status] })).toMatchObject({ matched: 3 })
      await replays.finish()
      expect(await replays.replayed()).toEqual(events)
    },
  )

  it('sends nothing to other endpoints, and nothing that other endpoints failed to get', async () => {
    const { id } = await way.endpointTo(quiet, { events: ['contact.updated'] })
    await way.endpointTo(quiet)
    await replays.ended(3, 'FAILED')
    expect(await replays.request(id)).toMatchObject({ matched: 0 })
    await replays.finish()
    expect(await replays.replayed()).toEqual([])
  })

  it.each(['FAILED', 'HELD'])(
    'sends its own test events that are %s again, and never those of others',
    async (status) => {
      const { id } = await way.endpointTo(quiet, { events: ['*'] })
      const { id: other } = await way.endpointTo(quiet, { events: ['*'] })
      const tests = createManualDeliveries(parts.database, parts.signals)
      const delivery = await tests.sendTest(viewerOf(way.workspaceId), id)
      await tests.sendTest(viewerOf(way.workspaceId), other)
      await fanOutAll(parts)
      await replays.spread()
      await parts.sql('update delivery set status = $2::text::delivery_status where workspace_id = $1', [
        ...[way.workspaceId, status],
      ])
      for (const includeNeverSent of [false, true])
        expect(await replays.request(id, { includeNeverSent, dryRun: true })).toMatchObject({ matched: 1 })
      await replays.request(id, { includeNeverSent: true })
      await replays.finish()
      const sent = (await way.deliveries()).filter(({ trigger }) => trigger === 'REPLAY')
      expect(sent).toMatchObject([{ id: delivery, status: 'PENDING' }])
    },
  )

  it('leaves out what came after it was asked for', async () => {
    const { id } = await way.endpointTo(quiet)
    const events = await replays.ended(2, 'FAILED')
    await replays.request(id, { to: minute(60) })
    await replays.ended(2, 'FAILED')
    await replays.finish()
    expect(await replays.replayed()).toEqual(events)
  })

  describe('of what was never sent', () => {
    it('sends events that are older than the endpoint, of the types that it wants', async () => {
      const [wanted, , other] = await appendAll(parts, way.workspaceId, [{}, { type: 'contact.erased' }, {}])
      await fanOutAll(parts)
      await replays.spread()
      const to = await way.receiver()
      const { id } = await way.endpointTo(to, { events: ['contact.created'] })
      expect(await replays.request(id, { includeNeverSent: false, dryRun: true })).toMatchObject({ matched: 0 })
      expect(await replays.request(id, { includeNeverSent: true })).toMatchObject({ matched: 2 })
      way.start()
      await way.allAre('SUCCEEDED', 2)
      expect(to.webhooks.map(({ headers }) => headers['webhook-id'])).toEqual([wanted, other])
      expect(await way.attempts()).toMatchObject([{ trigger: 'REPLAY' }, { trigger: 'REPLAY' }])
    })

    it('sends none that was sent, and none twice', async () => {
      const { id } = await way.endpointTo(quiet, { events: ['*'] })
      await replays.ended(2, 'SUCCEEDED')
      const [never] = await appendAll(parts, way.workspaceId, [{}])
      await parts.sql('update reader_position set position = (select max(position) from event)')
      await replays.spread()
      for (const each of [1, 2])
        expect(await replays.request(id, { includeNeverSent: true })).toMatchObject({ matched: each && 1 })
      await replays.finish()
      expect(await replays.replayed()).toEqual([never])
      expect((await replays.rows()).map(({ enqueued }) => enqueued)).toEqual([1, 0])
    })

    it('sends neither the test events of another endpoint nor news of its own health', async () => {
      const { id: other } = await way.endpointTo(quiet, { events: ['contact.erased'] })
      const { id } = await way.endpointTo(quiet, { events: ['contact.erased'] })
      await appendAll(parts, way.workspaceId, [{ type: 'webhook.test', contactId: null, endpointId: other }])
      await way.setEnabled(id, false)
      await way.setEnabled(id, true)
      await way.setEnabled(other, false)
      await fanOutAll(parts)
      await parts.sql(`update webhook_endpoint set events = '{*}' where id = $1`, [id])
      await replays.spread()
      await replays.request(id, { includeNeverSent: true })
      await replays.finish()
      const sent = await parts.sql<{ about: string }>(
        `select body::jsonb -> 'data' ->> 'id' as about from event where id = any ($1::text[])`,
        [await replays.replayed()],
      )
      expect(sent).toEqual([{ about: other }])
    })
  })

  it('that is dry counts, enqueues 0 and leaves everything as it was', async () => {
    const { id } = await way.endpointTo(quiet)
    await replays.ended(3, 'FAILED')
    const before = await way.deliveries()
    expect(await replays.request(id, { dryRun: true })).toEqual({ id: null, matched: 3, enqueued: 0 })
    await replays.finish()
    expect(await way.deliveries()).toEqual(before)
    expect(await replays.rows()).toEqual([])
    expect(
      await parts.sql(`select 1 from audit_entry where workspace_id = $1 and action = 'replay.requested'`, [
        way.workspaceId,
      ]),
    ).toEqual([])
  })

  it('waits while its endpoint is disabled', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to)
    await replays.ended(2, 'FAILED')
    await way.setEnabled(id, false)
    await replays.request(id)
    expect(await continueReplay(parts.database)).toBe(false)
    way.start()
    await way.setEnabled(id, true)
    await way.settled((rows) => rows.filter(({ status }) => status === 'SUCCEEDED').length === 2, id)
  })

  describe('is refused', () => {
    it('for an endpoint of another workspace, or of nobody', async () => {
      const { id } = await way.endpointTo(quiet)
      await replays.ended(1, 'FAILED')
      for (const dryRun of [true, false]) {
        expect(await codeOf(replays.request(id, { dryRun }, newId('workspace')))).toBe('not_found')
        expect(await codeOf(replays.request(newId('endpoint'), { dryRun }))).toBe('not_found')
      }
      expect(await parts.sql('select 1 from replay')).toEqual([])
    })

    it.each([
      ['that ends where it begins', { from: minute(1), to: minute(1) }],
      ['that ends before it begins', { from: minute(2), to: minute(1) }],
      ['of what is under way', { status: ['PENDING'] }],
      ['of what is retried anyway', { status: ['FAILED', 'RETRYING'] }],
    ] as [string, Partial<ReplayRequest>][])('for a range %s', async (_, wanted) => {
      const { id } = await way.endpointTo(quiet)
      expect(await codeOf(replays.request(id, wanted))).toBe('invalid_request')
    })

    it(`when ${maxRunningReplays} run in the workspace, and taken again once one is done`, async () => {
      const { id } = await way.endpointTo(quiet)
      for (let count = 0; count < maxRunningReplays; count++) await replays.request(id)
      expect(await codeOf(replays.request(id))).toBe('conflict')
      await continueReplay(parts.database)
      await replays.request(id)
    })

    it(`when ${maxRunningReplays} run, however many are requested at once`, async () => {
      const endpoints = [await way.endpointTo(quiet), await way.endpointTo(quiet)]
      const requests = Array.from({ length: maxRunningReplays + 10 }, (_, nth) => {
        const endpoint = endpoints[nth % endpoints.length]
        if (endpoint === undefined) throw new Error('There is no endpoint.')
        return replays.request(endpoint.id)
      })
      const results = await Promise.allSettled(requests)
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(maxRunningReplays)
    })
  })
})
