import { workspaceLockStatement } from '../database/advisory-locks.ts'
import { statement, type Tx, unpreparedStatement } from '../database/database.ts'
import type { WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { EndpointKey } from './endpoint-deliveries.ts'
import { generateSecret } from './secret.ts'

/** Beginning of the URL of built-in receivers; callers can register http and https only. */
const urlStart = 'rex:test-receiver/'

/** Returns the endpoint behind the URL of a built-in receiver; undefined for any other URL. */
export function testReceiverOf(url: string): EndpointKey | undefined {
  if (!url.startsWith(urlStart)) return undefined
  const [workspaceId = '', endpointId = ''] = url.slice(urlStart.length).split('/')
  return { workspaceId, endpointId }
}

/**
 * Returns the workspace's built-in receiver, which is created with the first test lead. It wants no events, so the
 * fan-out never sends it any.
 */
export async function ensureTestReceiver(
  tx: Tx,
  { workspaceId, actor, secretBox }: { workspaceId: string; actor: string; secretBox: SecretBox },
): Promise<{ readonly id: string; readonly status: WebhookEndpointStatus }> {
  await tx.query(lockCount, [workspaceId])
  const [found] = await tx.query<{ id: string; status: WebhookEndpointStatus }>(selectReceiver, [workspaceId, urlStart])
  if (found !== undefined) return found
  const id = newId('endpoint')
  const secret = generateSecret()
  const sealed = secretBox.seal(secret, { workspaceId, id })
  const url = `${urlStart}${workspaceId}/${id}`
  await tx.query(insertReceiver, [workspaceId, id, url, 'Built-in receiver of test leads', sealed, secret.slice(-4)])
  await recordAudit(tx, { workspaceId, actor, action: 'webhook_endpoint.created', targetId: id })
  return { id, status: 'ENABLED' }
}

const lockCount = workspaceLockStatement('lock_endpoint_count', 'endpointCount')

// Index: webhook_endpoint_pkey. The key lock keeps it until the delivery is written.
const selectReceiver = statement(
  'select_test_receiver',
  `select id, status
   from webhook_endpoint
   where workspace_id = $1
     and starts_with(url, $2)
   order by id
   limit 1
   for key share`,
)

const insertReceiver = unpreparedStatement(
  'insert_test_receiver',
  `insert into webhook_endpoint
     (workspace_id, id, url, description, events, secret, secret_hint, created_at, updated_at, after_position)
   select $1, $2, $3, $4, '{}', $5, $6, now(), now(), (select coalesce(max(position), 0) from event)`,
)
