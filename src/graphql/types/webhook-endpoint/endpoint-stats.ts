import { unpreparedStatement } from '../../../database/database.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'

/** Statistics of an endpoint over the last 24 hours. */
interface EndpointStats {
  readonly successRate: number | null
  readonly p95LatencyMs: number | null
  /** Hours with attempts: how many hours ago, the attempts, and the failed ones among them. */
  readonly hours: readonly HourRow[]
}

type HourRow = readonly [hoursAgo: number, attempts: number, failed: number]

/** Attempts of one hour. */
export interface AttemptHour {
  readonly start: Date
  readonly attempts: number
  readonly failed: number
}

const hourMs = 3_600_000
const shownHours = 24

/**
 * Loads statistics with one statement for all endpoints of a list; undefined for an endpoint without attempts. Without
 * ADMIN the latencies of non-public addresses are excluded.
 */
export const endpointStats = createDataLoader<string, EndpointStats>(async ({ database, viewer }, ids) => {
  const rows = await database.query<StatsRow>(selectStats, [viewer.workspaceId, ids, hasScope(viewer, 'ADMIN')])
  return new Map(
    rows.map((row) => [
      row.endpoint_id,
      { successRate: row.success_rate, p95LatencyMs: row.p95_latency_ms, hours: row.hours },
    ]),
  )
})

/** Returns the last 24 hours until now, the oldest first, also those without attempts. */
export function hoursUntil(now: Date, { hours }: Pick<EndpointStats, 'hours'>): AttemptHour[] {
  const known = new Map(hours.map(([hoursAgo, attempts, failed]) => [hoursAgo, { attempts, failed }]))
  return Array.from({ length: shownHours }, (_, nth) => {
    const hoursAgo = shownHours - 1 - nth
    const start = new Date(now.getTime() - (hoursAgo + 1) * hourMs)
    return { start, ...(known.get(hoursAgo) ?? { attempts: 0, failed: 0 }) }
  })
}

interface StatsRow {
  endpoint_id: string
  success_rate: number
  p95_latency_ms: number | null
  hours: HourRow[]
}

// Index: delivery_workspace_id_endpoint_id_id_idx, then attempt_workspace_id_delivery_id_number_key.
const selectStats = unpreparedStatement(
  'select_endpoint_stats',
  `with made as (
     select d.endpoint_id, a.error, a.duration_ms, a.inside,
            floor(extract(epoch from now() - a.started_at) / 3600)::int as hours_ago
     from delivery d
     join attempt a
       on a.workspace_id = d.workspace_id
      and a.delivery_id = d.id
     where d.workspace_id = $1
       and d.endpoint_id = any ($2::text[])
       and (d.completed_at is null or d.completed_at > now() - interval '24 hours')
       and a.started_at > now() - interval '24 hours'
   ),
   hourly as (
     select endpoint_id, json_agg(json_build_array(hours_ago, attempts, failed)) as hours
     from (
       select endpoint_id, greatest(hours_ago, 0) as hours_ago, count(*) as attempts, count(error) as failed
       from made
       group by 1, 2
     ) by_hour
     group by endpoint_id
   )
   select endpoint_id, success_rate, p95_latency_ms, hours
   from (
     select endpoint_id,
            avg((error is null)::int)::float8 as success_rate,
            round(percentile_cont(0.95) within group (order by duration_ms)
                    filter (where $3 or not inside))::int as p95_latency_ms
     from made
     group by endpoint_id
   ) whole
   join hourly using (endpoint_id)`,
)
