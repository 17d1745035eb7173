import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCaptureSeries, readCaptureTotals } from '../../src/capture/statistics/capture-series.ts'
import { countHeld, countHeldOfSources } from '../../src/capture/statistics/held-counts.ts'
import { readTopCampaigns, readTopLandingPages } from '../../src/contacts/lead-origins.ts'
import type { Database } from '../../src/database/database.ts'
import { readFailingEndpoints } from '../../src/delivery/statistics/failing-endpoints.ts'
import { readSpeedToLead, readWebhookHealth } from '../../src/delivery/statistics/webhook-health.ts'
import { explainWork, planModes } from '../support/explain.ts'
import { fillTables } from '../support/many-rows.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { openOwn } from '../support/test-parts.ts'

const rows = 60_000
const workspaceId = 'ws_1'
/** An hour near the end of the rows, one of which was made every ten seconds. */
const from = new Date(Date.parse('2026-01-01T00:00:00Z') + (rows - 720) * 10_000)
const to = new Date(from.getTime() + 3_600_000)
const range = { workspaceId, from, to, buckets: 24 }

const statistics: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  count_captures_by_bucket_and_source: (database) => readCaptureSeries(database, range),
  count_captures: (database) => readCaptureTotals(database, range),
  count_leads_by_campaign: (database) => readTopCampaigns(database, range),
  count_leads_by_landing_page: (database) => readTopLandingPages(database, range),
  select_webhook_health: (database) => readWebhookHealth(database, { ...range, seesInside: true }),
  select_speed_to_lead: (database) => readSpeedToLead(database, range),
  select_failing_endpoints: (database) => readFailingEndpoints(database, workspaceId),
  count_held_submissions: (database) => countHeld(database, workspaceId, 10_001),
  count_held_submissions_of_sources: (database) => countHeldOfSources(database, workspaceId, 10_001),
}

describe('the statistics of Home, in tables that have grown', () => {
  let own: OwnDatabase
  let database: Database

  beforeAll(async () => {
    own = await createTestDatabase()
    database = await openOwn(own)
    await fillTables({ url: own.environment.DATABASE_URL, workspaceId, rows })
  })

  afterAll(async () => {
    await database?.close()
    await own?.drop()
  })

  it.each(Object.keys(statistics))('read a range by an index: %s', async (name) => {
    for (const mode of planModes) {
      // Only `query` is used of the database.
      const plans = await explainWork(database, mode, (tx) => statistics[name]!(tx as unknown as Database))
      const nodes = plans.get(name) ?? []
      const scans = nodes.filter((node) => node['Relation Name'] !== undefined)
      const read = scans.map(
        (node) => node['Actual Rows'] * node['Actual Loops'] + (node['Rows Removed by Filter'] ?? 0),
      )
      expect(nodes).not.toEqual([])
      expect(Math.max(0, ...read), `${mode}: ${JSON.stringify(nodes, null, 1)}`).toBeLessThan(2000)
    }
  })
})
