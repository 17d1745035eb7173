import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createManualDeliveries, type ManualDeliveries } from '../../src/delivery/manual-deliveries.ts'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { newId } from '../../src/platform/ids.ts'
import { codeOf, openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { endpointsOf, fanOutAll, viewerOf } from '../support/webhook-parts.ts'

describe('by hand', () => {
  let parts: TestParts
  let way: WayOut
  let byHand: ManualDeliveries
  /** What the receiver of the endpoint answers. */
  let answer: number

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
    byHand = createManualDeliveries(parts.database, parts.signals)
    answer = 500
  })

  const viewer = () => viewerOf(way.workspaceId)
  const answering = () => way.receiver((_webhook, response) => response.writeHead(answer).end())
  const audit = () =>
    parts.sql<{ action: string; target_id: string }>(
      `select action, target_id from audit_entry
       where workspace_id = $1 and action not like 'webhook_endpoint.created' order by id`,
      [way.workspaceId],
    )

  describe('a delivery that is retried', () => {
    it('and had failed is attempted at once, by trigger MANUAL, with the same id and bytes', async () => {
      const to = await answering()
      await way.endpointTo(to)
      way.start({ scheduleSeconds: [0, 0] })
      await way.capture()
      const [failed] = await way.allAre('FAILED', 1)
      answer = 200
      await byHand.retry(viewer(), failed!.id)
      await way.allAre('SUCCEEDED', 1)
      expect(await way.attempts()).toMatchObject([
        { number: 1, trigger: 'AUTOMATIC', response_status: 500 },
        { number: 2, trigger: 'AUTOMATIC', response_status: 500 },
        { number: 3, trigger: 'MANUAL', response_status: 200 },
      ])
      expect(new Set(to.webhooks.map(({ body }) => body)).size).toBe(1)
      expect(new Set(to.webhooks.map(({ headers }) => headers['x-rex-delivery']))).toEqual(new Set([failed!.id]))
      expect(await audit()).toEqual([{ action: 'delivery.retried', target_id: failed!.id }])
    })

    it('and fails once more has failed', async () => {
      const to = await answering()
      await way.endpointTo(to)
      way.start({ scheduleSeconds: [0] })
      await way.capture()
      const [failed] = await way.allAre('FAILED', 1)
      await byHand.retry(viewer(), failed!.id)
      await way.settled((rows) => rows[0]!.attempt_count === 2)
      expect(await way.deliveries()).toMatchObject([{ status: 'FAILED', trigger: 'AUTOMATIC' }])
    })

    it('and waits for its time is attempted at once', async () => {
      const to = await answering()
      await way.endpointTo(to)
      way.start({ scheduleSeconds: [0, 3600, 3600] })
      await way.capture()
      const [waiting] = await way.settled((rows) => rows[0]?.status === 'RETRYING')
      answer = 200
      await byHand.retry(viewer(), waiting!.id)
      await way.allAre('SUCCEEDED', 1)
      expect((await way.attempts()).map(({ trigger }) => trigger)).toEqual(['AUTOMATIC', 'MANUAL'])
    })

    it('survives a restart before it is attempted', async () => {
      const to = await answering()
      await way.endpointTo(to)
      const first = way.start({ scheduleSeconds: [0] })
      await way.capture()
      const [failed] = await way.allAre('FAILED', 1)
      await first.stop()
      answer = 200
      await byHand.retry(viewer(), failed!.id)
      expect(await way.deliveries()).toMatchObject([{ status: 'RETRYING', trigger: 'MANUAL' }])
      way.start({ scheduleSeconds: [0] })
      await way.allAre('SUCCEEDED', 1)
    })

    it('and has succeeded is a conflict', async () => {
      answer = 200
      await way.endpointTo(await answering())
      way.start()
      await way.capture()
      const [done] = await way.allAre('SUCCEEDED', 1)
      expect(await codeOf(byHand.retry(viewer(), done!.id))).toBe('conflict')
      expect(await way.deliveries()).toEqual([done])
      expect(await audit()).toEqual([])
    })

    it('and is in flight is a conflict', async () => {
      await way.endpointTo({ url: 'http://127.0.0.1:9/' })
      await way.capture()
      await fanOutAll(parts)
      const { deliveries } = await parts.database.inTransaction((tx) =>
        claimDeliveries(tx, { limit: 1, leaseMs: 60_000, owner: 'worker' }),
      )
      expect(await codeOf(byHand.retry(viewer(), deliveries[0]!.id))).toBe('conflict')
    })

    it('of a disabled endpoint is a conflict, and so is one of a deleted endpoint', async () => {
      const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
      await way.capture()
      await fanOutAll(parts)
      await way.setEnabled(id, false)
      const [held] = await way.deliveries()
      expect(await codeOf(byHand.retry(viewer(), held!.id))).toBe('conflict')
      await endpointsOf(parts).remove(viewer(), id)
      expect(await codeOf(byHand.retry(viewer(), held!.id))).toBe('conflict')
      expect(await way.deliveries()).toMatchObject([{ status: 'CANCELED' }])
    })

    it('of another workspace, or of nobody, is not found', async () => {
      await way.endpointTo({ url: 'http://127.0.0.1:9/' })
      await way.capture()
      await fanOutAll(parts)
      await parts.sql(`update delivery set status = 'FAILED' where workspace_id = $1`, [way.workspaceId])
      const before = await way.deliveries()
      expect(await codeOf(byHand.retry(viewerOf(newId('workspace')), before[0]!.id))).toBe('not_found')
      expect(await codeOf(byHand.retry(viewer(), newId('delivery')))).toBe('not_found')
      expect(await way.deliveries()).toEqual(before)
    })

    it('is held when its endpoint is disabled at the same time', async () => {
      for (let round = 0; round < 20; round++) {
        const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' }, { events: ['contact.created'] })
        await way.capture(`${round}@example.com`)
        await fanOutAll(parts)
        const [row] = await way.deliveries(id)
        await parts.sql(`update delivery set status = 'FAILED' where id = $1`, [row!.id])
        await Promise.allSettled([byHand.retry(viewer(), row!.id), way.setEnabled(id, false)])
        expect(['FAILED', 'HELD']).toContain((await way.deliveries(id))[0]!.status)
      }
    })
  })

  describe('a test event', () => {
    it('is delivered at once, by trigger TEST, to that endpoint alone, whatever it listens to', async () => {
      answer = 200
      const [to, other] = [await answering(), await way.receiver()]
      const { id } = await way.endpointTo(to, { events: ['contact.erased'] })
      await way.endpointTo(other, { events: ['*'] })
      const deliveryId = await byHand.sendTest(viewer(), id)
      expect(await way.deliveries()).toMatchObject([{ id: deliveryId, endpoint_id: id, trigger: 'TEST' }])
      way.start()
      const [webhook] = await to.received(1)
      await way.allAre('SUCCEEDED', 1)
      expect(webhook!.headers).toMatchObject({ 'x-rex-event': 'webhook.test', 'x-rex-delivery': deliveryId })
      expect(JSON.parse(webhook!.body)).toMatchObject({ event: 'webhook.test', data: { id } })
      await fanOutAll(parts)
      expect(await way.attempts()).toMatchObject([{ trigger: 'TEST', number: 1, response_status: 200 }])
      expect(await way.deliveries()).toHaveLength(1)
      expect(other.webhooks).toEqual([])
      expect(await audit()).toEqual([{ action: 'webhook_endpoint.tested', target_id: id }])
    })

    it('comes before a backlog of others', async () => {
      const held: ServerResponse[] = []
      const [to, slow] = [await way.receiver(), await way.receiver((_webhook, response) => void held.push(response))]
      await way.endpointTo(slow, { maxInFlight: 10 })
      await way.captureMany(50)
      const { id } = await way.endpointTo(to)
      way.start({ scheduleSeconds: [0] })
      await slow.received(10)
      await byHand.sendTest(viewer(), id)
      await way.allAre('SUCCEEDED', 1, id)
      expect(slow.webhooks).toHaveLength(10)
      for (const response of held) response.destroy()
    })

    it('to a disabled endpoint is held', async () => {
      const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
      await way.setEnabled(id, false)
      await byHand.sendTest(viewer(), id)
      await fanOutAll(parts)
      expect(await way.deliveries(id)).toMatchObject([{ status: 'HELD', trigger: 'TEST' }])
    })

    it('to an endpoint of another workspace is not found', async () => {
      const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
      expect(await codeOf(byHand.sendTest(viewerOf(newId('workspace')), id))).toBe('not_found')
      expect(await codeOf(byHand.sendTest(viewer(), newId('endpoint')))).toBe('not_found')
      expect(await way.deliveries()).toEqual([])
    })
  })
})
