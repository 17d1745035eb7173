import { workspaceLockStatement } from '../database/advisory-locks.ts'
import { type Database, statement, type Tx, unpreparedStatement } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import type { EventDraft } from '../events/event-types.ts'
import type { WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import { AppError, invalidRequest } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import { requireScope, type Viewer } from '../workspaces/viewer.ts'
import type { EndpointDeliveries, EndpointKey } from './endpoint-deliveries.ts'
import { disableEndpoint, healthEvent } from './endpoint-health.ts'
import { type CheckUrl, checkEndpointInput, type EndpointInput, type FieldNames, trimUrl } from './endpoint-input.ts'
import { type RotationRequest, rotateSecret } from './rotation.ts'
import { generateSecret, hintOf } from './secret.ts'

export const maxEndpoints = 1000

export interface Endpoints {
  /** @throws AppError `insufficient_scope`, `invalid_request`, `unsafe_url`, `conflict` if the workspace has too many */
  create(viewer: Viewer, input: EndpointInput, names: FieldNames): Promise<{ id: string; secret: string }>
  /** @throws AppError `insufficient_scope`, `invalid_request`, `unsafe_url`, `not_found` */
  update(
    viewer: Viewer,
    id: string,
    input: EndpointInput & { readonly enabled?: boolean },
    names: FieldNames,
  ): Promise<void>
  /** Returns the new secret, which is shown only once. @throws AppError `insufficient_scope`, `invalid_request`, `not_found` */
  rotateSecret(viewer: Viewer, request: RotationRequest): Promise<string>
  /** @throws AppError `not_found` */
  remove(viewer: Viewer, id: string): Promise<void>
}

/** Creates the operations on webhook endpoints. `onSwitched` is called after a commit that enabled or disabled one. */
export function createEndpoints(parts: {
  readonly database: Database
  readonly secretBox: SecretBox
  readonly checkUrl: CheckUrl
  readonly deliveries: EndpointDeliveries
  readonly onSwitched: () => void
}): Endpoints {
  const { database, secretBox, checkUrl, deliveries, onSwitched } = parts
  return {
    create: async (viewer, given, names) => {
      requirePersonalData(viewer)
      const input = trimUrl(given)
      if (input.url === undefined) throw invalidRequest([{ path: 'url', message: 'is required', kind: 'required' }])
      checkEndpointInput(input, checkUrl, names)
      const { workspaceId } = viewer
      const id = newId('endpoint')
      const secret = input.secret ?? generateSecret()
      const sealed = secretBox.seal(secret, { workspaceId, id })
      await database.inTransaction(async (tx) => {
        await insertEndpoint(tx, { workspaceId, id, sealed, secretHint: hintOf(secret), input })
        await recordAudit(tx, { workspaceId, actor: viewer.apiKeyId, action: 'webhook_endpoint.created', targetId: id })
      })
      return { id, secret }
    },

    update: async (viewer, id, { enabled, ...given }, names) => {
      const input = trimUrl(given)
      if (input.url !== undefined || input.events !== undefined) requirePersonalData(viewer)
      checkEndpointInput(input, checkUrl, names)
      const key = { workspaceId: viewer.workspaceId, endpointId: id }
      const changed = await database.inTransaction(async (tx) => {
        const status = await lockEndpoint(tx, key)
        await changeEndpoint(tx, key, input)
        const switched = enabled !== undefined && enabled !== (status === 'ENABLED')
        if (switched && enabled) await enableEndpoint(tx, key, deliveries)
        await auditChange(tx, viewer, id, { ...input, ...(enabled !== undefined && { enabled }) })
        if (switched && !enabled) await appendEvents(tx, await disableByHand(tx, key, deliveries))
        return switched
      })
      if (changed) onSwitched()
    },

    rotateSecret: async (viewer, request) => {
      requirePersonalData(viewer)
      return rotateSecret(parts, viewer, request)
    },

    remove: async (viewer, id) => {
      const key = { workspaceId: viewer.workspaceId, endpointId: id }
      await database.inTransaction(async (tx) => {
        await lockEndpoint(tx, key)
        await tx.query(deleteEndpoint, [key.workspaceId, id])
        await deliveries.cancel(tx, key)
        const actor = viewer.apiKeyId
        await recordAudit(tx, { workspaceId: key.workspaceId, actor, action: 'webhook_endpoint.deleted', targetId: id })
      })
    },
  }
}

async function insertEndpoint(
  tx: Tx,
  endpoint: {
    readonly workspaceId: string
    readonly id: string
    readonly sealed: string
    readonly secretHint: string
    readonly input: EndpointInput
  },
): Promise<void> {
  const { workspaceId, id, sealed, secretHint, input } = endpoint
  await tx.query(lockCount, [workspaceId])
  const { url = '', events = ['contact.created'], description = null, maxInFlight = 10 } = input
  const rows = await tx.query(insertRow, [
    workspaceId,
    id,
    url,
    description,
    [...new Set(events)],
    sealed,
    secretHint,
    maxInFlight,
    maxEndpoints,
  ])
  if (rows.length === 0) throw new AppError('conflict', `A workspace has at most ${maxEndpoints} webhook endpoints.`)
}

/**
 * Requires PII_READ: a caller who sets the URL or the events of webhooks can read all their contents.
 * @throws AppError `insufficient_scope`
 */
function requirePersonalData(viewer: Viewer): void {
  requireScope(viewer, 'PII_READ')
}

/** Locks the endpoint for the rest of the transaction. @throws AppError `not_found` */
async function lockEndpoint(tx: Tx, { workspaceId, endpointId }: EndpointKey): Promise<WebhookEndpointStatus> {
  const [row] = await tx.query<{ status: WebhookEndpointStatus }>(selectForUpdate, [workspaceId, endpointId])
  if (row === undefined) throw new AppError('not_found', 'There is no such webhook endpoint.')
  return row.status
}

async function changeEndpoint(tx: Tx, { workspaceId, endpointId }: EndpointKey, input: EndpointInput): Promise<void> {
  await tx.query(updateRow, [
    workspaceId,
    endpointId,
    input.url ?? null,
    input.events === undefined ? null : [...new Set(input.events)],
    input.description !== undefined,
    input.description ?? null,
    input.maxInFlight ?? null,
  ])
}

async function enableEndpoint(tx: Tx, key: EndpointKey, deliveries: EndpointDeliveries): Promise<void> {
  await tx.query(markEnabled, [key.workspaceId, key.endpointId])
  await deliveries.release(tx, key)
}

/** Disables an endpoint on request and returns its event, to be appended last; one that is disabled stays unchanged. */
async function disableByHand(tx: Tx, key: EndpointKey, deliveries: EndpointDeliveries): Promise<EventDraft[]> {
  const reason = 'disabled by hand'
  const disabledAt = await disableEndpoint(tx, key, 'DISABLED', reason, deliveries)
  return disabledAt ? [healthEvent('webhook.disabled', key, disabledAt, reason)] : []
}

async function auditChange(tx: Tx, viewer: Viewer, targetId: string, change: Record<string, unknown>): Promise<void> {
  const { workspaceId, apiKeyId: actor } = viewer
  const details = { fields: Object.keys(change) }
  await recordAudit(tx, { workspaceId, actor, action: 'webhook_endpoint.updated', targetId, details })
}

// One at a time per workspace: two concurrent counts would both find space for the last endpoint.
const lockCount = workspaceLockStatement('lock_endpoint_count', 'endpointCount')

const insertRow = unpreparedStatement(
  'insert_webhook_endpoint',
  `insert into webhook_endpoint
     (workspace_id, id, url, description, events, secret, secret_hint, max_in_flight, created_at, updated_at,
      after_position)
   select $1::text, $2::text, $3::text, $4::text, $5::text[], $6::text, $7::text, $8::int, now(), now(),
          (select coalesce(max(position), 0) from event)
   where (select count(*) from webhook_endpoint where workspace_id = $1) < $9::int
   returning id`,
)

// Index: webhook_endpoint_pkey.
const selectForUpdate = statement(
  'lock_webhook_endpoint',
  `select status
   from webhook_endpoint
   where workspace_id = $1
     and id = $2
   for update`,
)

// Index: webhook_endpoint_pkey.
const updateRow = statement(
  'update_webhook_endpoint',
  `update webhook_endpoint
   set url = coalesce($3, url),
       events = coalesce($4::text[], events),
       description = case when $5::boolean then $6 else description end,
       max_in_flight = coalesce($7::int, max_in_flight),
       updated_at = now()
   where workspace_id = $1
     and id = $2`,
)

// Index: webhook_endpoint_pkey.
const markEnabled = statement(
  'enable_webhook_endpoint',
  `update webhook_endpoint
   set status = 'ENABLED',
       disabled_reason = null,
       failure_count = 0,
       failing_since = null,
       failing_announced = false,
       probe_at = null,
       updated_at = now()
   where workspace_id = $1
     and id = $2`,
)

// Index: webhook_endpoint_pkey.
const deleteEndpoint = statement(
  'delete_webhook_endpoint',
  `delete from webhook_endpoint
   where workspace_id = $1
     and id = $2`,
)
