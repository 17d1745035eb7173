import { statement, type Tx } from '../database/database.ts'
import type { EventDraft } from '../events/event-types.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { EndpointDeliveries, EndpointKey } from './endpoint-deliveries.ts'

/** Result of a batch of attempts for one endpoint. */
export interface EndpointReport extends EndpointKey {
  readonly succeeded: boolean
  /** Failures after the last success of the batch, or all of them. */
  readonly failures: number
  /** Seconds until the first retry that the batch scheduled. */
  readonly retrySeconds: number
  /** Whether a delivery has failed for the fourth time. */
  readonly isFailingHard: boolean
  /** For a success during a rotation: whether the endpoint accepted the previous secret. */
  readonly acceptsPrevious: boolean | null
}

/** Failures after which an endpoint is probed with single deliveries instead of its whole backlog. */
const breakerAfterFailures = 10
const maxProbeSeconds = 60

/**
 * Updates the health of endpoints in the transaction that settles their attempts, and disables those that have failed
 * without a success for too long. Returns the events about these changes, which the caller appends last.
 */
export async function recordHealth(
  tx: Tx,
  reports: readonly EndpointReport[],
  parts: { readonly deliveries: EndpointDeliveries; readonly disableAfterSeconds: number },
): Promise<EventDraft[]> {
  if (reports.length === 0) return []
  const rows = await tx.query<HealthRow>(updateHealth, [
    reports.map((report) => report.workspaceId),
    reports.map((report) => report.endpointId),
    reports.map((report) => report.succeeded),
    reports.map((report) => report.failures),
    reports.map((report) => report.retrySeconds),
    reports.map((report) => report.isFailingHard),
    reports.map((report) => report.acceptsPrevious),
    parts.disableAfterSeconds,
    breakerAfterFailures,
    maxProbeSeconds,
  ])
  const disabled = rows.filter((row) => row.gives_up)
  for (const row of disabled) await disableEndpoint(tx, keyOf(row), 'AUTO_DISABLED', failedTooLong, parts.deliveries)
  return rows.flatMap((row) => [
    ...(row.starts_failing ? [healthEvent('webhook.failing', keyOf(row), row.now)] : []),
    ...(row.recovers ? [healthEvent('webhook.recovered', keyOf(row), row.now)] : []),
    ...(row.gives_up ? [healthEvent('webhook.disabled', keyOf(row), row.now, failedTooLong)] : []),
  ])
}

const failedTooLong = 'failed for too long'

/**
 * Disables an endpoint that responded with 410, and returns the event about it, or none if it was no longer enabled. Every
 * key and other receivers can read the reason, so it does not quote the response of an address that is not public.
 */
export async function disableGoneEndpoint(
  tx: Tx,
  key: EndpointKey,
  inside: boolean,
  deliveries: EndpointDeliveries,
): Promise<EventDraft[]> {
  const reason = inside ? 'no longer accepts webhooks' : 'responded with 410 Gone'
  const disabledAt = await disableEndpoint(tx, key, 'AUTO_DISABLED', reason, deliveries)
  return disabledAt ? [healthEvent('webhook.disabled', key, disabledAt, reason)] : []
}

/** Disables an enabled endpoint and holds its open deliveries; returns the time, or undefined if it was not enabled. */
export async function disableEndpoint(
  tx: Tx,
  key: EndpointKey,
  status: 'DISABLED' | 'AUTO_DISABLED',
  reason: string,
  deliveries: EndpointDeliveries,
): Promise<Date | undefined> {
  const { workspaceId, endpointId } = key
  const [disabled] = await tx.query<{ now: Date }>(markDisabled, [workspaceId, endpointId, status, reason])
  if (disabled === undefined) return undefined
  await deliveries.hold(tx, key)
  if (status === 'AUTO_DISABLED')
    await recordAudit(tx, {
      workspaceId,
      actor: 'system',
      action: 'webhook_endpoint.auto_disabled',
      targetId: endpointId,
    })
  return disabled.now
}

/** Creates an event about an endpoint's health for other endpoints; it is never sent to the endpoint itself. */
export function healthEvent(
  type: 'webhook.failing' | 'webhook.recovered' | 'webhook.disabled',
  { workspaceId, endpointId: id }: EndpointKey,
  occurredAt: Date,
  reason?: string,
): EventDraft {
  const data = { id, ...(reason !== undefined && { reason }) }
  return { workspaceId, id: newId('event'), type, contactId: null, occurredAt, data }
}

interface HealthRow {
  workspace_id: string
  id: string
  now: Date
  starts_failing: boolean
  recovers: boolean
  gives_up: boolean
}

function keyOf({ workspace_id: workspaceId, id: endpointId }: HealthRow): EndpointKey {
  return { workspaceId, endpointId }
}

// Index: webhook_endpoint_pkey. A success of a healthy endpoint writes nothing. Rows are locked in the order of their
// keys, so that two batches cannot deadlock. Uses `no key update`, because the fan-out holds key locks on many endpoints
// for a long time.
const updateHealth = statement(
  'update_endpoint_health',
  `with report as (
     select *
     from unnest($1::text[], $2::text[], $3::boolean[], $4::int[], $5::float8[], $6::boolean[], $7::boolean[])
       as given (workspace_id, endpoint_id, succeeded, failures, retry_seconds, is_failing_hard, accepts_previous)
   ),
   before as (
     select e.*
     from webhook_endpoint e
     join report on report.workspace_id = e.workspace_id and report.endpoint_id = e.id
     where report.failures > 0
        or e.failure_count > 0
        or e.failing_announced
        or (report.accepts_previous is not null and report.accepts_previous <> e.accepts_previous)
     order by e.workspace_id, e.id
     for no key update of e
   )
   update webhook_endpoint e
   set failure_count = case when report.succeeded then 0 else before.failure_count end + report.failures,
       failing_since = case
         when report.failures = 0 then null
         when report.succeeded then now()
         else coalesce(before.failing_since, now())
       end,
       failing_announced = case when report.succeeded then false else before.failing_announced end
         or (report.is_failing_hard and report.failures > 0),
       probe_at = case
         when report.failures > 0 and case when report.succeeded then 0 else before.failure_count end
              + report.failures >= $9::int
         then now() + least(report.retry_seconds, $10::float8) * interval '1 second'
       end,
       accepts_previous = coalesce(report.accepts_previous, before.accepts_previous)
   from report
   join before on before.workspace_id = report.workspace_id and before.id = report.endpoint_id
   where e.workspace_id = report.workspace_id
     and e.id = report.endpoint_id
   returning e.workspace_id, e.id, now()::timestamptz(3) as now,
             e.failing_announced and (not before.failing_announced or report.succeeded) as starts_failing,
             report.succeeded and before.failing_announced as recovers,
             e.status = 'ENABLED' and e.failing_since <= now() - $8::float8 * interval '1 second' as gives_up`,
)

// Index: webhook_endpoint_pkey. The key lock waits for the fan-out, which adds deliveries by the endpoint's status.
const markDisabled = statement(
  'disable_webhook_endpoint',
  `with locked as (
     select
     from webhook_endpoint
     where workspace_id = $1
       and id = $2
       and status = 'ENABLED'
     for update
   )
   update webhook_endpoint
   set status = $3::text::webhook_endpoint_status,
       disabled_reason = $4,
       updated_at = now()
   where workspace_id = $1
     and id = $2
     and status = 'ENABLED'
     and exists (select from locked)
   returning now()::timestamptz(3) as now`,
)
