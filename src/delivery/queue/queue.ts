import type { Queryable, Tx } from '../../database/database.ts'
import type { AttemptTrigger, DeliveryStatus } from '../../generated/prisma/enums.ts'
import { newId } from '../../platform/ids.ts'
import type { AttemptResult } from '../attempt/attempt.ts'
import { type Allowance, divideClaim } from '../plan/shares.ts'
import { insertDeliveries, insertLeased, tryLockClaims } from './add-statements.ts'
import { claimDue, lockClaims, putInLane } from './claim-statements.ts'
import { type ClaimWalk, createClaimWalk } from './claim-walk.ts'
import { createDueStarts, type DueStart, type DueStarts, startColumns } from './due-starts.ts'
import { type LeasedDelivery, type LeasedRow, leasedDeliveryOf } from './leased-delivery.ts'
import { cancelOfContact, endLeases, endLostLeases, replayNow, retryNow, settleClaimed } from './queue-statements.ts'

/**
 * The queue is the deliveries table. This file holds every change of a delivery's state, except those after a switch of
 * the endpoint (endpoint-switch.ts):
 *
 *   (fan-out) ─▶ PENDING ─▶ lease ─▶ settle ─▶ SUCCEEDED | RETRYING | FAILED | HELD
 *                  ▲                              │ RETRYING is claimed again when due
 *   hold: PENDING, RETRYING ─▶ HELD; release: back; cancel (of an endpoint or a contact): all open ─▶ CANCELED
 *
 * A delivery is leased by a claim, or when it is added (docs/decisions/0046). A lease has a fencing token: a worker that
 * was paused until its lease expired settles nothing.
 */

/** A delivery of an event to an endpoint, before it is stored. */
export interface NewDelivery {
  readonly workspaceId: string
  readonly endpointId: string
  readonly eventId: string
  readonly eventPosition: number
  readonly contactId: string | null
  readonly status: Extract<DeliveryStatus, 'PENDING' | 'HELD'>
  readonly trigger: AttemptTrigger
}

/** Adds deliveries, one per event and endpoint, and returns the ids of the new ones; existing ones stay unchanged. */
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

/**
 * Adds deliveries that are due now, and returns those that it has leased to the worker: their endpoint has room for them and
 * nothing else that is due, and no earlier event of their contact is open. The others are claimed later, and all of them
 * while another worker claims. It holds the lock of claims until the transaction ends.
 */
export async function addLeased(
  tx: Tx,
  deliveries: readonly NewDelivery[],
  { leaseMs, owner, starts = createDueStarts() }: Pick<LeaseRequest, 'leaseMs' | 'owner' | 'starts'>,
): Promise<LeasedDelivery[]> {
  if (deliveries.length === 0) return []
  const { known } = starts.beginLook(deliveries)
  const locked = tx.query(tryLockClaims)
  const inserted = tx.query<LeasedRow>(insertLeased, [
    deliveries.map((delivery) => delivery.workspaceId),
    deliveries.map(() => newId('delivery')),
    deliveries.map((delivery) => delivery.endpointId),
    deliveries.map((delivery) => delivery.eventId),
    deliveries.map((delivery) => delivery.eventPosition),
    deliveries.map((delivery) => delivery.contactId),
    deliveries.map((delivery) => delivery.trigger),
    leaseMs,
    owner,
    ...startColumns(known),
  ])
  const [rows] = await Promise.all([inserted, locked])
  return rows.map(leasedDeliveryOf)
}

export interface Claim {
  readonly deliveries: LeasedDelivery[]
  /** Whether more deliveries may be claimable now. */
  readonly leavesSome: boolean
}

/** The deliveries that a worker may lease. */
export interface LeaseRequest {
  readonly limit: number
  readonly leaseMs: number
  readonly owner: string
  /** Where the worker has found due deliveries; if undefined, it knows nothing. */
  readonly starts?: DueStarts
  /** The worker's allowance for a workspace. */
  readonly allowanceOf: (workspaceId: string) => Allowance
}

/** If `allowanceOf` is undefined, nothing is in flight and the whole claim is allowed. */
export interface ClaimRequest
  extends Omit<LeaseRequest, 'allowanceOf' | 'starts'>,
    Partial<Pick<LeaseRequest, 'allowanceOf'>> {
  /** The worker's walk, so that its claim continues after the last one; if undefined, from the beginning. */
  readonly walk?: ClaimWalk
}

/**
 * Claims due deliveries, round-robin over workspaces and endpoints: per endpoint at most `max_in_flight` at a time over
 * all workers, and per contact only the earliest open event. A lock serialises claims, so that they count each other's
 * leases.
 */
export async function claimDeliveries(tx: Tx, request: ClaimRequest): Promise<Claim> {
  const { limit, leaseMs, owner, walk = createClaimWalk() } = request
  const { allowanceOf = () => ({ inFlight: 0, places: limit }) } = request
  const mayStart = (workspaceId: string) => allowanceOf(workspaceId).places > 0
  const locked = tx.query(lockClaims)
  const [page] = await Promise.all([walk.next(tx, limit, mayStart), locked])
  const shares = divideClaim(page, limit, allowanceOf)
  if (shares.length === 0) return { deliveries: [], leavesSome: walk.shouldClaimAgain(false) }
  const rows = await tx.query<ClaimedRow | NothingClaimed>(claimDue, [
    limit,
    leaseMs,
    owner,
    shares.map((share) => share.workspace_id),
    shares.map((share) => share.endpoint_id),
    shares.map((share) => share.share),
    shares.map((share) => share.looks),
    shares.map((share) => share.places),
    shares.map((share) => share.in_flight),
    shares.map((share) => share.workspace_in_flight),
    shares.map((share) => share.workspace_places),
    shares.map((share) => share.start_at),
    shares.map((share) => share.start_position),
  ])
  const deliveries = rows.filter((row) => row.id !== null).map(leasedDeliveryOf)
  const { blocked_workspace_ids: blockedWorkspaceIds = [], blocked_ids: blockedIds = [] } = rows[0] ?? {}
  if (blockedIds.length > 0) await tx.query(putInLane, [blockedWorkspaceIds, blockedIds])
  return { deliveries, leavesSome: walk.shouldClaimAgain(rows[0]?.leaves_some ?? false) }
}

/** Result of an attempt for its delivery. A retry is due after `delaySeconds`, by the database's clock. */
export type Verdict =
  | { readonly status: 'SUCCEEDED' | 'FAILED' | 'HELD' }
  | {
      readonly status: 'RETRYING'
      readonly delaySeconds: number
      readonly usesRetry: boolean
      /** Set if the secret of this attempt was refused: whether the next one must sign with the previous secret first. */
      readonly leadWithPrevious: boolean | null
    }

export interface Settlement {
  readonly delivery: LeasedDelivery
  readonly result: AttemptResult
  readonly verdict: Verdict
}

/** Result of settling: the deliveries that still belonged to the worker, and whether more is due at their endpoints. */
export interface Settled {
  readonly ids: ReadonlySet<string>
  readonly moreIsDue: boolean
}

/** Records attempts and their results, in one statement; ignores deliveries that another worker has leased since. */
export async function settleDeliveries(
  database: Queryable,
  settlements: readonly Settlement[],
  starts: DueStarts = createDueStarts(),
): Promise<Settled> {
  const look = starts.beginLook(settlements.map(({ delivery }) => delivery))
  const [row] = await database.query<SettledRow>(settleClaimed, [
    settlements.map(({ delivery }) => delivery.workspaceId),
    settlements.map(({ delivery }) => delivery.id),
    settlements.map(({ delivery }) => delivery.leaseToken),
    settlements.map(({ verdict }) => verdict.status),
    settlements.map(({ verdict }) => (verdict.status === 'RETRYING' ? verdict.delaySeconds : null)),
    settlements.map(({ verdict }) => verdict.status === 'RETRYING' && verdict.usesRetry),
    settlements.map(() => newId('attempt')),
    settlements.map(({ delivery }) => delivery.trigger),
    settlements.map(({ result }) => result.startedAt.toISOString()),
    settlements.map(({ result }) => result.durationMs),
    settlements.map(({ result }) => (result.outcome.kind === 'unreachable' ? null : result.outcome.status)),
    settlements.map(({ result }) => result.responseBody),
    settlements.map(({ result }) => (result.outcome.kind === 'accepted' ? null : result.outcome.error)),
    settlements.map(({ verdict }) => (verdict.status === 'RETRYING' ? verdict.leadWithPrevious : null)),
    settlements.map(({ result }) => (result.outcome.kind === 'unreachable' ? (result.outcome.detail ?? null) : null)),
    settlements.map(({ result }) => result.inside),
    ...startColumns(look.known),
  ])
  look.record(row?.starts ?? [])
  return { ids: new Set(row?.ids), moreIsDue: row?.more_is_due ?? false }
}

interface SettledRow {
  ids: string[]
  more_is_due: boolean
  starts: DueStart[]
}

/** Returns unused leases, so that another worker can claim immediately. */
export async function returnLeases(database: Queryable, deliveries: readonly LeasedDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  await database.query(endLeases, [
    deliveries.map((delivery) => delivery.workspaceId),
    deliveries.map((delivery) => delivery.id),
    deliveries.map((delivery) => delivery.leaseToken),
  ])
}

/**
 * Returns leases that a worker does not know of: the claim was committed, but its response was lost, so these deliveries
 * were not attempted. `known` holds the worker's own leases. Takes the claim lock, so that it waits for a claim that is
 * still being committed.
 */
export async function returnLostLeases(tx: Tx, owner: string, known: readonly LeasedDelivery[]): Promise<void> {
  await tx.query(lockClaims)
  await tx.query(endLostLeases, [owner, known.map(({ id }) => id)])
}

/** Makes one delivery due now; the caller must have checked, under its lock, that this is allowed. */
export async function retryDelivery(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx.query(retryNow, [workspaceId, id])
}

/** Makes deliveries due again that still have one of the statuses and are not in flight; returns their number. */
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

/** Whether an attempt signs with the previous secret first: as the delivery requires, else as the endpoint last accepted. */
export function leadsWithPrevious(delivery: LeasedDelivery): boolean {
  return delivery.leadsWithPrevious ?? delivery.acceptsPrevious
}

/**
 * Cancels a contact's open deliveries to all endpoints, up to a limit, and returns their number. With `onlyIfFull` it
 * cancels nothing if there are fewer than the limit. Deliveries to a deleted endpoint are cancelled with the endpoint.
 */
export async function cancelDeliveriesOfContact(
  tx: Tx,
  { workspaceId, contactId }: { readonly workspaceId: string; readonly contactId: string },
  { limit, onlyIfFull }: { readonly limit: number | null; readonly onlyIfFull: boolean },
): Promise<number> {
  const [row] = await tx.query<{ canceled: number }>(cancelOfContact, [workspaceId, contactId, limit, onlyIfFull])
  return row?.canceled ?? 0
}

/** Columns about the deliveries that a claim did not take. */
interface LeftByClaim {
  leaves_some: boolean
  /** Due deliveries that wait for an earlier event of their contact. */
  blocked_workspace_ids: string[]
  blocked_ids: string[]
}

/** The row that a claim without deliveries returns. */
interface NothingClaimed extends LeftByClaim {
  id: null
}

type ClaimedRow = LeasedRow & LeftByClaim
