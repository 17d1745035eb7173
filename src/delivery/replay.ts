import type { Database, Tx } from '../database/database.ts'
import type { Signals } from '../events/signals.ts'
import type { DeliveryStatus } from '../generated/prisma/enums.ts'
import { AppError, type FieldProblem, invalidRequest } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'
import { fanOutReader } from './delivery-erasure.ts'
import { addDeliveries, replayDeliveries } from './queue/queue.ts'
import {
  countMatching,
  insertReplay,
  lockCount,
  lockNextReplay,
  lockWorkspaceEndpoint,
  moveReplay,
  selectMatching,
  selectPageEnd,
  selectWindowEnd,
} from './replay-statements.ts'

/** Request to send the events of a time range to one endpoint again: by `createdAt`, `from` inclusive, `to` exclusive. */
export interface ReplayRequest {
  readonly endpointId: string
  readonly from: Date
  /** Null means now. */
  readonly to: Date | null
  readonly status: readonly DeliveryStatus[]
  /** Whether to include events that were never due to this endpoint, such as those older than it. */
  readonly includeNeverSent: boolean
  readonly dryRun: boolean
}

export interface ReplayResult {
  /** Null for a dry run. */
  readonly id: string | null
  readonly matched: number
  readonly enqueued: number
}

export interface Replays {
  /** Requires PII_READ. @throws AppError `insufficient_scope`, `invalid_request`, `not_found`, `conflict` for too many */
  request(viewer: Viewer, request: ReplayRequest): Promise<ReplayResult>
}

export const maxRunningReplays = 20
const replayable: readonly DeliveryStatus[] = ['FAILED', 'HELD', 'CANCELED', 'SUCCEEDED']

export function createReplays(database: Database, signals: Signals): Replays {
  return {
    request: async (viewer, request) => {
      requireScope(viewer, 'PII_READ')
      checkRequest(request)
      const result = await database.inTransaction((tx) => writeReplay(tx, viewer, request))
      if (result.id !== null) signals.notify('deliveries')
      return result
    },
  }
}

function checkRequest({ from, to, status }: ReplayRequest): void {
  const problems: FieldProblem[] = []
  if (to !== null && to <= from) problems.push({ path: 'to', message: 'a time after from is expected' })
  if (status.some((each) => !replayable.includes(each)))
    problems.push({ path: 'status', message: `only ${replayable.join(', ')} can be replayed` })
  if (problems.length > 0) throw invalidRequest(problems)
}

async function writeReplay(tx: Tx, viewer: Viewer, request: ReplayRequest): Promise<ReplayResult> {
  const { workspaceId, apiKeyId: actor } = viewer
  const { endpointId, from, to, status, includeNeverSent, dryRun } = request
  const endpoints = await tx.query(lockWorkspaceEndpoint, [workspaceId, endpointId])
  if (endpoints.length === 0) throw new AppError('not_found', 'There is no such webhook endpoint.')
  const range = [workspaceId, endpointId, from, to, status, includeNeverSent] as const
  const matched = await countAll(tx, range)
  if (dryRun) return { id: null, matched, enqueued: 0 }
  const id = newId('replay')
  await tx.query(lockCount, [workspaceId])
  const inserted = await tx.query(insertReplay, [...range, id, matched, maxRunningReplays])
  if (inserted.length === 0) throw new AppError('conflict', `At most ${maxRunningReplays} replays run at a time.`)
  await recordAudit(tx, { workspaceId, actor, action: 'replay.requested', targetId: endpointId, details: { matched } })
  return { id, matched, enqueued: matched }
}

/** Events that one statement counts. */
const countedEvents = 10_000

type Range = readonly [string, string, Date, Date | null, readonly DeliveryStatus[], boolean]

/** Counts page by page, in the order of the events' times, because a range may contain millions. */
async function countAll(tx: Tx, [workspaceId, endpointId, from, to, ...wanted]: Range): Promise<number> {
  let matched = 0
  for (let start: Date | null = from; start !== null; ) {
    const [page]: { until: Date | null }[] = await tx.query(selectPageEnd, [workspaceId, start, to, countedEvents])
    const until: Date | null = page?.until ?? null
    const [count] = await tx.query<{ matched: number }>(countMatching, [
      workspaceId,
      endpointId,
      start,
      until ?? to,
      ...wanted,
    ])
    matched += count?.matched ?? 0
    start = until
  }
  return matched
}

/** Events that one step sends again, and events that it reads, because few of them may match. */
const chunkEvents = 200
const windowEvents = 2000
/** Replayed deliveries that wait at a time, so that new events do not wait behind old ones. */
const maxWaiting = 50

/**
 * Runs one step of the oldest replay that can continue, and returns whether there was one. A step is one transaction, so
 * a crash repeats it whole, and nodes work on different replays.
 */
export async function continueReplay(database: Database): Promise<boolean> {
  return database.inTransaction(async (tx) => {
    const [replay] = await tx.query<ReplayRow>(lockNextReplay, [maxWaiting, fanOutReader])
    if (replay === undefined) return false
    const { workspace_id: workspaceId, endpoint_id: endpointId } = replay
    const end = Math.min(await endOfWindow(tx, replay), replay.reached)
    const events = await tx.query<MatchRow>(selectMatching, [
      workspaceId,
      endpointId,
      replay.from,
      replay.to,
      replay.status,
      replay.include_never_sent,
      replay.position,
      end,
      chunkEvents,
    ])
    const ids = events.flatMap(({ delivery_id }) => delivery_id ?? [])
    const replayed = await replayDeliveries(tx, { workspaceId, ids, status: replay.status })
    const added = await addDeliveries(tx, events.filter(wasNeverSent).map(toDeliveryOf(replay)), 0)
    const last = events.length === chunkEvents ? events.at(-1) : undefined
    const isDone = last === undefined && end === replay.last_position
    const position = last?.position ?? end
    await tx.query(moveReplay, [workspaceId, replay.id, position, replayed + added.length, isDone])
    return true
  })
}

/** Returns the last position that a step may read, so that it stays short even if no event matches. */
async function endOfWindow(tx: Tx, { workspace_id, position, last_position }: ReplayRow): Promise<number> {
  const [row] = await tx.query<{ position: number }>(selectWindowEnd, [
    workspace_id,
    position,
    last_position,
    windowEvents,
  ])
  return row?.position ?? last_position
}

function wasNeverSent({ delivery_id }: MatchRow): boolean {
  return delivery_id === null
}

const toDeliveryOf =
  ({ workspace_id: workspaceId, endpoint_id: endpointId }: ReplayRow) =>
  (event: MatchRow) =>
    ({
      workspaceId,
      endpointId,
      eventId: event.id,
      eventPosition: event.position,
      contactId: event.contact_id,
      status: 'PENDING',
      trigger: 'REPLAY',
    }) as const

interface ReplayRow {
  workspace_id: string
  id: string
  endpoint_id: string
  from: Date
  to: Date
  status: DeliveryStatus[]
  include_never_sent: boolean
  position: number
  last_position: number
  /** Position up to which the fan-out has handled the events of the workspace. */
  reached: number
}

interface MatchRow {
  id: string
  position: number
  contact_id: string | null
  delivery_id: string | null
}
