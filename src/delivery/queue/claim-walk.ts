import { LRUCache } from 'lru-cache'
import type { Tx } from '../../database/database.ts'
import { selectBusyEndpoints, selectOpenWorkspaces } from './claim-statements.ts'

/** Workspaces that one claim looks at: the next claim goes on after them. */
const pageWorkspaces = 32
/** Endpoints that it looks at for each delivery that it may take, since some have nothing to give. */
const endpointsForEach = 1.25
const fewestEndpoints = 8

/** An endpoint that may be owed something now; `places` is how many attempts it may have besides those in flight. */
export interface BusyEndpoint {
  readonly workspace_id: string
  readonly endpoint_id: string
  readonly in_flight: number
  readonly places: number
}

/**
 * Goes round the workspaces and the endpoints that have open deliveries, page by page, so that a claim costs the same
 * however many there are, and nobody is always first.
 */
export interface ClaimWalk {
  /** Reads the next page, for a claim of so many deliveries. */
  next(tx: Tx, limit: number): Promise<BusyEndpoint[]>
  /** Returns whether to claim again at once: the walk has not been all round yet, or has left something on its way. */
  goesOn(leftSome: boolean): boolean
  /** The next claim begins another round, since something may have come about meanwhile. */
  pause(): void
}

/** A place in an ordered list, and where the walk was when it began to look at all of the list. */
interface Place {
  after: string
  began: string
}

const start = (): Place => ({ after: '', began: '' })

export function createClaimWalk(): ClaimWalk {
  const workspaces = start()
  const endpoints = new LRUCache<string, Place>({ max: 1000 })
  let hasMorePages = false
  let needsAnotherRound = false

  const moveInEndpoints = (workspaceId: string, place: Place, its: readonly BusyEndpoint[], size: number) => {
    if (move(place, its.at(-1)?.endpoint_id, its.length < size)) needsAnotherRound = true
    if (place.after === '') endpoints.delete(workspaceId)
    else endpoints.set(workspaceId, place)
  }

  /** Whatever the walk has passed in its lists, it comes to once more. */
  const lookAgainInLists = () => {
    for (const place of endpoints.values()) place.began = place.after
  }

  const pause = () => {
    workspaces.began = workspaces.after
    lookAgainInLists()
  }

  const lookAgain = () => {
    needsAnotherRound = true
    lookAgainInLists()
  }

  return {
    next: async (tx, limit) => {
      const open = await tx.query<{ workspace_id: string }>(selectOpenWorkspaces, [workspaces.after, pageWorkspaces])
      const ids = open.map((row) => row.workspace_id)
      hasMorePages = move(workspaces, ids.at(-1), ids.length < pageWorkspaces)
      if (ids.length === 0) return []
      const all = Math.max(fewestEndpoints, Math.ceil(limit * endpointsForEach))
      const size = Math.max(2, Math.floor(all / ids.length))
      const places = new Map(ids.map((id) => [id, endpoints.get(id) ?? start()]))
      const after = [...places.values()].map((place) => place.after)
      const rows = await tx.query<BusyEndpoint>(selectBusyEndpoints, [ids, after, size])
      const byWorkspace = Map.groupBy(rows, (row) => row.workspace_id)
      for (const [id, place] of places) moveInEndpoints(id, place, byWorkspace.get(id) ?? [], size)
      return rows
    },
    goesOn: (leftSome) => {
      if (leftSome) lookAgain()
      if (hasMorePages) return true
      const again = needsAnotherRound
      needsAnotherRound = false
      return again
    },
    pause,
  }
}

/**
 * Moves past a page and returns whether the list has more to look at. A walk that began inside the list begins once more
 * at its start: something may have come about there meanwhile.
 */
function move(place: Place, last: string | undefined, isEnd: boolean): boolean {
  const beganInside = place.began !== ''
  place.after = isEnd ? '' : (last ?? '')
  if (isEnd) place.began = ''
  return !isEnd || beganInside
}
