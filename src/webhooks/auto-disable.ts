import { type Database, statement } from '../database/database.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { EndpointDeliveries, EndpointKey } from './endpoints.ts'

/** An endpoint that answered 410: disabled, and what is open for it held. Does nothing when it is not enabled. */
export async function disableGoneEndpoint(
  database: Database,
  { workspaceId, endpointId }: EndpointKey,
  deliveries: EndpointDeliveries,
): Promise<void> {
  await database.inTransaction(async (tx) => {
    const [disabled] = await tx.query(markAutoDisabled, [workspaceId, endpointId, 'answered 410 Gone'])
    if (disabled === undefined) return
    await deliveries.hold(tx, { workspaceId, endpointId })
    const action = 'webhook_endpoint.auto_disabled'
    await recordAudit(tx, { workspaceId, actor: 'system', action, targetId: endpointId })
  })
}

// Index: webhook_endpoint_pkey.
const markAutoDisabled = statement(
  'auto_disable_webhook_endpoint',
  `update webhook_endpoint
   set status = 'AUTO_DISABLED',
       disabled_reason = $3,
       updated_at = now()
   where workspace_id = $1
     and id = $2
     and status = 'ENABLED'
   returning id`,
)
