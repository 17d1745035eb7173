import { type Database, leaveToCommit, statement, type Tx } from '../../database/database.ts'
import { type EventHead, readEventHeads, readNextHeads } from '../../events/event-log.ts'
import {
  findBehind,
  leaveBehind,
  lockBehind,
  lockPosition,
  moveBehind,
  movePosition,
  takeBackCaughtUp,
  type WorkspaceBehind,
} from '../../events/position.ts'
import { fanOutReader, findNotifiedEndpoints, type NotifiedEndpoints } from '../delivery-erasure.ts'
import type { LeasedDelivery } from '../queue/leased-delivery.ts'
import { addDeliveries, addLeased, type LeaseRequest, type NewDelivery } from '../queue/queue.ts'
import { traceFanOut } from './fan-out-spans.ts'
import { divideForLeases } from './first-attempts.ts'
import { type OwedEndpoint, planDeliveries } from './owed-deliveries.ts'

/** Limits of one poll (docs/decisions/0015), so that a poll stays short for any load. */
export const fanOutBounds = {
  events: 500,
  /** Workspaces whose endpoints one poll reads. */
  workspaces: 100,
  /** Erased contacts whose notified endpoints one poll looks up; each look-up reads thousands of deliveries. */
  erasures: 20,
  /** Deliveries for all workspaces together. */
  deliveries: 2000,
  /** A workspace with more endpoints or more deliveries is left behind, and `catchUp` processes it separately. */
  endpointsOfWorkspace: 100,
  deliveriesOfWorkspace: 500,
  /** A poll that adds more deliveries leases none: until its commit, no worker can claim. */
  deliveriesToLease: 200,
  /** Deliveries of one catch-up poll; a single event may exceed it, by at most the workspace's endpoints. */
  deliveriesBehind: 1000,
}

export interface FanOutRound {
  /** Number of events processed. */
  readonly events: number
  /** Number of deliveries added: without any there is nothing to claim. */
  readonly deliveries: number
  /** Number of these that may be sent; the others are held. */
  readonly pending?: number
  /** Those of them that are leased to this worker. */
  readonly leased: readonly LeasedDelivery[]
  /** When their leases began, or before, by `performance.now()`. */
  readonly leasedAt: number
  /** Whether more events may be waiting. */
  readonly more: boolean
  /** Whether workspaces are behind and need `catchUp`. */
  readonly someBehind: boolean
  /** Whether this poll has left a workspace behind. */
  readonly someNewlyBehind?: boolean
  /** The workspace that caught up, if it was only one. */
  readonly workspaceId?: string
}

const idle: FanOutRound = { events: 0, deliveries: 0, leased: [], leasedAt: 0, more: false, someBehind: false }

/**
 * Reads the log after its durable position and adds one delivery for each endpoint that wants an event. It is one
 * transaction, so that a crash repeats it whole and any node can run it. A workspace over the limits is left behind, so
 * that the others do not wait for it.
 * @param lease what this worker may attempt at once; without it, every delivery waits for a claim
 */
export async function fanOut(
  database: Database,
  firstDelaySeconds: number,
  lease?: LeaseRequest,
): Promise<FanOutRound> {
  const startedAt = Date.now()
  const { heads, owed, leased, ...round } = await database.inTransaction((tx) => planNext(tx, firstDelaySeconds, lease))
  traceFanOut(heads, owed, startedAt)
  return { ...round, leased: await leased }
}

/** Round with the events that it read and the deliveries that it added. */
interface PlannedRound extends Omit<FanOutRound, 'leased'> {
  /** Resolves with the commit. */
  readonly leased: Promise<readonly LeasedDelivery[]>
  readonly heads: readonly EventHead[]
  readonly owed: readonly NewDelivery[]
}

const noLeases: Promise<readonly LeasedDelivery[]> = Promise.resolve([])
const nothingPlanned: PlannedRound = { ...idle, heads: [], owed: [], leased: noLeases }

/**
 * Takes three round trips: the last writes are left to the commit.
 */
async function planNext(tx: Tx, firstDelaySeconds: number, lease: LeaseRequest | undefined): Promise<PlannedRound> {
  const [position, next] = await Promise.all([
    lockPosition(tx, fanOutReader),
    readNextHeads(tx, fanOutReader, fanOutBounds.events),
  ])
  // Before a reader has a position there is nothing to lock, and another node may have read these events meanwhile.
  const read = next.heads.filter((event) => event.position > position)
  // One of these events shows that another node has read on since, and it may have left a workspace behind.
  const isStale = read.length < next.heads.length
  const someBehind = isStale || next.someBehind !== false
  if (someBehind) await leaveToCommit(takeBackCaughtUp(tx, fanOutReader, position))
  const events = withinBounds(read)
  const last = events.at(-1)
  if (last === undefined) return nothingPlanned
  const [behind, allEndpoints] = await Promise.all([
    someBehind ? findBehind(tx, fanOutReader, workspacesOf(events)) : new Set<string>(),
    lockEndpoints(tx, workspacesOf(events), fanOutBounds.endpointsOfWorkspace + 1),
  ])
  const owing = events.filter(({ workspaceId }) => !behind.has(workspaceId))
  const endpoints = allEndpoints.filter((endpoint) => !behind.has(endpoint.workspace_id))
  const notified = await findNotifiedEndpoints(tx, owing)
  const share = divideDeliveries(owing, endpoints, notified)
  const reached = share.stoppedBefore === undefined ? last.position : share.stoppedBefore.position - 1
  const leasedAt = performance.now()
  const added = addAll(tx, share.owed, firstDelaySeconds, lease)
  const left = leaveBehind(tx, fanOutReader, share.left)
  await leaveToCommit(...added.calls, left, movePosition(tx, fanOutReader, reached))
  return {
    leased: added.leased,
    leasedAt,
    heads: events,
    owed: share.owed,
    events: events.filter((event) => event.position <= reached).length,
    deliveries: share.owed.length,
    more: reached < last.position || events.length < read.length || read.length === fanOutBounds.events,
    someBehind: behind.size > 0 || share.left.length > 0,
    someNewlyBehind: share.left.length > 0,
  }
}

/** Adds deliveries, in two calls for `leaveToCommit`, of which one resolves with those that it has leased. */
function addAll(
  tx: Tx,
  owed: readonly NewDelivery[],
  firstDelaySeconds: number,
  lease: LeaseRequest | undefined,
): { readonly leased: Promise<readonly LeasedDelivery[]>; readonly calls: readonly Promise<unknown>[] } {
  const mayLease = firstDelaySeconds === 0 && owed.length <= fanOutBounds.deliveriesToLease
  const { candidates, others } =
    lease !== undefined && mayLease ? divideForLeases(owed, lease) : { candidates: [], others: owed }
  const leased = lease === undefined ? noLeases : addLeased(tx, candidates, lease)
  return { leased, calls: [leased, addDeliveries(tx, others, firstDelaySeconds)] }
}

/**
 * Adds the deliveries of one workspace that is behind, up to the limit and in whole events. Holds no lock that another
 * workspace needs.
 */
export async function catchUp(database: Database, firstDelaySeconds: number): Promise<FanOutRound> {
  const startedAt = Date.now()
  const { heads, owed, ...round } = await database.inTransaction((tx) => planBehind(tx, firstDelaySeconds))
  traceFanOut(heads, owed, startedAt)
  return { ...round, leased: [] }
}

async function planBehind(tx: Tx, firstDelaySeconds: number): Promise<PlannedRound> {
  const place = await lockBehind(tx, fanOutReader)
  if (place === undefined) return nothingPlanned
  const { workspaceId, position, upTo } = place
  const read = await readEventHeads(tx, { workspaceId, position, upTo, limit: fanOutBounds.events })
  const events = withinBounds(read)
  const endpoints = await lockEndpoints(tx, events.length === 0 ? [] : [workspaceId], null)
  const notified = await findNotifiedEndpoints(tx, events)
  const owed: NewDelivery[] = []
  const stoppedBefore = events.find((event, index) => {
    const next = planDeliveries(event, endpoints, notified.get(event.id))
    if (index > 0 && owed.length + next.length > fanOutBounds.deliveriesBehind) return true
    owed.push(...next)
    return false
  })
  const isWhole = stoppedBefore === undefined && read.length < fanOutBounds.events && events.length === read.length
  const reached = stoppedBefore === undefined ? (events.at(-1)?.position ?? upTo) : stoppedBefore.position - 1
  await Promise.all([
    addDeliveries(tx, owed, firstDelaySeconds),
    moveBehind(tx, fanOutReader, { workspaceId, position: isWhole ? upTo : reached }),
  ])
  const pending = owed.filter(({ status }) => status === 'PENDING').length
  return {
    heads: events,
    owed,
    events: events.length,
    deliveries: owed.length,
    leased: noLeases,
    leasedAt: 0,
    pending,
    more: true,
    someBehind: true,
    workspaceId,
  }
}

/** Returns the first events within the limits on workspaces and erasures; at least one. */
function withinBounds(events: readonly EventHead[]): readonly EventHead[] {
  const workspaces = new Set<string>()
  let erasures = 0
  const end = events.findIndex(({ workspaceId, type }) => {
    workspaces.add(workspaceId)
    if (type === 'contact.erased') erasures++
    return workspaces.size > fanOutBounds.workspaces || erasures > fanOutBounds.erasures
  })
  return end < 0 ? events : events.slice(0, end)
}

interface Share {
  readonly owed: readonly NewDelivery[]
  readonly left: readonly WorkspaceBehind[]
  /** The first event over the limits of this poll. */
  readonly stoppedBefore: EventHead | undefined
}

/** Returns the deliveries within the limits, in whole events, and the workspaces that need more than their share. */
function divideDeliveries(
  events: readonly EventHead[],
  endpoints: readonly OwedEndpoint[],
  notified: ReadonlyMap<string, NotifiedEndpoints>,
): Share {
  const endpointsOf = Map.groupBy(endpoints, (endpoint) => endpoint.workspace_id)
  const owed: NewDelivery[] = []
  const counts = new Map<string, number>()
  const left = new Map<string, WorkspaceBehind>()
  for (const event of events) {
    const { workspaceId, position } = event
    if (left.has(workspaceId)) continue
    const workspaceEndpoints = endpointsOf.get(workspaceId) ?? []
    const next = planDeliveries(event, workspaceEndpoints, notified.get(event.id))
    const count = (counts.get(workspaceId) ?? 0) + next.length
    if (workspaceEndpoints.length > fanOutBounds.endpointsOfWorkspace || count > fanOutBounds.deliveriesOfWorkspace) {
      left.set(workspaceId, { workspaceId, position: position - 1 })
      continue
    }
    if (owed.length + next.length > fanOutBounds.deliveries)
      return { owed, left: [...left.values()], stoppedBefore: event }
    owed.push(...next)
    counts.set(workspaceId, count)
  }
  return { owed, left: [...left.values()], stoppedBefore: undefined }
}

function workspacesOf(events: readonly EventHead[]): string[] {
  return [...new Set(events.map(({ workspaceId }) => workspaceId))].sort()
}

/**
 * Locks endpoints, so that none is disabled or deleted before the commit, and returns them; their health may still be
 * updated. The lock and the read are two statements: a key lock that has waited for a switch of the endpoint may return
 * the row as it was before, and the status decides whether a delivery is PENDING or HELD.
 */
async function lockEndpoints(
  tx: Tx,
  workspaceIds: readonly string[],
  limitOfWorkspace: number | null,
): Promise<OwedEndpoint[]> {
  if (workspaceIds.length === 0) return []
  const asked = [workspaceIds, limitOfWorkspace]
  const locked = tx.query(lockEndpointsOf, asked)
  const [endpoints] = await Promise.all([tx.query<OwedEndpoint>(selectEndpointsOf, asked), locked])
  return endpoints
}

// Index: webhook_endpoint_pkey. Locked in the order that all transactions use.
const lockEndpointsOf = statement(
  'lock_endpoints_of_workspaces',
  `select count(*)
   from unnest($1::text[]) as asked (workspace_id)
   cross join lateral (
     select
     from webhook_endpoint e
     where e.workspace_id = asked.workspace_id
     order by e.id
     limit $2::int
     for key share
   ) endpoint`,
)

// Index: webhook_endpoint_pkey.
const selectEndpointsOf = statement(
  'select_endpoints_of_workspaces',
  `select endpoint.workspace_id, endpoint.id, endpoint.events, endpoint.status, endpoint.after_position
   from unnest($1::text[]) as asked (workspace_id)
   cross join lateral (
     select e.workspace_id, e.id, e.events, e.status, e.after_position
     from webhook_endpoint e
     where e.workspace_id = asked.workspace_id
     order by e.id
     limit $2::int
   ) endpoint`,
)
