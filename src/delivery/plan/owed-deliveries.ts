import type { EventHead } from '../../events/log.ts'
import type { WebhookEndpointStatus } from '../../generated/prisma/enums.ts'
import { wantsEvent } from '../../webhooks/matching.ts'
import type { Told } from '../erasure.ts'
import type { NewDelivery } from '../queue/queue.ts'

/** What the fan-out knows of an endpoint. */
export interface OwedEndpoint {
  readonly workspace_id: string
  readonly id: string
  readonly events: readonly string[]
  readonly status: WebhookEndpointStatus
  readonly after_position: number
}

/** The deliveries that an event owes to the endpoints of its workspace. */
export function deliveriesOwed(
  event: EventHead,
  endpoints: readonly OwedEndpoint[],
  told: Told | undefined,
): NewDelivery[] {
  return endpoints.filter((endpoint) => isOwed(event, endpoint, told)).map((endpoint) => owe(event, endpoint))
}

/**
 * What is acknowledged reaches the endpoints that were there by then. Positions say so, not times: a capture that waits
 * begins before an endpoint is made and commits after. A younger endpoint gets older events by a replay. Of an erased
 * contact nothing is owed but `contact.erased`: to each endpoint that was told of it, wanted or not (decision 8).
 */
function isOwed(event: EventHead, endpoint: OwedEndpoint, told: Told | undefined): boolean {
  if (event.workspaceId !== endpoint.workspace_id || event.redactedAt !== null) return false
  if (told?.has(endpoint)) return true
  if (event.endpointId !== null) return event.endpointId === endpoint.id
  // An endpoint does not hear of its own health: each failure to deliver that would be one more to report.
  if (event.subjectId === endpoint.id) return false
  return wantsEvent(endpoint.events, event.type) && event.position > endpoint.after_position
}

function owe(event: EventHead, endpoint: OwedEndpoint): NewDelivery {
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
