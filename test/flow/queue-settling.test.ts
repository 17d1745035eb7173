import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import { returnLeases, settleDeliveries } from '../../src/delivery/queue/queue.ts'
import { emptyQueue, eventIdsOf, type TestQueue } from '../support/queue-parts.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { deliveriesOf, settlementOf } from '../support/webhook-parts.ts'

describe('settling in the queue', () => {
  let parts: TestParts
  let queue: TestQueue

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
  })

  describe('settling', () => {
    it('records attempts with numbers without a gap, and what each came to', async () => {
      await queue.endpoint()
      await queue.owe(1)
      for (const status of ['RETRYING', 'RETRYING', 'SUCCEEDED'] as const) {
        const [delivery] = await queue.claim()
        expect((await queue.settle(delivery!, status)).ids).toEqual(new Set([delivery!.id]))
      }
      expect(await queue.attempts()).toMatchObject([
        { number: 1, response_status: 500, error: 'HTTP_STATUS', trigger: 'AUTOMATIC' },
        { number: 2, response_status: 500, error: 'HTTP_STATUS' },
        { number: 3, response_status: 200, error: null },
      ])
      const [row] = await deliveriesOf(parts, queue.workspaceId)
      expect(row).toMatchObject({ status: 'SUCCEEDED', attempt_count: 3, retry_count: 2, lease_until: null })
      expect(row!.completed_at).not.toBeNull()
      expect(row!.next_attempt_at).toBeNull()
    })

    it('says whether more is due at one of the endpoints', async () => {
      await queue.endpoint()
      await queue.owe(1)
      await queue.endpoint()
      await queue.owe(1)
      const two = await queue.claim(2)
      expect(new Set(two.map(({ endpointId }) => endpointId)).size).toBe(2)
      const stale = { ...two[0]!, leaseToken: two[0]!.leaseToken - 1 }
      const settle = (deliveries: readonly LeasedDelivery[]) =>
        settleDeliveries(
          parts.database,
          deliveries.map((delivery) => settlementOf(delivery, 'SUCCEEDED')),
        )
      expect(await settle([stale])).toEqual({ ids: new Set(), moreIsDue: false })
      expect(await settle(two)).toMatchObject({ moreIsDue: true })
      const last = await queue.claim()
      expect(last).toHaveLength(1)
      expect(await settle(last)).toMatchObject({ moreIsDue: false })
    })

    it('with a stale token changes nothing and records nothing', async () => {
      await queue.endpoint()
      await queue.owe(1)
      const [stale] = await queue.claim()
      await queue.endLeases()
      const [owner] = await queue.claim()
      expect((await queue.settle(stale!, 'SUCCEEDED')).ids).toEqual(new Set())
      expect(await queue.attempts()).toEqual([])
      expect((await queue.settle(owner!, 'RETRYING', 60)).ids).toEqual(new Set([owner!.id]))
      expect((await queue.settle(owner!, 'SUCCEEDED')).ids).toEqual(new Set())
      expect(await queue.statuses()).toEqual(['RETRYING'])
      expect(await queue.attempts()).toHaveLength(1)
    })

    it('of many settles each by its own verdict, those that are lost left out', async () => {
      await queue.endpoint()
      await queue.owe(4)
      const claimed = await queue.claim()
      const verdicts = ['SUCCEEDED', 'FAILED', 'RETRYING', 'SUCCEEDED'] as const
      const stale = { ...claimed[3]!, leaseToken: claimed[3]!.leaseToken - 1 }
      const settlements = [...claimed.slice(0, 3), stale].map((delivery, index) =>
        settlementOf(delivery, verdicts[index]!, 60),
      )
      const { ids } = await settleDeliveries(parts.database, settlements)
      expect(ids).toEqual(new Set(claimed.slice(0, 3).map(({ id }) => id)))
      expect(await queue.statuses()).toEqual(['SUCCEEDED', 'FAILED', 'RETRYING', 'PENDING'])
    })

    it('makes a retry due by the clock of the database', async () => {
      await queue.endpoint()
      await queue.owe(1)
      const [delivery] = await queue.claim()
      await queue.settle(delivery!, 'RETRYING', 300)
      const [row] = await parts.sql<{ seconds: number }>(
        'select extract(epoch from next_attempt_at - now())::float8 as seconds from delivery where id = $1',
        [delivery!.id],
      )
      expect(row!.seconds).toBeGreaterThan(290)
      expect(row!.seconds).toBeLessThanOrEqual(300.001) // It is stored in whole milliseconds.
      expect(await queue.claim()).toEqual([])
      await parts.sql(`update delivery set next_attempt_at = now() - interval '1 millisecond'`)
      expect(await queue.claim()).toHaveLength(1)
    })

    it('uses up a retry or a throttle, as the verdict says', async () => {
      await queue.endpoint()
      await queue.owe(1)
      const [first] = await queue.claim()
      await queue.settle(first!, 'RETRYING', 0)
      const [second] = await queue.claim()
      const throttled = { status: 'RETRYING', delaySeconds: 0, usesRetry: false, leadWithPrevious: null } as const
      await settleDeliveries(parts.database, [{ ...settlementOf(second!, 'RETRYING'), verdict: throttled }])
      const [third] = await queue.claim()
      expect(third).toMatchObject({ attemptCount: 2, retryCount: 1, throttleCount: 1 })
    })
  })

  describe('returning leases', () => {
    it('lets another claim at once, and counts as no attempt', async () => {
      await queue.endpoint()
      await queue.owe(2)
      const claimed = await queue.claim()
      await returnLeases(parts.database, claimed)
      const again = await queue.claim()
      expect(again.map(({ id }) => id)).toEqual(claimed.map(({ id }) => id))
      expect(again.every(({ attemptCount }) => attemptCount === 0)).toBe(true)
      expect((await queue.settle(claimed[0]!, 'SUCCEEDED')).ids).toEqual(new Set())
    })

    it('returns none that is another worker’s by now', async () => {
      await queue.endpoint()
      await queue.owe(1)
      const lost = await queue.claim()
      await queue.endLeases()
      await queue.claim()
      await returnLeases(parts.database, lost)
      expect(await queue.claim()).toEqual([])
    })
  })

  describe('an endpoint that is disabled, enabled or deleted', () => {
    it('holds all that is open, and releases it due at once in its order', async () => {
      const id = await queue.endpoint()
      const events = await queue.owe(4)
      const [done, retrying] = await queue.claim(2)
      await queue.settle(done!, 'SUCCEEDED')
      await queue.settle(retrying!, 'RETRYING', 3600)
      await queue.change('hold', id)
      expect(await queue.statuses()).toEqual(['SUCCEEDED', 'HELD', 'HELD', 'HELD'])
      expect(await queue.claim()).toEqual([])
      await queue.change('release', id)
      expect(await queue.statuses()).toEqual(['SUCCEEDED', 'RETRYING', 'PENDING', 'PENDING'])
      expect(eventIdsOf(await queue.claim())).toEqual(events.slice(1))
    })

    it('touches no other endpoint', async () => {
      const [id] = [await queue.endpoint(), await queue.endpoint()]
      await queue.owe(1)
      await queue.change('hold', id)
      expect((await queue.statuses()).toSorted()).toEqual(['HELD', 'PENDING'])
      await queue.change('cancel', id)
      expect((await queue.statuses()).toSorted()).toEqual(['CANCELED', 'PENDING'])
    })

    it.each([
      ['SUCCEEDED', 'SUCCEEDED'],
      ['FAILED', 'FAILED'],
      ['RETRYING', 'HELD'],
    ] as const)('records an attempt that was in flight when it was held: %s leaves it %s', async (verdict, status) => {
      const id = await queue.endpoint()
      await queue.owe(1)
      const [delivery] = await queue.claim()
      await queue.change('hold', id)
      expect((await queue.settle(delivery!, verdict, 60)).ids.size).toBe(1)
      expect(await queue.statuses()).toEqual([status])
      expect(await queue.attempts()).toHaveLength(1)
      await queue.change('release', id)
      // A moment passes, since stored times are rounded.
      await parts.sql(`update delivery set next_attempt_at = next_attempt_at - interval '1 millisecond'`)
      expect(await queue.claim()).toHaveLength(status === 'HELD' ? 1 : 0)
    })

    it('does not send twice what is in flight while it is held and released', async () => {
      const id = await queue.endpoint()
      await queue.owe(1)
      const [delivery] = await queue.claim()
      await queue.change('hold', id)
      await queue.change('release', id)
      expect(await queue.claim()).toEqual([])
      await queue.settle(delivery!, 'SUCCEEDED')
      expect(await queue.statuses()).toEqual(['SUCCEEDED'])
    })

    it('cancels all that is open, and what is in flight settles nothing any more', async () => {
      const id = await queue.endpoint()
      await queue.owe(3)
      const [done, open] = await queue.claim(2)
      await queue.settle(done!, 'SUCCEEDED')
      await queue.change('cancel', id)
      expect(await queue.statuses()).toEqual(['SUCCEEDED', 'CANCELED', 'CANCELED'])
      expect((await queue.settle(open!, 'RETRYING')).ids).toEqual(new Set())
      await queue.change('release', id)
      expect(await queue.claim()).toEqual([])
      expect((await deliveriesOf(parts, queue.workspaceId)).every(({ completed_at }) => completed_at !== null)).toBe(
        true,
      )
    })
  })
})
