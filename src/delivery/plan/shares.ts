import type { BusyEndpoint } from '../queue/claim-walk.ts'

/** Minimum deliveries per endpoint in one claim while few endpoints have something due. */
const minShare = 8
/** Total that limits these minimum shares for all endpoints together, in deliveries. */
const targetTotal = 100

/** The part of a claim for one endpoint. */
export interface Share extends BusyEndpoint {
  readonly share: number
  /** Deliveries to read: more than the share, because some may wait for an earlier one of their contact. */
  readonly looks: number
  /** Attempts of its workspace in flight at this worker, and the number that it may still start. */
  readonly workspace_in_flight: number
  readonly workspace_places: number
}

/** Attempts of one workspace that a worker has in flight, and the number that it may still start. */
export interface Allowance {
  readonly inFlight: number
  readonly places: number
}

/** Divides a claim between the endpoints with free slots. The cost of a claim is the rows it reads, so shares are small. */
export function divideClaim(
  endpoints: readonly BusyEndpoint[],
  limit: number,
  allowanceOf: (workspaceId: string) => Allowance,
): Share[] {
  const free = endpoints.filter((endpoint) => endpoint.places > 0 && allowanceOf(endpoint.workspace_id).places > 0)
  const evenly = Math.ceil(limit / Math.max(free.length, 1))
  const smallest = Math.max(1, Math.min(minShare, Math.floor(targetTotal / Math.max(free.length, 1))))
  return free.map((endpoint) => {
    const { inFlight, places } = allowanceOf(endpoint.workspace_id)
    const share = Math.min(endpoint.places, places, limit, Math.max(evenly, smallest))
    const looks = share + Math.max(1, Math.floor(limit / free.length))
    return { ...endpoint, share, looks, workspace_in_flight: inFlight, workspace_places: places }
  })
}
