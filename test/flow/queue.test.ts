import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import { newId } from '../../src/platform/ids.ts'
import { emptyQueue, eventIdsOf, type TestQueue } from '../support/queue-parts.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { newEndpoint, oweAll } from '../support/webhook-parts.ts'

describe('the queue', () => {
  let parts: TestParts
  let queue: TestQueue

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
  })

  describe('a claim', () => {
    it('answers all that an attempt needs, in the order of the events', async () => {
      const id = await queue.endpoint()
      const events = await queue.owe(3)
      const claimed = await queue.claim()
      expect(eventIdsOf(claimed)).toEqual(events)
      expect(claimed[0]).toMatchObject({
        workspaceId: queue.workspaceId,
        endpointId: id,
        url: 'http://127.0.0.1:9/hook',
        attemptCount: 0,
        retryCount: 0,
        throttleCount: 0,
        trigger: 'AUTOMATIC',
        event: { type: 'contact.created', body: expect.stringContaining(events[0]!) },
      })
      expect(claimed[0]!.secret).toMatch(/^k1:/)
    })

    it('takes nothing that is claimed, done, not due, held or of a disabled endpoint', async () => {
      await queue.endpoint()
      await queue.owe(5)
      const [one, two, three] = await queue.claim(3)
      expect(await queue.claim(0)).toEqual([])
      await queue.settle(one!, 'SUCCEEDED')
      await queue.settle(two!, 'FAILED')
      await queue.settle(three!, 'RETRYING', 3600)
      expect(await queue.claim()).toHaveLength(2)
      expect(await queue.claim()).toEqual([])
      await queue.endLeases()
      await parts.sql(`update webhook_endpoint set status = 'DISABLED' where workspace_id = $1`, [queue.workspaceId])
      expect(await queue.claim()).toEqual([])
    })

    it('takes endpoints in turns, whichever has more, each in the order of its events', async () => {
      const [busy, other] = [newId('workspace'), newId('workspace')]
      await newEndpoint(parts, busy, { maxInFlight: 100 })
      const first = await oweAll(
        parts,
        busy,
        Array.from({ length: 80 }, () => ({})),
      )
      await newEndpoint(parts, other, { maxInFlight: 100 })
      await newEndpoint(parts, other, { maxInFlight: 100 })
      const second = await oweAll(
        parts,
        other,
        Array.from({ length: 20 }, () => ({})),
      )
      const claimed = await queue.claim(30)
      const byEndpoint = [...Map.groupBy(claimed, ({ endpointId }) => endpointId).values()]
      expect(byEndpoint.map(({ length }) => length)).toEqual([10, 10, 10])
      for (const its of byEndpoint) {
        const all = its[0]!.workspaceId === busy ? first : second
        expect(eventIdsOf(its)).toEqual(all.slice(0, 10))
      }
      // The two small ones have ten left each; the busy one takes its share, and in the claim after what they leave.
      const ofBusy = (deliveries: readonly LeasedDelivery[]) =>
        deliveries.filter((delivery) => delivery.workspaceId === busy).length
      const next = await queue.claim(60)
      expect([next.length, ofBusy(next)]).toEqual([40, 20])
      const last = await queue.claim(40)
      expect([last.length, ofBusy(last)]).toEqual([40, 40])
    })

    it('says whether it leaves some, be it for the limit or for the share of an endpoint', async () => {
      await queue.endpoint()
      await queue.owe(12)
      expect(await queue.leavesSome(4)).toBe(true)
      await queue.endpoint()
      await queue.owe(10)
      // Of 18 and 10 first 8 each, then 8 and 2, and the last 2 of the first.
      expect(await queue.leavesSome(16)).toBe(true)
      expect(await queue.leavesSome(16)).toBe(true)
      expect(await queue.leavesSome(16)).toBe(false)
      expect(await queue.leavesSome(16)).toBe(false)
    })

    it('leaves none behind of an endpoint that may have no more at a time', async () => {
      await queue.endpoint(3)
      await queue.owe(20)
      expect(await queue.leavesSome(16)).toBe(false)
    })

    it('counts what an endpoint has in flight among its turns', async () => {
      const busy = await queue.endpoint()
      await queue.owe(20)
      await queue.claim(10)
      const other = await queue.endpoint()
      const events = await queue.owe(5)
      const claimed = await queue.claim(5)
      expect(claimed.map(({ endpointId }) => endpointId)).toEqual(Array(5).fill(other))
      expect(eventIdsOf(claimed)).toEqual(events)
      expect((await queue.claim(1))[0]).toMatchObject({ endpointId: busy })
    })

    it('takes no more than max_in_flight of an endpoint, and again as many as have ended', async () => {
      await queue.endpoint(4)
      const events = await queue.owe(10)
      const claimed = await queue.claim()
      expect(eventIdsOf(claimed)).toEqual(events.slice(0, 4))
      expect(await queue.claim()).toEqual([])
      await queue.settle(claimed[0]!, 'SUCCEEDED')
      await queue.settle(claimed[1]!, 'RETRYING', 3600)
      expect(eventIdsOf(await queue.claim())).toEqual(events.slice(4, 6))
      expect(await queue.claim()).toEqual([])
    })

    it('by many workers at once takes each once, and no more than max_in_flight together', async () => {
      await queue.endpoint(7)
      await queue.endpoint(3)
      await queue.owe(50)
      const claims = (await Promise.all(Array.from({ length: 8 }, () => queue.claim(5)))).flat()
      expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length)
      const counts = [...Map.groupBy(claims, ({ endpointId }) => endpointId).values()].map(({ length }) => length)
      expect(counts.toSorted()).toEqual([3, 7])
    })

    it('takes again what a lease has run out on, and counts it no longer', async () => {
      await queue.endpoint(2)
      await queue.owe(5)
      const lost = await queue.claim()
      expect(lost).toHaveLength(2)
      await queue.endLeases()
      const again = await queue.claim()
      expect(again.map(({ id }) => id)).toEqual(lost.map(({ id }) => id))
      expect(again.map(({ leaseToken }) => leaseToken)).toEqual(lost.map(({ leaseToken }) => leaseToken + 1))
    })
  })

  describe('a contact’s events', () => {
    it('go one after the other, while those of other contacts go on', async () => {
      const id = await queue.endpoint()
      const [jane, joan] = [newId('contact'), newId('contact')]
      const events = await oweAll(parts, queue.workspaceId, [
        { contactId: jane },
        { contactId: jane },
        { contactId: joan },
        { contactId: jane },
        { contactId: null },
        { contactId: null },
      ])
      const first = await queue.claim()
      expect(eventIdsOf(first)).toEqual([events[0], events[2], events[4], events[5]])
      expect(await queue.claim()).toEqual([])
      await queue.settle(first[0]!, 'RETRYING', 3600)
      expect(await queue.claim()).toEqual([])
      await parts.sql(`update delivery set next_attempt_at = now() - interval '1 second' where endpoint_id = $1`, [id])
      const [retried, ...others] = await queue.claim()
      expect([retried!.eventId, others]).toEqual([events[0], []])
      await queue.settle(retried!, 'SUCCEEDED')
      expect(eventIdsOf(await queue.claim())).toEqual([events[1]])
    })

    it.each(['SUCCEEDED', 'FAILED'] as const)('go on once the earlier one has %s', async (status) => {
      await queue.endpoint()
      const events = await queue.owe(2, { contactId: newId('contact') })
      const [first] = await queue.claim()
      await queue.settle(first!, status)
      expect(eventIdsOf(await queue.claim())).toEqual([events[1]])
    })

    it('wait behind one that is held, and go on once it is canceled', async () => {
      await queue.endpoint()
      const events = await queue.owe(2, { contactId: newId('contact') })
      await parts.sql(`update delivery set status = 'HELD', next_attempt_at = null where event_id = $1`, [events[0]!])
      expect(await queue.claim()).toEqual([])
      await parts.sql(`update delivery set status = 'CANCELED' where event_id = $1`, [events[0]!])
      // What waits in its lane is looked at once in a minute.
      await parts.sql(makeDue, [events[1]!])
      expect(eventIdsOf(await queue.claim())).toEqual([events[1]])
    })

    it('wait at each endpoint for its own', async () => {
      const [one, two] = [await queue.endpoint(), await queue.endpoint()]
      const events = await queue.owe(2, { contactId: newId('contact') })
      const first = await queue.claim()
      await queue.settle(first.find(({ endpointId }) => endpointId === one)!, 'SUCCEEDED')
      await queue.settle(first.find(({ endpointId }) => endpointId === two)!, 'RETRYING', 3600)
      expect((await queue.claim()).map(({ endpointId, eventId }) => [endpointId, eventId])).toEqual([[one, events[1]]])
    })

    it('do not wait for those of the same id in another workspace', async () => {
      const contactId = newId('contact')
      const other = newId('workspace')
      await queue.endpoint()
      await newEndpoint(parts, other, { maxInFlight: 100 })
      await oweAll(parts, other, [{ contactId }])
      await queue.owe(1, { contactId })
      expect(await queue.claim()).toHaveLength(2)
    })
  })
})

/** A moment ago, because the column rounds to milliseconds, which may be after the next statement's `now()`. */
const makeDue = `
  update delivery
  set next_attempt_at = now() - interval '1 millisecond'
  where event_id = $1
    and waits_in_lane`
