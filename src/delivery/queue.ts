import type { Queryable, Statement, Tx } from '../database/database.ts'
import type { AttemptTrigger, DeliveryStatus } from '../generated/prisma/enums.ts'
import { newId } from '../ids.ts'
import type { EndpointDeliveries, EndpointKey } from '../webhooks/endpoint-deliveries.ts'
import type { AttemptResult } from './attempt.ts'
import {
  cancelOfContact,
  cancelOpen,
  claimDue,
  endLeases,
  endLostLeases,
  holdOpen,
  insertDeliveries,
  lockClaims,
  releaseHeld,
  replayNow,
  retryNow,
  settleClaimed,
} from './queue-statements.ts'

/**
 * The queue is the deliveries table, and every change of a delivery's state stands here:
 *
 *   (fan-out) ─▶ PENDING ─▶ claim ─▶ settle ─▶ SUCCEEDED | RETRYING | FAILED | HELD
 *                  ▲                              │ RETRYING is claimed again when it is due
 *   hold: PENDING, RETRYING ─▶ HELD, release: back; cancel, of an endpoint or a contact: all open ─▶ CANCELED
 *
 * A claim is a lease with a fencing token: a worker that was paused past its lease settles nothing any more.
 */

/** A delivery that an event owes to an endpoint. */
export interface NewDelivery {
  readonly workspaceId: string
  readonly endpointId: string
  readonly eventId: string
  readonly eventPosition: number
  readonly contactId: string | null
  readonly status: Extract<DeliveryStatus, 'PENDING' | 'HELD'>
  readonly trigger: AttemptTrigger
}

/** Adds deliveries, one per event and endpoint, and answers their ids; what is there already stays as it is. */
export async function addDeliveries(
  tx: Tx,
  deliveries: readonly NewDelivery[],
  firstDelaySeconds: number,
): Promise<string[]> {
  if (deliveries.length === 0) return []
  const rows = await tx.query<{ id: string }>(insertDeliveries, [
    deliveries.map((delivery) => delivery.workspaceId),
    deliveries.map(() => newId('delivery')),
    deliveries.map((delivery) => delivery.endpointId),
    deliveries.map((delivery) => delivery.eventId),
    deliveries.map((delivery) => delivery.eventPosition),
    deliveries.map((delivery) => delivery.contactId),
    deliveries.map((delivery) => delivery.status),
    deliveries.map((delivery) => delivery.trigger),
    firstDelaySeconds,
  ])
  return rows.map(({ id }) => id)
}

/** A delivery that belongs to this worker until its lease ends. */
export interface ClaimedDelivery {
  readonly workspaceId: string
  readonly id: string
  readonly endpointId: string
  readonly leaseToken: number
  readonly attemptCount: number
  readonly retryCount: number
  readonly throttleCount: number
  readonly trigger: AttemptTrigger
  readonly url: string
  /** Ciphertexts; the previous one while a rotation's overlap lasts. */
  readonly secret: string
  readonly previousSecret: string | null
  /** Whether the endpoint accepted the previous secret last. */
  readonly acceptsPrevious: boolean
  /** Set when the attempt before was refused for its secret: the other one, that this attempt is to lead with. */
  readonly leadsWithPrevious: boolean | null
  /** Whether the endpoint had failures since its last success. */
  readonly endpointFails: boolean
  readonly event: { readonly id: string; readonly type: string; readonly body: string }
}

export interface Claim {
  readonly deliveries: ClaimedDelivery[]
  /** Whether more may be due now and free to be claimed. */
  readonly leavesSome: boolean
}

/**
 * Takes what is due, endpoints in turns, each at most `max_in_flight` at a time over all workers, and of a contact's
 * events only the earliest that is open. Claims follow each other under a lock, so that they count each other's leases.
 */
export async function claimDeliveries(
  tx: Tx,
  request: { readonly limit: number; readonly leaseMs: number; readonly owner: string },
): Promise<Claim> {
  await tx.query(lockClaims)
  const rows = await tx.query<ClaimedRow>(claimDue, [request.limit, request.leaseMs, request.owner])
  return { deliveries: rows.map(claimedOf), leavesSome: rows[0]?.leaves_some ?? false }
}

/** How an attempt ends for its delivery. A retry comes after `delaySeconds`, by the database's clock. */
export type Verdict =
  | { readonly status: 'SUCCEEDED' | 'FAILED' | 'HELD' }
  | {
      readonly status: 'RETRYING'
      readonly delaySeconds: number
      readonly usesRetry: boolean
      /** Set: the secret of this attempt was refused, and the next one is to lead with the other. */
      readonly leadWithPrevious: boolean | null
    }

export interface Settlement {
  readonly delivery: ClaimedDelivery
  readonly result: AttemptResult
  readonly verdict: Verdict
}

/** What a worker learns of its settlements: which were still its own, and whether more is due at their endpoints. */
export interface Settled {
  readonly ids: ReadonlySet<string>
  readonly moreIsDue: boolean
}

/** Records attempts and what follows from them, in one statement. Of those that are another worker's by now nothing. */
export async function settleDeliveries(database: Queryable, settlements: readonly Settlement[]): Promise<Settled> {
  const rows = await database.query<{ delivery_id: string; more_is_due: boolean }>(settleClaimed, [
    settlements.map(({ delivery }) => delivery.workspaceId),
    settlements.map(({ delivery }) => delivery.id),
    settlements.map(({ delivery }) => delivery.leaseToken),
    settlements.map(({ verdict }) => verdict.status),
    settlements.map(({ verdict }) => (verdict.status === 'RETRYING' ? verdict.delaySeconds : null)),
    settlements.map(({ verdict }) => verdict.status === 'RETRYING' && verdict.usesRetry),
    settlements.map(() => newId('attempt')),
    settlements.map(({ result }) => result.startedAt.toISOString()),
    settlements.map(({ result }) => result.durationMs),
    settlements.map(({ result }) => (result.outcome.kind === 'unreachable' ? null : result.outcome.status)),
    settlements.map(({ result }) => result.responseBody),
    settlements.map(({ result }) => (result.outcome.kind === 'accepted' ? null : result.outcome.error)),
    settlements.map(({ verdict }) => (verdict.status === 'RETRYING' ? verdict.leadWithPrevious : null)),
    settlements.map(({ result }) => (result.outcome.kind === 'unreachable' ? (result.outcome.detail ?? null) : null)),
    settlements.map(({ result }) => result.inside),
  ])
  return { ids: new Set(rows.map((row) => row.delivery_id)), moreIsDue: rows.some((row) => row.more_is_due) }
}

/** Gives leases back unused: another worker may claim at once. */
export async function returnLeases(database: Queryable, deliveries: readonly ClaimedDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  await database.query(endLeases, [
    deliveries.map((delivery) => delivery.workspaceId),
    deliveries.map((delivery) => delivery.id),
    deliveries.map((delivery) => delivery.leaseToken),
  ])
}

/**
 * Gives back what a worker claimed without learning of it: the database took the commit, and its answer was lost. Nothing
 * of that has been attempted. `known` is what the worker has in hand. Under the lock of claims: one that is still being
 * committed is waited for.
 */
export async function returnLostLeases(tx: Tx, owner: string, known: readonly ClaimedDelivery[]): Promise<void> {
  await tx.query(lockClaims)
  await tx.query(endLostLeases, [owner, known.map(({ id }) => id)])
}

/** Makes one delivery due now; whether it may be is the caller's to have checked under its lock. */
export async function retryDelivery(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx.query(retryNow, [workspaceId, id])
}

/** Makes those due again that are still in one of the statuses and not in flight; answers how many. */
export async function replayDeliveries(
  tx: Tx,
  request: {
    readonly workspaceId: string
    readonly ids: readonly string[]
    readonly status: readonly DeliveryStatus[]
  },
): Promise<number> {
  if (request.ids.length === 0) return 0
  const rows = await tx.query(replayNow, [request.workspaceId, request.ids, request.status])
  return rows.length
}

/** Whether an attempt leads with the previous secret: as the delivery is to, else as the endpoint accepted last. */
export function leadsWithPrevious(delivery: ClaimedDelivery): boolean {
  return delivery.leadsWithPrevious ?? delivery.acceptsPrevious
}

/** What becomes of an endpoint's deliveries when it is disabled, enabled or deleted. */
export const endpointDeliveries: EndpointDeliveries = {
  hold: (tx, key) => changeAll(tx, holdOpen, key),
  release: (tx, key) => changeAll(tx, releaseHeld, key),
  cancel: (tx, key) => changeAll(tx, cancelOpen, key),
}

/** Cancels all that is owed of a contact, whichever endpoint; answers how many. */
export async function cancelDeliveriesOfContact(tx: Tx, workspaceId: string, contactId: string): Promise<number> {
  const [row] = await tx.query<{ canceled: number }>(cancelOfContact, [workspaceId, contactId])
  return row?.canceled ?? 0
}

async function changeAll(tx: Tx, change: Statement, key: EndpointKey): Promise<void> {
  await tx.query(change, [key.workspaceId, key.endpointId])
}

interface ClaimedRow {
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
  event_type: string
  event_body: string
  leaves_some: boolean
}

function claimedOf(row: ClaimedRow): ClaimedDelivery {
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
    event: { id: row.event_id, type: row.event_type, body: row.event_body },
  }
}
