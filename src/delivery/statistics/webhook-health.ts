import { type Database, unpreparedStatement } from '../../database/database.ts'
import { firstIdAt } from '../../platform/ids.ts'

/** How the attempts of a time range went. */
export interface WebhookHealth {
  /** Attempts that were looked at: the newest of the range. */
  readonly attempts: number
  /** Null without attempts. */
  readonly successRate: number | null
  readonly p95Ms: number | null
}

/** Time from captures of new contacts until a receiver first accepted them. */
export interface SpeedToLead {
  /** New contacts that were looked at and accepted by a receiver. */
  readonly delivered: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

interface RangeRequest {
  readonly workspaceId: string
  /** Inclusive. */
  readonly from: Date
  /** Exclusive. */
  readonly to: Date
}

const maxAttempts = 20_000
const maxEvents = 5000
/** Events that are read to find those of new contacts. */
const maxRead = 20_000
/** Maximum difference between a node's clock, which ids contain, and the database's clock, which sets the time. */
const maxClockDifferenceMs = 3_600_000

/** Reads the health of all webhooks. Without `seesInside` the latencies of non-public addresses are excluded. */
export async function readWebhookHealth(
  database: Database,
  { workspaceId, from, to, seesInside }: RangeRequest & { readonly seesInside: boolean },
): Promise<WebhookHealth> {
  const [row] = await database.query<{ attempts: number; success_rate: number | null; p95_ms: number | null }>(
    selectHealth,
    [
      workspaceId,
      firstIdAt('attempt', from.getTime() - maxClockDifferenceMs),
      firstIdAt('attempt', to.getTime() + maxClockDifferenceMs),
      from.toISOString(),
      to.toISOString(),
      seesInside,
      maxAttempts,
    ],
  )
  return { attempts: row?.attempts ?? 0, successRate: row?.success_rate ?? null, p95Ms: row?.p95_ms ?? null }
}

/** Reads the speed to lead of the newest contacts of a time range. */
export async function readSpeedToLead(
  database: Database,
  { workspaceId, from, to }: RangeRequest,
): Promise<SpeedToLead> {
  const range = [workspaceId, from.toISOString(), to.toISOString()]
  const [row] = await database.query<{ delivered: number; p50_ms: number | null; p95_ms: number | null }>(selectSpeed, [
    ...range,
    maxRead,
    maxEvents,
  ])
  return { delivered: row?.delivered ?? 0, p50Ms: row?.p50_ms ?? null, p95Ms: row?.p95_ms ?? null }
}

// Index: attempt_pkey, from its end. The id has the time when the attempt was recorded.
const selectHealth = unpreparedStatement(
  'select_webhook_health',
  `select count(*)::int as attempts,
          avg((error is null)::int)::float8 as success_rate,
          round(percentile_cont(0.95) within group (order by duration_ms)
                  filter (where $6::boolean or not inside))::int as p95_ms
   from (
     select error, duration_ms, inside
     from attempt
     where workspace_id = $1
       and id >= $2
       and id < $3
       and started_at >= $4::timestamptz
       and started_at < $5::timestamptz
     order by id desc
     limit $7
   ) as newest`,
)

// Indexes: event_workspace_id_created_at_idx, from its end; delivery_workspace_id_event_id_endpoint_id_key;
// attempt_workspace_id_delivery_id_number_key.
const selectSpeed = unpreparedStatement(
  'select_speed_to_lead',
  `with newest as (
     select id, type, created_at
     from event
     where workspace_id = $1
       and created_at >= $2::timestamptz
       and created_at < $3::timestamptz
     order by created_at desc
     limit $4
   ),
   leads as (
     select id, created_at
     from newest
     where type = 'contact.created'
     order by created_at desc
     limit $5
   )
   select count(*)::int as delivered,
          round(percentile_cont(0.5) within group (order by ms))::int as p50_ms,
          round(percentile_cont(0.95) within group (order by ms))::int as p95_ms
   from leads
   cross join lateral (
     select min(a.started_at + a.duration_ms * interval '1 ms') as at
     from delivery d
     join attempt a on a.workspace_id = d.workspace_id and a.delivery_id = d.id
     where d.workspace_id = $1
       and d.event_id = leads.id
       and a.error is null
   ) as first_accepted
   cross join lateral (
     select greatest(extract(epoch from first_accepted.at - leads.created_at) * 1000, 0) as ms
   ) as taken
   where first_accepted.at is not null`,
)
