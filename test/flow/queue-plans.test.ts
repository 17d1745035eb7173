import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tx } from '../../src/database/database.ts'
import { endpointDeliveries } from '../../src/delivery/endpoint-switch.ts'
import {
  cancelDeliveriesOfContact,
  claimDeliveries,
  replayDeliveries,
  retryDelivery,
  returnLeases,
  settleDeliveries,
} from '../../src/delivery/queue/queue.ts'
import { explainWork, type PlanMode, planModes, rowsReadOf } from '../support/explain.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { settlementOf } from '../support/webhook-parts.ts'

const events = 3000
const endpoints = 2
const request = { limit: 20, leaseMs: 30_000, owner: 'worker' }
const endpoint = { workspaceId: 'ws_full', endpointId: `wh_many${'1'.padStart(22, '0')}` }
/** A pass over this small table may be the best plan for many rows, but never one pass for each of them. */
const maxRows = 1.5 * events * endpoints

/** When the table was analyzed: never, with the backlog, or before it, when everything had been sent. */
type Statistics = 'without' | 'with' | 'before'

/**
 * One workspace has all deliveries, all open. Without statistics the planner takes a partial index for almost empty, and
 * scans it for each row that it looks up: a settlement read 30,000 rows to settle two. With those of an empty queue it took
 * another index than that of due deliveries, and each claim read the whole backlog.
 */
describe.each<[string, Statistics]>([
  ['without statistics', 'without'],
  ['with statistics', 'with'],
  ['with statistics of an empty queue', 'before'],
])('13.4: the statements of the queue, %s', (_title, statistics) => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await parts.sql('alter table delivery set (autovacuum_enabled = off)')
    await fill(parts)
    if (statistics === 'before') await analyzeEmpty(parts)
    if (statistics === 'with') await parts.sql('analyze')
  })
  afterAll(() => parts.close())

  /** Returns the rows of `delivery` that each statement has read, by name. */
  const rowsRead = async (mode: PlanMode, work: (tx: Tx) => Promise<unknown>) => {
    const plans = await explainWork(parts.database, mode, work)
    return Object.fromEntries([...plans].map(([name, nodes]) => [name, rowsReadOf(nodes, 'delivery')]))
  }

  describe.each(planModes)('%s', (mode) => {
    it('claim, settle and return only what they look up', async () => {
      const rows = await rowsRead(mode, async (tx) => {
        const { deliveries } = await claimDeliveries(tx, request)
        expect(deliveries).toHaveLength(request.limit)
        const [first, second, ...rest] = deliveries
        await returnLeases(tx, [first!, second!])
        const { ids } = await settleDeliveries(
          tx,
          rest.map((delivery, nth) => settlementOf(delivery, nth % 3 === 0 ? 'RETRYING' : 'SUCCEEDED', 60)),
        )
        expect(ids.size).toBe(rest.length)
      })
      expect(Object.keys(rows)).toEqual(expect.arrayContaining(['claim_deliveries', 'settle_deliveries']))
      expect(Math.max(...Object.values(rows)), JSON.stringify(rows)).toBeLessThan(maxRows)
    })

    it('find what is due without reading the backlog', async () => {
      const rows = await rowsRead(mode, (tx) => claimDeliveries(tx, request))
      const found = ['select_open_workspaces', 'select_busy_endpoints'].map((name) => rows[name] ?? Number.NaN)
      expect(Math.max(...found), JSON.stringify(rows)).toBeLessThan(10)
    })

    it('settle without reading for each delivery what its endpoint has in flight', async () => {
      const inFlight = 1000
      const rows = await rowsRead(mode, async (tx) => {
        const { deliveries } = await claimDeliveries(tx, request)
        await tx.query({ name: '', text: othersInFlight(inFlight) })
        const settlements = deliveries.map((delivery) => settlementOf(delivery, 'SUCCEEDED'))
        expect((await settleDeliveries(tx, settlements)).moreIsDue).toBe(true)
      })
      expect(rows['settle_deliveries'], JSON.stringify(rows)).toBeGreaterThan(inFlight)
      expect(rows['settle_deliveries'], JSON.stringify(rows)).toBeLessThan(maxRows)
    })

    it('put into their lanes only what waits there', async () => {
      const rows = await rowsRead(mode, async (tx) => {
        await tx.query({ name: '', text: oneContactFirst })
        await claimDeliveries(tx, request)
      })
      expect(rows['put_deliveries_in_lane'], JSON.stringify(rows)).toBeLessThan(maxRows)
    })

    it('cancel, retry and replay only what they are asked for', async () => {
      const ids = await idsOf(parts, 5)
      const rows = await rowsRead(mode, async (tx) => {
        await retryDelivery(tx, 'ws_full', ids[0]!)
        const replayed = { workspaceId: 'ws_full', ids, status: ['PENDING', 'HELD'] } as const
        expect(await replayDeliveries(tx, replayed)).toBe(ids.length)
        const contact = { workspaceId: 'ws_full', contactId: 'cont_7' }
        const limits = { limit: 1000, onlyIfFull: false }
        expect(await cancelDeliveriesOfContact(tx, contact, limits)).toBe(endpoints)
      })
      expect(Math.max(...Object.values(rows)), JSON.stringify(rows)).toBeLessThan(maxRows)
    })

    it('switch an endpoint without reading its backlog for each', async () => {
      const rows = await rowsRead(mode, async (tx) => {
        await endpointDeliveries.hold(tx, endpoint)
        await endpointDeliveries.release(tx, endpoint)
        await endpointDeliveries.cancel(tx, endpoint)
      })
      expect(Math.max(...Object.values(rows)), JSON.stringify(rows)).toBeLessThan(maxRows)
    })
  })
})

/** Makes the deliveries that are due first those of one contact. */
const oneContactFirst = `
  update delivery
  set contact_id = 'cont_1'
  where event_position <= (select min(event_position) + 40 from delivery)`

/** Leases as many deliveries of each endpoint, which are due before all others. */
const othersInFlight = (count: number) => `
  update delivery
  set lease_until = now() + interval '1 hour',
      next_attempt_at = now() - interval '1 hour'
  where lease_until is null
    and event_position > (select max(event_position) - ${count} from delivery)`

async function idsOf(parts: TestParts, count: number): Promise<string[]> {
  const rows = await parts.sql<{ id: string }>('select id from delivery order by id limit $1', [count])
  return rows.map(({ id }) => id)
}

/** Leaves statistics of a table in which nothing is open, and an index of due deliveries that is larger than others. */
async function analyzeEmpty(parts: TestParts): Promise<void> {
  for (let nth = 0; nth < 3; nth++)
    await parts.sql(`update delivery set next_attempt_at = next_attempt_at - interval '1 minute'`)
  await parts.sql(`update delivery set status = 'SUCCEEDED', next_attempt_at = null`)
  await parts.sql('analyze')
  await parts.sql(`update delivery set status = 'PENDING', next_attempt_at = now() - interval '1 minute'`)
}

async function fill(parts: TestParts): Promise<void> {
  await insertEndpoints(parts.sql, 'ws_full', endpoints)
  await insertEvents(parts.sql, 'ws_full', events)
  await parts.sql(
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, next_attempt_at)
     select event.workspace_id, 'dlv_' || e.id || event.id, e.id, event.id, event.position, event.contact_id,
            now() - interval '1 minute'
     from event
     join webhook_endpoint e on e.workspace_id = event.workspace_id`,
  )
}
