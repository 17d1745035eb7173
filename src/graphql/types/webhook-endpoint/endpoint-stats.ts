import { statement } from '../../../database/database.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'

/** Statistics of an endpoint over the last 24 hours. */
interface EndpointStats {
  readonly successRate: number | null
  readonly p95LatencyMs: number | null
}

/**
 * Loads statistics with one statement for all endpoints of a list; undefined for an endpoint without attempts. Without
 * ADMIN the latencies of non-public addresses are excluded.
 */
export const endpointStats = createDataLoader<string, EndpointStats>(async ({ database, viewer }, ids) => {
  const rows = await database.query<StatsRow>(selectStats, [viewer.workspaceId, ids, hasScope(viewer, 'ADMIN')])
  return new Map(
    rows.map((row) => [row.endpoint_id, { successRate: row.success_rate, p95LatencyMs: row.p95_latency_ms }]),
  )
})

interface StatsRow {
  endpoint_id: string
  success_rate: number
  p95_latency_ms: number | null
}

// Index: delivery_workspace_id_endpoint_id_id_idx, then attempt_workspace_id_delivery_id_number_key.
const selectStats = statement(
  'select_endpoint_stats',
  `select d.endpoint_id,
          avg((a.error is null)::int)::float8 as success_rate,
          round(percentile_cont(0.95) within group (order by a.duration_ms)
                  filter (where $3 or not a.inside))::int as p95_latency_ms
   from delivery d
   join attempt a
     on a.workspace_id = d.workspace_id
    and a.delivery_id = d.id
   where d.workspace_id = $1
     and d.endpoint_id = any ($2::text[])
     and (d.completed_at is null or d.completed_at > now() - interval '24 hours')
     and a.started_at > now() - interval '24 hours'
   group by d.endpoint_id`,
)
