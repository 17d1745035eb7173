import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { blocksOf, explainWork, type PlanMode, type PlanNode, planModes } from '../support/explain.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const endpoints = 20
const due = 20_000
const claim = 50
/** Of 20 endpoints ten rows each are found and looked up; what is claimed of them is put into each index anew. */
const maxBlocks = 80 * claim

describe('the claim, planned by PostgreSQL', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await fill(parts)
  })
  afterAll(() => parts.close())

  const history: Record<string, number> = {}

  describe.each([40_000, 200_000])('after %i deliveries', (rows) => {
    beforeAll(() => addHistory(parts, rows))

    it.each(planModes)('takes what is due by the partial indexes, not by the history: %s', async (mode) => {
      await parts.sql('analyze')
      const { claimed, blocks, nodes } = await explainClaim(parts, mode)
      expect(claimed).toBe(claim)
      expect(sequentialScans(nodes)).toEqual([])
      expect(indexesOf(nodes)).toEqual(['delivery_lane_idx', 'delivery_lease_idx', 'delivery_open_idx'])
      expect(blocks).toBeLessThan(maxBlocks)
      expect(blocks).toBeLessThan(1.5 * (history[mode] ?? maxBlocks))
      history[mode] = blocks
    })
  })

  it.each(planModes)('does so before the statistics know of any row: %s', async (mode) => {
    await parts.sql(`delete from pg_statistic where starelid = 'delivery'::regclass`)
    await parts.sql(`update pg_class set reltuples = -1, relpages = 0 where relname like 'delivery%'`)
    const { blocks, nodes } = await explainClaim(parts, mode)
    expect(sequentialScans(nodes)).toEqual([])
    expect(blocks).toBeLessThan(maxBlocks)
  })
})

/** The nodes of the plans of a claim's statements. */
async function explainClaim({ database }: TestParts, mode: PlanMode) {
  const request = { limit: claim, leaseMs: 30_000, owner: 'worker' }
  let claimed = 0
  const plans = await explainWork(database, mode, async (tx) => {
    claimed = (await claimDeliveries(tx, request)).deliveries.length
  })
  expect([...plans.keys()]).toEqual([
    'lock_claims',
    'select_open_workspaces',
    'select_busy_endpoints',
    'claim_deliveries',
  ])
  const blocks = [...plans.values()].reduce((sum, plan) => sum + blocksOf(plan), 0)
  return { claimed, blocks, nodes: [...plans.values()].flat() }
}

function sequentialScans(plan: readonly PlanNode[]): (string | undefined)[] {
  return plan
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'])
    .filter((relation) => relation !== 'webhook_endpoint')
}

/** Those of the deliveries, but for the keys by which single rows are reached. */
function indexesOf(plan: readonly PlanNode[]): string[] {
  const names = plan.flatMap((node) => node['Index Name'] ?? [])
  return [...new Set(names)].filter((name) => name.startsWith('delivery_') && name !== 'delivery_pkey').toSorted()
}

async function fill(parts: TestParts): Promise<void> {
  // So many that reading all of them would cost.
  await parts.sql(
    `insert into workspace (id, slug, name, allowed_origins, redirect_origins, stages)
     select 'ws_' || nth, 'ws-' || nth, '', '{}', '{}', '{}' from generate_series(0, 4999) nth`,
  )
  await parts.sql(
    `insert into webhook_endpoint (workspace_id, id, url, events, secret, secret_hint, max_in_flight)
     select 'ws_' || nth % 4, 'wh_' || nth, 'http://127.0.0.1:9/', '{*}', '', '', 15
     from generate_series(0, $1::int - 1) nth`,
    [endpoints],
  )
  await parts.sql(
    `insert into event (workspace_id, id, type, contact_id, body, created_at)
     select 'ws_' || nth % 4, 'evt_due_' || nth, 'contact.created', 'cont_' || nth % 5000, '{}', now()
     from generate_series(1, $1::int) nth`,
    [due],
  )
  await parts.sql(
    `insert into delivery
       (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, next_attempt_at)
     select workspace_id, 'dlv_' || id, 'wh_' || position % $1::int, id, position, contact_id, 'PENDING',
            now() - interval '1 minute'
     from event`,
    [endpoints],
  )
  await parts.sql(`update delivery set lease_until = now() + interval '1 hour' where event_position % 401 = 0`)
}

/** Closed deliveries, so that there are as many. */
async function addHistory({ sql }: TestParts, rows: number): Promise<void> {
  const [row] = await sql<{ count: number }>(`select count(*)::int as count from delivery where status <> 'PENDING'`)
  for (let first = row!.count; first < rows; first += 20_000)
    await sql(
      `insert into delivery
         (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, attempt_count, completed_at)
       select 'ws_' || nth % 4, 'dlv_old_' || nth, 'wh_' || nth % $1::int, 'evt_old_' || nth, -nth,
              'cont_' || nth % 5000, case when nth % 50 = 0 then 'FAILED' else 'SUCCEEDED' end::delivery_status, 1, now()
       from generate_series($2::int + 1, $2::int + 20000) nth`,
      [endpoints, first],
    )
}
