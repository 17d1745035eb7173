import { type Database, statement, type Tx } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import type { Signals } from '../events/signals.ts'
import type { DeliveryStatus, WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import { AppError } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'
import { addDeliveries, retryDelivery } from './queue/queue.ts'

/** Manual operations on the queue. Each one is stored before the response, so it survives a restart. */
export interface ManualDeliveries {
  /**
   * Sends `webhook.test` to one endpoint and returns its delivery's id; requires PII_READ, like changing the endpoint.
   * @throws AppError `insufficient_scope`, `not_found`
   */
  sendTest(viewer: Viewer, endpointId: string): Promise<string>
  /** Makes a delivery due now. @throws AppError `not_found`; `conflict` if there is nothing to retry */
  retry(viewer: Viewer, deliveryId: string): Promise<void>
}

export function createManualDeliveries(database: Database, signals: Signals): ManualDeliveries {
  return {
    sendTest: async (viewer, endpointId) => {
      requireScope(viewer, 'PII_READ')
      const id = await database.inTransaction((tx) => createTestDelivery(tx, viewer, endpointId))
      signals.notify('events')
      signals.notify('deliveries')
      return id
    },
    retry: async (viewer, deliveryId) => {
      await database.inTransaction((tx) => retry(tx, viewer, deliveryId))
      signals.notify('deliveries')
    },
  }
}

/** Creates the event and its delivery in one transaction, so that the caller need not wait for the fan-out. */
async function createTestDelivery(tx: Tx, { workspaceId, apiKeyId }: Viewer, endpointId: string): Promise<string> {
  const [endpoint] = await tx.query<EndpointRow>(selectEndpoint, [workspaceId, endpointId])
  if (endpoint === undefined) throw new AppError('not_found', 'There is no such webhook endpoint.')
  await recordAudit(tx, { workspaceId, actor: apiKeyId, action: 'webhook_endpoint.tested', targetId: endpointId })
  const id = newId('event')
  const data = { id: endpointId, message: 'This is a test event.' }
  const occurredAt = endpoint.now
  const [position] = await appendEvents(tx, [
    { workspaceId, id, type: 'webhook.test', contactId: null, endpointId, occurredAt, data },
  ])
  const [deliveryId] = await addDeliveries(
    tx,
    position === undefined ? [] : [toTestDelivery(position, endpoint, id)],
    0,
  )
  if (deliveryId === undefined) throw new Error('The test event has no delivery.')
  return deliveryId
}

function toTestDelivery(eventPosition: number, endpoint: EndpointRow, eventId: string) {
  const { workspace_id: workspaceId, id: endpointId, status } = endpoint
  return {
    workspaceId,
    endpointId,
    eventId,
    eventPosition,
    contactId: null,
    status: status === 'ENABLED' ? 'PENDING' : 'HELD',
    trigger: 'TEST',
  } as const
}

async function retry(tx: Tx, { workspaceId, apiKeyId: actor }: Viewer, deliveryId: string): Promise<void> {
  await tx.query(lockEndpoint, [workspaceId, deliveryId])
  const [delivery] = await tx.query<DeliveryRow>(selectDelivery, [workspaceId, deliveryId])
  if (delivery === undefined) throw new AppError('not_found', 'There is no such delivery.')
  const refusal = retryRefusal(delivery)
  if (refusal !== undefined) throw new AppError('conflict', refusal)
  await retryDelivery(tx, workspaceId, deliveryId)
  await recordAudit(tx, { workspaceId, actor, action: 'delivery.retried', targetId: deliveryId })
}

function retryRefusal({ status, endpoint_status, in_flight, is_erased }: DeliveryRow): string | undefined {
  if (is_erased) return 'The contact of this delivery is erased.'
  if (status === 'SUCCEEDED') return 'This delivery has already succeeded.'
  if (endpoint_status === null) return 'The endpoint of this delivery is deleted.'
  if (endpoint_status !== 'ENABLED') return 'The endpoint is disabled. Enable it to send the deliveries that are held.'
  if (in_flight) return 'This delivery is being attempted right now.'
  return undefined
}

interface EndpointRow {
  workspace_id: string
  id: string
  status: WebhookEndpointStatus
  now: Date
}

interface DeliveryRow {
  status: DeliveryStatus
  endpoint_status: WebhookEndpointStatus | null
  in_flight: boolean
  is_erased: boolean
}

// Index: webhook_endpoint_pkey. The share lock keeps it unchanged until the delivery is written.
const selectEndpoint = statement(
  'select_endpoint_for_test',
  `select workspace_id, id, status, now()::timestamptz(3) as now
   from webhook_endpoint
   where workspace_id = $1
     and id = $2
   for share`,
)

// Indexes: delivery_pkey, webhook_endpoint_pkey. The share lock, taken before the delivery's, prevents that the endpoint
// is disabled or deleted before the commit.
const lockEndpoint = statement(
  'lock_endpoint_for_retry',
  `select id
   from webhook_endpoint
   where workspace_id = $1
     and id = (select endpoint_id from delivery where workspace_id = $1 and id = $2)
   for share`,
)

// Indexes: delivery_pkey, event_pkey.
const selectDelivery = statement(
  'lock_delivery_for_retry',
  `select d.status, e.status as endpoint_status, coalesce(d.lease_until > now(), false) as in_flight,
          event.redacted_at is not null as is_erased
   from delivery d
   join event on event.workspace_id = d.workspace_id and event.id = d.event_id
   left join webhook_endpoint e on e.workspace_id = d.workspace_id and e.id = d.endpoint_id
   where d.workspace_id = $1
     and d.id = $2
   for update of d`,
)
