import type { EventHead } from '../../events/event-log.ts'
import type { WebhookEndpointStatus } from '../../generated/prisma/enums.ts'
import { wantsEvent } from '../../webhooks/matching.ts'
import type { NotifiedEndpoints } from '../delivery-erasure.ts'
import type { NewDelivery } from '../queue/queue.ts'

/** The columns of an endpoint that the fan-out reads. */
export interface OwedEndpoint {
  readonly workspace_id: string
  readonly id: string
  readonly events: readonly string[]
  readonly status: WebhookEndpointStatus
  readonly after_position: number
}

/** Returns the deliveries that an event requires to the endpoints of its workspace. */
export function planDeliveries(
  event: EventHead,
  endpoints: readonly OwedEndpoint[],
  notified: NotifiedEndpoints | undefined,
): NewDelivery[] {
  return endpoints
    .filter((endpoint) => isOwed(event, endpoint, notified))
    .map((endpoint) => toDelivery(event, endpoint))
}

/**
 * Decides whether an endpoint receives an event. An event goes to the endpoints that existed when it was committed.
 * Positions decide this, not times: a capture can begin before an endpoint is created and commit after. A newer endpoint
 * receives older events through a replay. For an erased contact only `contact.erased` is sent, to every endpoint that was
 * notified of the contact, even if it does not subscribe to that type (decision 8).
 */
function isOwed(event: EventHead, endpoint: OwedEndpoint, notified: NotifiedEndpoints | undefined): boolean {
  if (event.workspaceId !== endpoint.workspace_id || event.redactedAt !== null) return false
  if (notified?.has(endpoint)) return true
  if (event.endpointId !== null) return event.endpointId === endpoint.id
  // An endpoint is not notified of its own health: each failed delivery of it would cause another event.
  if (event.subjectId === endpoint.id) return false
  return wantsEvent(endpoint.events, event.type) && event.position > endpoint.after_position
}

function toDelivery(event: EventHead, endpoint: OwedEndpoint): NewDelivery {
  return {
    workspaceId: event.workspaceId,
    endpointId: endpoint.id,
    eventId: event.id,
    eventPosition: event.position,
    contactId: event.contactId,
    status: endpoint.status === 'ENABLED' ? 'PENDING' : 'HELD',
    trigger: event.endpointId === null ? 'AUTOMATIC' : 'TEST',
  }
}
