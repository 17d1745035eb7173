import { LRUCache } from 'lru-cache'
import type { Tx } from '../../database/database.ts'
import { selectBusyEndpoints, selectOpenWorkspaces } from './claim-statements.ts'
import { createDueStarts, type DueStart, type DueStarts, startColumns } from './due-starts.ts'

/** Workspaces that one claim reads; the next claim continues after them. */
const pageWorkspaces = 32
/** Endpoints that it reads for each delivery that it may claim, because some have nothing due. */
const endpointsPerDelivery = 1.25
const minEndpoints = 8

/** An endpoint that may have due deliveries; `places` is the number of attempts that may start now. */
export interface BusyEndpoint extends DueStart {
  readonly in_flight: number
  readonly places: number
}

/**
 * Iterates round-robin over the workspaces and endpoints with open deliveries, page by page. The cost of a claim does not
 * depend on their number, and none of them is always first.
 */
export interface ClaimWalk {
  /** Reads the next page for a claim of at most `limit` deliveries: of the workspaces that may start attempts now. */
  next(tx: Tx, limit: number, mayStart: (workspaceId: string) => boolean): Promise<BusyEndpoint[]>
  /** Returns whether to claim again immediately: the round is not complete, or a claim in it has left deliveries. */
  shouldClaimAgain(leftSome: boolean): boolean
  /** Makes the next claim start a new round, because new deliveries may have been added. */
  restartRound(): void
}

/** A position in an ordered list, and the position at which the current round through the list began. */
interface Place {
  after: string
  began: string
}

const newPlace = (): Place => ({ after: '', began: '' })

export function createClaimWalk(starts: DueStarts = createDueStarts()): ClaimWalk {
  const workspaces = newPlace()
  const endpoints = new LRUCache<string, Place>({ max: 1000 })
  let hasMorePages = false
  let needsAnotherRound = false

  const moveEndpoints = (workspaceId: string, place: Place, endpointsOfPage: readonly BusyEndpoint[], size: number) => {
    if (advance(place, endpointsOfPage.at(-1)?.endpoint_id, endpointsOfPage.length < size)) needsAnotherRound = true
    if (place.after === '') endpoints.delete(workspaceId)
    else endpoints.set(workspaceId, place)
  }

  /** Starts a new round in each list, so that passed entries are read again. */
  const restartLists = () => {
    for (const place of endpoints.values()) place.began = place.after
  }

  const restartRound = () => {
    workspaces.began = workspaces.after
    restartLists()
  }

  const requireAnotherRound = () => {
    needsAnotherRound = true
    restartLists()
  }

  return {
    next: async (tx, limit, mayStart) => {
      const look = starts.beginLook()
      const known = Map.groupBy(look.known, (start) => start.workspace_id)
      const open = await tx.query<{ workspace_id: string }>(selectOpenWorkspaces, [
        workspaces.after,
        pageWorkspaces,
        [...known.keys()],
      ])
      hasMorePages = advance(workspaces, open.at(-1)?.workspace_id, open.length < pageWorkspaces)
      const ids = open.map((row) => row.workspace_id).filter(mayStart)
      if (ids.length === 0) return []
      const all = Math.max(minEndpoints, Math.ceil(limit * endpointsPerDelivery))
      const size = Math.max(2, Math.floor(all / ids.length))
      const places = new Map(ids.map((id) => [id, endpoints.get(id) ?? newPlace()]))
      const rows = await tx.query<BusyEndpoint>(selectBusyEndpoints, [
        ids,
        [...places.values()].map((place) => place.after),
        size,
        ...startColumns(ids.flatMap((id) => known.get(id) ?? [])),
      ])
      look.record(rows)
      const byWorkspace = Map.groupBy(rows, (row) => row.workspace_id)
      for (const [id, place] of places) moveEndpoints(id, place, byWorkspace.get(id) ?? [], size)
      return rows
    },
    shouldClaimAgain: (leftSome) => {
      if (leftSome) requireAnotherRound()
      if (hasMorePages) return true
      const again = needsAnotherRound
      needsAnotherRound = false
      return again
    },
    restartRound,
  }
}

/**
 * Moves past a page and returns whether the list has more to read. A round that began inside the list continues at the
 * start of the list, because entries may have been added there.
 */
function advance(place: Place, last: string | undefined, isEnd: boolean): boolean {
  const beganInside = place.began !== ''
  place.after = isEnd ? '' : (last ?? '')
  if (isEnd) place.began = ''
  return !isEnd || beganInside
}
