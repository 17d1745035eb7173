import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { type ClaimWalk, createClaimWalk } from '../../src/delivery/queue/claim-walk.ts'
import { createDueStarts, type DueStarts } from '../../src/delivery/queue/due-starts.ts'
import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import { addLeased, claimDeliveries, settleDeliveries } from '../../src/delivery/queue/queue.ts'
import { createSettler } from '../../src/delivery/queue/settler.ts'
import { eventually } from '../support/eventually.ts'
import { blocksOf, explainWork, planModes } from '../support/explain.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { settlementOf } from '../support/webhook-parts.ts'

const request = { limit: 20, leaseMs: 60_000, owner: 'worker' }
const many = 10_000

/** A worker's claims and settlements, which share what it knows. */
function workerOf(database: Database) {
  const starts: DueStarts = createDueStarts()
  const walk: ClaimWalk = createClaimWalk(starts)
  const claimOnce = (limit = request.limit) =>
    database.inTransaction((tx) => claimDeliveries(tx, { ...request, limit, walk }))
  return {
    starts,
    walk,
    claimOnce,
    /** Claims until nothing is left, as the dispatcher does. */
    claim: async () => {
      const claimed: LeasedDelivery[] = []
      for (let more = true; more; ) {
        const { deliveries, leavesSome } = await claimOnce()
        claimed.push(...deliveries)
        more = leavesSome
      }
      return claimed
    },
    settle: (deliveries: readonly LeasedDelivery[]) =>
      settleDeliveries(
        database,
        deliveries.map((delivery) => settlementOf(delivery, 'SUCCEEDED')),
        starts,
      ),
  }
}

describe('a worker that knows where its due deliveries start', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await parts.sql('alter table delivery set (autovacuum_enabled = off)')
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    for (const table of ['delivery', 'event', 'webhook_endpoint']) await parts.sql(`truncate ${table}`)
    await insertEndpoints(parts.sql, 'ws_1', 3)
  })

  /** Adds deliveries of every event to the endpoints, which were due before. */
  const insertDue = async (events: number, { endpoint = '%', seconds = 60, contactId = '' } = {}) => {
    await parts.sql('delete from event')
    await insertEvents(parts.sql, 'ws_1', events, contactId === '' ? null : contactId)
    await parts.sql(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, next_attempt_at)
       select event.workspace_id, 'dlv_' || e.id || event.position, e.id, event.id || event.position, event.position,
              event.contact_id, now() - $2::float8 * interval '1 second'
       from event
       join webhook_endpoint e on e.workspace_id = event.workspace_id and e.id like $1`,
      [endpoint, seconds],
    )
  }
  const endpointsOf = (deliveries: readonly LeasedDelivery[]) =>
    Map.groupBy(deliveries, ({ endpointId }) => endpointId.replace(/^wh_many0*/, ''))
  const countsOf = (deliveries: readonly LeasedDelivery[]) =>
    Object.fromEntries([...endpointsOf(deliveries)].map(([id, own]) => [id, own.length]))

  it.each(planModes)('does not pass the index entries of what it has sent: %s', async (mode) => {
    await insertDue(many)
    await parts.sql(
      `update delivery set status = 'SUCCEEDED', next_attempt_at = null
       where event_position <= (select max(event_position) - 100 from delivery)`,
    )
    await parts.sql('analyze delivery')
    /** Returns the blocks that each statement of a claim and a settlement has read. */
    const blocksWith = async (walk: ClaimWalk, starts: DueStarts) => {
      const plans = await explainWork(parts.database, mode, async (tx) => {
        const { deliveries } = await claimDeliveries(tx, { ...request, walk })
        expect(deliveries).toHaveLength(request.limit)
        const { moreIsDue } = await settleDeliveries(tx, [settlementOf(deliveries[0]!, 'SUCCEEDED')], starts)
        expect(moreIsDue).toBe(true)
        await addLeased(tx, [newDelivery], { leaseMs: 1000, owner: 'worker', starts })
      })
      return Object.fromEntries([...plans].map(([name, nodes]) => [name, blocksOf(nodes)]))
    }
    const { walk, starts } = workerOf(parts.database)
    const first = await blocksWith(walk, createDueStarts())
    const second = await blocksWith(walk, starts)
    expect(first['select_busy_endpoints']).toBeGreaterThan(300)
    expect(second['select_open_workspaces']).toBeLessThan(10)
    expect(second['select_busy_endpoints']).toBeLessThan(60)
    expect(first['claim_deliveries']).toBeLessThan(1000)
    expect(second['claim_deliveries']).toBeLessThan(1000)
    expect(first['insert_leased_deliveries']! - second['insert_leased_deliveries']!).toBeGreaterThan(50)
    expect(first['settle_deliveries']! - second['settle_deliveries']!).toBeGreaterThan(50)
  })

  it('finds what others add beside, between and behind the endpoints that it knows, at once', async () => {
    await insertDue(5, { endpoint: '%1' })
    await insertDue(5, { endpoint: '%3' })
    const { claim, settle } = workerOf(parts.database)
    const claimed = await claim()
    expect(countsOf(claimed)).toEqual({ 1: 5, 3: 5 })
    await settle(claimed)
    await insertEndpoints(parts.sql, 'ws_0', 1)
    await insertEndpoints(parts.sql, 'ws_1', 2, { prefix: 'zero' })
    await parts.sql(
      `insert into event (workspace_id, id, type, body, created_at) values ('ws_0', 'evt_0', 'a', '{}', now())`,
    )
    await parts.sql(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, next_attempt_at)
       select workspace_id, 'dlv_new_' || id, id, 'evt_0', 1, now() from webhook_endpoint`,
    )
    expect(
      (await claim())
        .map(({ endpointId, workspaceId }) => `${workspaceId} ${endpointId.slice(3, 7)} ${endpointId.at(-1)}`)
        .toSorted(),
    ).toEqual(['ws_0 many 1', 'ws_1 many 1', 'ws_1 many 2', 'ws_1 many 3', 'ws_1 zero 1', 'ws_1 zero 2'])
  })

  it('serves all workspaces alike while each has a backlog, though it knows them all', async () => {
    const count = 90
    await parts.sql('truncate webhook_endpoint')
    for (let nth = 0; nth < count; nth++)
      await insertEndpoints(parts.sql, `ws_${100 + nth}`, 1, { prefix: `${100 + nth}` })
    await parts.sql(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, next_attempt_at)
       select workspace_id, 'dlv_' || id || nth, id, 'evt_' || nth, nth, now() - interval '1 minute'
       from webhook_endpoint, generate_series(1, 100) nth`,
    )
    const { claimOnce, settle } = workerOf(parts.database)
    const served: string[] = []
    for (let nth = 0; nth < 20; nth++) {
      const { deliveries } = await claimOnce(50)
      served.push(...deliveries.map(({ workspaceId }) => workspaceId))
      await settle(deliveries)
    }
    const counts = [...Map.groupBy(served, (id) => id).values()].map(({ length }) => length)
    expect(counts).toHaveLength(count)
    expect(Math.max(...counts)).toBeLessThan(4 * Math.min(...counts))
  })

  it('finds what a transaction adds that began before the last look', async () => {
    await insertDue(1, { endpoint: '%1' })
    const { claim, starts } = workerOf(parts.database)
    const late = await parts.database.inTransaction(async (tx) => {
      await tx.query({ name: '', text: 'select now()' })
      expect(await claim()).toHaveLength(1)
      expect(starts.beginLook().known).toHaveLength(1)
      await tx.query({ name: '', text: insertOne })
    })
    expect(late).toBeUndefined()
    expect((await claim()).map(({ id }) => id)).toEqual(['dlv_late'])
  })

  it('finds at once what its settlement lets keep its place: a retry with the other secret; another retry is announced', async () => {
    await insertDue(3, { endpoint: '%1' })
    const { claim, starts } = workerOf(parts.database)
    const [first] = await claim()
    await insertDue(1, { endpoint: '%1', seconds: 30, contactId: 'cont_other' })
    const [second] = await claim()
    expect(starts.beginLook().known[0]!.start_at).not.toBe('-infinity')
    const retriesInMs: number[] = []
    const settler = createSettler({
      database: parts.database,
      signals: parts.signals,
      leaseMs: 60_000,
      disableAfterSeconds: 60,
      starts,
      onMoreDue: () => {},
      onRetryIn: (ms) => retriesInMs.push(ms),
      stopRetrying: new AbortController().signal,
    })
    const { delivery, result } = settlementOf(first!, 'SUCCEEDED')
    const verdict = { status: 'RETRYING', delaySeconds: 0, usesRetry: false, leadWithPrevious: true } as const
    expect(await settler.add({ delivery, result, verdict, endpointGone: false })).toBe(true)
    expect((await claim()).map(({ id }) => id)).toEqual([first!.id])

    const later = { ...verdict, delaySeconds: 2.5, usesRetry: true, leadWithPrevious: null }
    await settler.add({ ...settlementOf(second!, 'SUCCEEDED'), verdict: later, endpointGone: false })
    expect(retriesInMs).toEqual([2500])
  })

  it('finds within seconds what becomes due before its start: the lease of another worker ends', async () => {
    await insertDue(40, { endpoint: '%1' })
    const other = await workerOf(parts.database).claim()
    expect(other).toHaveLength(10)
    await insertDue(1, { endpoint: '%2' })
    const { claim, settle } = workerOf(parts.database)
    const [own] = await claim()
    expect(own!.endpointId).toMatch(/2$/)
    await parts.sql(
      `update delivery set lease_until = now() - interval '1 second' where lease_owner is not null and id <> '${own!.id}'`,
    )
    const found: LeasedDelivery[] = []
    await eventually(
      async () => {
        const claimed = await claim()
        if (claimed.length > 0) await settle(claimed)
        found.push(...claimed)
        return found.some(({ id }) => id === other[0]!.id)
      },
      () => `${found.length} others are found`,
    )
  })

  it('hears of deliveries whose lease has ended when it settles others', async () => {
    await insertDue(2, { endpoint: '%1' })
    const { claim } = workerOf(parts.database)
    const [first, second] = await claim()
    await parts.sql(`update delivery set lease_until = now() - interval '1 second' where id = '${second!.id}'`)
    const { moreIsDue } = await settleDeliveries(parts.database, [settlementOf(first!, 'SUCCEEDED')])
    expect(moreIsDue).toBe(true)
  })

  const newDelivery = {
    workspaceId: 'ws_1',
    endpointId: `wh_many${'1'.padStart(22, '0')}`,
    eventId: 'evt_new',
    eventPosition: 1_000_000,
    contactId: null,
    status: 'PENDING',
    trigger: 'AUTOMATIC',
  } as const

  it('leases no new delivery while an older one is due', async () => {
    await insertDue(30, { endpoint: '%1' })
    const worker = workerOf(parts.database)
    const claimed = await worker.claim()
    await worker.settle(claimed.slice(0, 5))
    expect(worker.starts.beginLook().known).toHaveLength(1)
    const leasing = { leaseMs: 1000, owner: 'worker', starts: worker.starts }
    expect(await parts.database.inTransaction((tx) => addLeased(tx, [newDelivery], leasing))).toEqual([])
  })

  it('leases no new delivery while the lease of an older one has ended', async () => {
    await insertDue(1, { endpoint: '%1' })
    await workerOf(parts.database).claim()
    await parts.sql(`update delivery set lease_until = now() - interval '1 second'`)
    const leasing = { leaseMs: 1000, owner: 'worker' }
    expect(await parts.database.inTransaction((tx) => addLeased(tx, [newDelivery], leasing))).toEqual([])
  })

  it('knows from its settlements, too, where what is due starts', async () => {
    await insertDue(2, { endpoint: '%1' })
    const claimed = await workerOf(parts.database).claim()
    const { settle, starts } = workerOf(parts.database)
    await settle(claimed.slice(0, 1))
    expect(starts.beginLook().known).toMatchObject([{ endpoint_id: newDelivery.endpointId, start_position: '0' }])
  })
})

const insertOne = `
  insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, next_attempt_at)
  select workspace_id, 'dlv_late', id, 'evt_late', 1000000, now()
  from webhook_endpoint
  where id like '%2'`
