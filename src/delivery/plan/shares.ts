import type { BusyEndpoint } from '../queue/claim-walk.ts'

/** Of a claim, for each endpoint, while few have something due. */
const smallestShare = 8
/** Deliveries that the shares of a claim are of, all endpoints together, where it takes fewer. */
const allShares = 100

/** How much of a claim an endpoint may have. */
export interface Share extends BusyEndpoint {
  readonly share: number
  /** Deliveries to look at, more than the share, since some may wait behind an earlier one of their contact. */
  readonly looks: number
  /** Attempts of its workspace in flight at this worker, and how many more it may begin. */
  readonly workspace_in_flight: number
  readonly workspace_places: number
}

/** What a worker holds of one workspace, and how much more it may take. */
export interface Allowance {
  readonly inFlight: number
  readonly places: number
}

/** The parts of a claim, for the endpoints with places free. A claim costs what it looks at, so the parts are small. */
export function shareOut(
  endpoints: readonly BusyEndpoint[],
  limit: number,
  allowanceOf: (workspaceId: string) => Allowance,
): Share[] {
  const free = endpoints.filter((endpoint) => endpoint.places > 0 && allowanceOf(endpoint.workspace_id).places > 0)
  const evenly = Math.ceil(limit / Math.max(free.length, 1))
  const smallest = Math.max(1, Math.min(smallestShare, Math.floor(allShares / Math.max(free.length, 1))))
  return free.map((endpoint) => {
    const { inFlight, places } = allowanceOf(endpoint.workspace_id)
    const share = Math.min(endpoint.places, places, limit, Math.max(evenly, smallest))
    const looks = share + Math.max(1, Math.floor(limit / free.length))
    return { ...endpoint, share, looks, workspace_in_flight: inFlight, workspace_places: places }
  })
}
