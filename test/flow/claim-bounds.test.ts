import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createClaimWalk } from '../../src/delivery/queue/claim-walk.ts'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { newId } from '../../src/platform/ids.ts'
import { blocksOf, explainWork } from '../support/explain.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { emptyQueue, eventIdsOf, type TestQueue } from '../support/queue-parts.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { appendAll, fanOutAll, newEndpoint } from '../support/webhook-parts.ts'

const request = { limit: 50, leaseMs: 60_000, owner: 'worker' }

describe('11.1: a claim beside a workspace with many endpoints', () => {
  let parts: TestParts
  let queue: TestQueue

  beforeAll(async () => {
    parts = await openParts()
    // An autovacuum that is running keeps dead rows in the indexes.
    await parts.sql('alter table delivery set (autovacuum_enabled = off)')
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
  })

  const [endpoints, events] = [1000, 100]

  it('takes what another workspace has due at once, and looks at few rows', async () => {
    await insertEndpoints(parts.sql, queue.workspaceId, endpoints)
    await insertEvents(parts.sql, queue.workspaceId, events)
    await fanOutAll(parts)
    const other = newId('workspace')
    const { id } = await newEndpoint(parts, other)
    const [event] = await appendAll(parts, other, [{}])
    await fanOutAll(parts)
    const walk = createClaimWalk()
    const { deliveries, leavesSome } = await parts.database.inTransaction((tx) =>
      claimDeliveries(tx, { ...request, walk }),
    )
    expect(leavesSome).toBe(true)
    expect(deliveries).toHaveLength(50)
    expect(eventIdsOf(deliveries.filter(({ endpointId }) => endpointId === id))).toEqual([event])
    const plans = await explainWork(parts.database, 'force_generic_plan', (tx) =>
      claimDeliveries(tx, { ...request, walk }),
    )
    expect([...plans.values()].reduce((sum, plan) => sum + blocksOf(plan), 0)).toBeLessThan(5000)
  })

  it('comes to every endpoint before it comes to one again', async () => {
    await insertEndpoints(parts.sql, queue.workspaceId, 150)
    await insertEvents(parts.sql, queue.workspaceId, 3)
    await fanOutAll(parts)
    const walk = createClaimWalk()
    const claimed: string[] = []
    for (let more = true; more; ) {
      const claim = await parts.database.inTransaction((tx) => claimDeliveries(tx, { ...request, walk }))
      claimed.push(...claim.deliveries.map(({ endpointId }) => endpointId))
      more = claim.leavesSome
    }
    expect(claimed).toHaveLength(450)
    expect(new Set(claimed.slice(0, 300)).size).toBe(150)
  })

  it('comes to a workspace that was passed already, when something falls due there', async () => {
    await insertEndpoints(parts.sql, 'ws_z', 150)
    await insertEvents(parts.sql, 'ws_z', 3)
    await fanOutAll(parts)
    const walk = createClaimWalk()
    const claim = () => parts.database.inTransaction((tx) => claimDeliveries(tx, { ...request, walk }))
    await claim()
    walk.restartRound()
    const { id } = await newEndpoint(parts, 'ws_a')
    await appendAll(parts, 'ws_a', [{}])
    await fanOutAll(parts)
    const claimed: string[] = []
    for (let more = true; more; ) {
      const next = await claim()
      claimed.push(...next.deliveries.map(({ endpointId }) => endpointId))
      more = next.leavesSome
    }
    expect(claimed).toContain(id)
  })

  it('passes over the many events of one contact, and goes on with them one by one', async () => {
    await queue.endpoint()
    const [first, second] = await queue.owe(1500, { contactId: 'cont_many' })
    const [other] = await queue.owe(1)
    const walk = createClaimWalk()
    const claim = () => parts.database.inTransaction((tx) => claimDeliveries(tx, { ...request, walk }))
    const claimed = []
    for (let more = true; more; ) {
      const next = await claim()
      claimed.push(...next.deliveries)
      more = next.leavesSome
    }
    expect(eventIdsOf(claimed)).toEqual([first, other])
    const settled = await queue.settle(claimed[0]!, 'SUCCEEDED')
    expect(settled.moreIsDue).toBe(true)
    expect(eventIdsOf((await claim()).deliveries)).toEqual([second])
    await parts.sql('update delivery set lease_until = null')
    const plans = await explainWork(parts.database, 'force_generic_plan', (tx) => claimDeliveries(tx, request))
    expect(blocksOf(plans.get('claim_deliveries')!)).toBeLessThan(200)
  })
})
