import type { LeaseRequest, NewDelivery } from '../queue/queue.ts'

/** New deliveries: those that may be leased when they are added, and the others. */
interface Divided {
  readonly candidates: readonly NewDelivery[]
  readonly others: readonly NewDelivery[]
}

/**
 * Divides new deliveries, in the order of their events: candidates are at most as many as the worker may lease, for each
 * workspace and in all, and only the first of a contact for each endpoint.
 */
export function divideForLeases(
  deliveries: readonly NewDelivery[],
  { limit, allowanceOf }: Pick<LeaseRequest, 'limit' | 'allowanceOf'>,
): Divided {
  const places = new Map<string, number>()
  const lanes = new Set<string>()
  const candidates: NewDelivery[] = []
  const others: NewDelivery[] = []
  for (const delivery of deliveries) {
    const { workspaceId, endpointId, contactId, status } = delivery
    const lane = contactId === null ? undefined : `${workspaceId} ${endpointId} ${contactId}`
    const left = places.get(workspaceId) ?? allowanceOf(workspaceId).places
    const isFirst = lane === undefined || !lanes.has(lane)
    const mayLease = status === 'PENDING' && isFirst && left > 0 && candidates.length < limit
    if (lane !== undefined) lanes.add(lane)
    places.set(workspaceId, mayLease ? left - 1 : left)
    if (mayLease) candidates.push(delivery)
    else others.push(delivery)
  }
  return { candidates, others }
}
