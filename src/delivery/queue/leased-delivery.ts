import type { SentEvent } from '../../events/event-log.ts'
import type { AttemptTrigger } from '../../generated/prisma/enums.ts'

/** A delivery that belongs to this worker until its lease ends. */
export interface LeasedDelivery {
  readonly workspaceId: string
  readonly id: string
  readonly endpointId: string
  readonly leaseToken: number
  readonly attemptCount: number
  readonly retryCount: number
  readonly throttleCount: number
  readonly trigger: AttemptTrigger
  readonly url: string
  /** Ciphertext, as is the previous secret, which is set during a rotation's overlap. */
  readonly secret: string
  readonly previousSecret: string | null
  /** Whether the endpoint accepted the previous secret last. */
  readonly acceptsPrevious: boolean
  /** Set if the previous attempt was refused for its secret: whether this attempt must sign with the previous one first. */
  readonly leadsWithPrevious: boolean | null
  /** Whether the endpoint has failed since its last success. */
  readonly endpointFails: boolean
  readonly eventId: string
  /** Null if it no longer exists. */
  readonly event: SentEvent | null
}

/** Columns of a leased delivery, its endpoint and its event. */
export interface LeasedRow {
  workspace_id: string
  id: string
  endpoint_id: string
  lease_token: number
  attempt_count: number
  retry_count: number
  throttle_count: number
  trigger: AttemptTrigger
  url: string
  secret: string
  previous_secret: string | null
  accepts_previous: boolean
  leads_with_previous: boolean | null
  endpoint_fails: boolean
  event_id: string
  event_type: string | null
  event_body: string | null
  traceparent: string | null
}

/** Returns the delivery of a row. */
export function leasedDeliveryOf(row: LeasedRow): LeasedDelivery {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    endpointId: row.endpoint_id,
    leaseToken: row.lease_token,
    attemptCount: row.attempt_count,
    retryCount: row.retry_count,
    throttleCount: row.throttle_count,
    trigger: row.trigger,
    url: row.url,
    secret: row.secret,
    previousSecret: row.previous_secret,
    acceptsPrevious: row.accepts_previous,
    leadsWithPrevious: row.leads_with_previous,
    endpointFails: row.endpoint_fails,
    eventId: row.event_id,
    event: eventOfClaim(row),
  }
}

function eventOfClaim({ event_id: id, event_type: type, event_body: body, traceparent }: LeasedRow): SentEvent | null {
  return type === null || body === null ? null : { id, type, body, traceparent }
}
