import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { catchUp, fanOut, fanOutBounds } from '../../src/delivery/plan/fanout.ts'
import { createLeaseOwner } from '../../src/delivery/queue/lease-owner.ts'
import { claimDeliveries, type LeaseRequest } from '../../src/delivery/queue/queue.ts'
import { newId } from '../../src/platform/ids.ts'
import { interceptedAfter } from '../support/intercepted.ts'
import { emptyQueue, eventIdsOf, type TestQueue } from '../support/queue-parts.ts'
import { openOwn, openParts, type TestParts } from '../support/test-parts.ts'
import { appendAll, deliveriesOf, fanOutAll, newEndpoint, type WantedEvent } from '../support/webhook-parts.ts'

describe('a fan-out that leases', () => {
  let parts: TestParts
  let queue: TestQueue

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
    await fanOutAll(parts)
  })

  const append = (events: readonly WantedEvent[]) => appendAll(parts, queue.workspaceId, events)
  async function lease({
    firstDelaySeconds = 0,
    ...request
  }: Partial<LeaseRequest> & { firstDelaySeconds?: number } = {}) {
    const allowanceOf = () => ({ inFlight: 0, places: 50 })
    const whole = { limit: 50, leaseMs: 60_000, owner: 'fan-out', allowanceOf, ...request }
    return (await fanOut(parts.database, firstDelaySeconds, whole)).leased
  }
  const stored = () => deliveriesOf(parts, queue.workspaceId)

  it('returns what a claim would return, and leaves nothing to claim', async () => {
    await queue.endpoint()
    const [first, second] = await append([{}, {}])
    const leased = await lease()
    expect(eventIdsOf(leased)).toEqual([first, second])
    expect(await queue.claim()).toEqual([])
    await queue.endLeases()
    const claimed = await queue.claim()
    expect(claimed).toEqual(leased.map((delivery) => ({ ...delivery, leaseToken: 2 })))
    expect(leased.map(({ leaseToken }) => leaseToken)).toEqual([1, 1])
  })

  it('leases to its owner for the time of a lease, and a settlement counts', async () => {
    await queue.endpoint()
    await append([{}])
    const [delivery] = await lease({ leaseMs: 30_000 })
    const [row] = await parts.sql<{ owner: string; seconds: number }>(
      `select lease_owner as owner, extract(epoch from lease_until - now())::float8 as seconds from delivery where id = $1`,
      [delivery!.id],
    )
    expect(row!.owner).toBe('fan-out')
    expect(row!.seconds).toBeGreaterThan(25)
    expect(row!.seconds).toBeLessThanOrEqual(30.001)
    expect((await queue.settle(delivery!, 'SUCCEEDED')).ids).toEqual(new Set([delivery!.id]))
    expect(await queue.statuses()).toEqual(['SUCCEEDED'])
  })

  it('leases one event of a contact at a time, in one fan-out and over several', async () => {
    await queue.endpoint()
    const contactId = newId('contact')
    const [first, second] = await append([{ contactId }, { contactId }])
    const [leased, ...others] = await lease()
    expect(leased!.eventId).toBe(first)
    expect(others).toEqual([])
    await append([{ contactId }])
    expect(await lease()).toEqual([])
    expect(await queue.claim()).toEqual([])
    await queue.settle(leased!, 'SUCCEEDED')
    expect(eventIdsOf(await queue.claim())).toEqual([second])
  })

  it('leases nothing of a contact with an event that is held, is retried later or was leased and cancelled', async () => {
    const endpointId = await queue.endpoint()
    const contactId = newId('contact')
    for (const end of [
      `status = 'HELD', next_attempt_at = null, lease_until = null`,
      `status = 'RETRYING', next_attempt_at = now() + interval '1 hour', lease_until = null`,
      `status = 'CANCELED', next_attempt_at = null`,
    ]) {
      await parts.sql('delete from delivery')
      await append([{ contactId }])
      expect(await lease()).toHaveLength(1)
      await parts.sql(`update delivery set ${end} where endpoint_id = $1`, [endpointId])
      await append([{ contactId }])
      expect(await lease()).toEqual([])
    }
  })

  it('leases at most as many as an endpoint takes at a time, those in flight counted', async () => {
    await queue.endpoint(3)
    await append([{}, {}])
    expect(await lease()).toHaveLength(2)
    await append([{}, {}])
    expect(await lease()).toHaveLength(1)
    await append([{}])
    expect(await lease()).toEqual([])
  })

  it('leases nothing for an endpoint with deliveries that are due', async () => {
    const busy = await queue.endpoint()
    await append([{}])
    await fanOut(parts.database, 0)
    const idle = await queue.endpoint()
    await append([{}])
    expect((await lease()).map(({ endpointId }) => endpointId)).toEqual([idle])
    expect((await queue.claim()).map(({ endpointId }) => endpointId)).toEqual([busy, busy])
  })

  it.each([
    ['is tried again one by one', `update webhook_endpoint set probe_at = now() - interval '1 second' where id = $1`],
    ['is disabled', `update webhook_endpoint set status = 'DISABLED' where id = $1`],
    [
      'belongs to a workspace that is disabled',
      `insert into workspace (id, slug, name, disabled_at)
       select workspace_id, workspace_id, 'Disabled', now() from webhook_endpoint where id = $1`,
    ],
  ])('leases nothing for an endpoint that %s', async (_, change) => {
    const id = await queue.endpoint()
    await parts.sql(change, [id])
    await append([{}])
    expect(await lease()).toEqual([])
    expect(await stored()).toHaveLength(1)
  })

  it('leases no more than the worker may start, for each workspace and in all', async () => {
    await queue.endpoint()
    const other = newId('workspace')
    await newEndpoint(parts, other, { maxInFlight: 100 })
    await append([{}, {}, {}])
    await appendAll(parts, other, [{}, {}, {}])
    const places = (workspaceId: string) => (workspaceId === other ? 1 : 2)
    const leased = await lease({ allowanceOf: (id) => ({ inFlight: 0, places: places(id) }) })
    expect(leased.map(({ workspaceId }) => workspaceId)).toEqual([queue.workspaceId, queue.workspaceId, other])
    await parts.sql('delete from delivery')
    await append([{}, {}, {}])
    expect(await lease({ limit: 2 })).toHaveLength(2)
  })

  it('leases nothing that waits for its first attempt, and nothing in a large poll', async () => {
    await queue.endpoint()
    await append([{}])
    expect(await lease({ firstDelaySeconds: 60 })).toEqual([])
    expect(await queue.claim()).toEqual([])
    await append(Array.from({ length: fanOutBounds.deliveriesToLease + 1 }, () => ({})))
    expect(await lease()).toEqual([])
    expect(await stored()).toHaveLength(fanOutBounds.deliveriesToLease + 2)
  })

  it('leases from the moment at which it adds, whatever it has waited for before', async () => {
    await queue.endpoint()
    await append([{}])
    const waiting = interceptedAfter(parts.database, 'lock_reader_position', () => setTimeout(700))
    const startedAt = performance.now()
    const allowanceOf = () => ({ inFlight: 0, places: 50 })
    const round = await fanOut(waiting, 0, { limit: 50, leaseMs: 5000, owner: 'fan-out', allowanceOf })
    expect(round.leasedAt - startedAt).toBeGreaterThan(600)
    const [row] = await parts.sql<{ ms: number }>(
      `select extract(epoch from lease_until - created_at)::float8 * 1000 as ms from delivery where id = $1`,
      [round.leased[0]!.id],
    )
    // The row has the time at which the transaction began.
    expect(row!.ms).toBeGreaterThan(5600)
  })

  it('lets others claim until its last statement, and while it adds many', async () => {
    await queue.endpoint()
    const own = await openOwn(parts.own)
    onTestFinished(() => own.close())
    const claim = () => own.inTransaction((tx) => claimDeliveries(tx, { limit: 1, leaseMs: 60_000, owner: 'worker' }))
    const allowanceOf = () => ({ inFlight: 0, places: 50 })
    const request = { limit: 50, leaseMs: 60_000, owner: 'fan-out', allowanceOf }
    const claimed: number[] = []
    const claimingAfter = (name: string) =>
      interceptedAfter(parts.database, name, async () => void claimed.push((await claim()).deliveries.length))
    await append([{}])
    await fanOut(claimingAfter('select_endpoints_of_workspaces'), 0, request)
    expect(claimed).toHaveLength(1)
    await append(Array.from({ length: fanOutBounds.deliveriesToLease + 1 }, () => ({})))
    const onLock = vi.fn(async () => {})
    const observed = interceptedAfter(parts.database, 'try_lock_claims', onLock)
    await fanOut(observed, 0, request)
    expect(onLock).not.toHaveBeenCalled()
    await append([{}])
    await fanOut(observed, 0, request)
    expect(onLock).toHaveBeenCalledOnce()
  })

  it('adds without leases, and does not wait, while another worker claims', async () => {
    await queue.endpoint()
    const own = await openOwn(parts.own)
    onTestFinished(() => own.close())
    await append([{}])
    await own.inTransaction(async (tx) => {
      await claimDeliveries(tx, { limit: 1, leaseMs: 60_000, owner: 'worker' })
      expect(await lease()).toEqual([])
    })
    expect(await queue.claim()).toHaveLength(1)
  })

  it('returns the leases of a commit whose answer was lost, and not those of claims', async () => {
    await queue.endpoint()
    await append([{}])
    const claimed = await lease({ owner: 'another' })
    const owner = createLeaseOwner(parts.database, () => [])
    await append([{}])
    const lost = owner.lease(async (name) => {
      await lease({ owner: name })
      throw new Error('The connection was lost.')
    })
    await expect(lost).rejects.toThrow('The connection was lost.')
    expect(await queue.claim()).toEqual([])
    await owner.lease(async () => {})
    const [delivery, ...others] = await queue.claim()
    expect(others).toEqual([])
    expect(delivery!.leaseToken).toBe(2)
    expect(delivery!.id).not.toBe(claimed[0]!.id)
  })

  it('leaves the deliveries of a workspace that is behind to claims', async () => {
    await queue.endpoint()
    await append(Array.from({ length: fanOutBounds.deliveriesOfWorkspace + 1 }, () => ({})))
    await fanOut(parts.database, 0)
    await append([{}])
    expect(await lease()).toEqual([])
    while ((await catchUp(parts.database, 0)).more);
    expect(await stored()).toHaveLength(fanOutBounds.deliveriesOfWorkspace + 2)
  })
})
