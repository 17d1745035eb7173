import { statement, type Tx } from '../database/database.ts'
import type { LoggedEvent } from '../events/catalogue.ts'
import { lockPosition } from '../events/position.ts'
import { wantsEvent } from '../webhooks/matching.ts'
import { cancelDeliveriesOfContact } from './queue.ts'

/** The name of the fan-out among the readers of the log. */
export const fanOutReader = 'fanout'

/**
 * What delivery does when a contact is erased, in that transaction: cancels what is open, and takes the receivers'
 * answers, and the status lines in details, out of the attempts; answers how many deliveries it cancelled. Until the transaction ends nothing more is
 * owed of the contact: the fan-out waits for its position, retries and replays for the endpoints.
 */
export async function eraseFromDeliveries(
  tx: Tx,
  { workspaceId, contactId }: { readonly workspaceId: string; readonly contactId: string },
): Promise<number> {
  await lockPosition(tx, fanOutReader)
  await tx.query(lockEndpoints, [workspaceId])
  const canceled = await cancelDeliveriesOfContact(tx, workspaceId, contactId)
  await tx.query(redactAttempts, [workspaceId, contactId])
  return canceled
}

/** Which endpoints hold an erased contact. */
export interface Told {
  has(endpoint: { readonly id: string; readonly events: readonly string[] }): boolean
}

/**
 * Of each `contact.erased` the endpoints that an attempt has told of the contact, whatever came of it. Where retention
 * has taken what would tell, it counts as told whoever takes contacts: better an unknown id than a person kept.
 */
export async function findToldEndpoints(tx: Tx, events: readonly LoggedEvent[]): Promise<ReadonlyMap<string, Told>> {
  const erasures = events.filter(({ type }) => type === 'contact.erased')
  if (erasures.length === 0) return new Map()
  const rows = await tx.query<ToldRow>(selectTold, [
    erasures.map(({ workspaceId }) => workspaceId),
    erasures.map(({ id }) => id),
    erasures.map(({ contactId }) => contactId),
    erasures.map(({ position }) => position),
  ])
  return new Map(rows.map((row) => [row.event_id, toldOf(row)]))
}

function toldOf({ endpoint_ids, is_whole }: ToldRow): Told {
  const ids = new Set(endpoint_ids)
  return {
    has: ({ id, events }) => {
      if (ids.has(id) || is_whole) return ids.has(id)
      return wantsEvent(events, 'contact.created') || wantsEvent(events, 'contact.updated')
    },
  }
}

interface ToldRow {
  event_id: string
  endpoint_ids: string[]
  /** Whether the log still goes back to when the contact was made. */
  is_whole: boolean
}

// Index: webhook_endpoint_pkey. In the order in which everybody locks them.
const lockEndpoints = statement(
  'lock_endpoints_for_erasure',
  `select id
   from webhook_endpoint
   where workspace_id = $1
   order by id
   for update`,
)

// Indexes: delivery_workspace_id_contact_id_id_idx, attempt_workspace_id_delivery_id_number_key.
const redactAttempts = statement(
  'redact_attempts',
  `update attempt a
   set response_body = null,
       detail = null
   from delivery d
   where d.workspace_id = $1
     and d.contact_id = $2
     and a.workspace_id = d.workspace_id
     and a.delivery_id = d.id
     and (a.response_body is not null or a.detail is not null)`,
)

// Indexes: delivery_workspace_id_contact_id_id_idx, event_workspace_id_contact_id_position_idx. A claim counts: an
// attempt that was never settled may have arrived.
const selectTold = statement(
  'select_told_endpoints',
  `select erased.event_id,
          array(
            select distinct d.endpoint_id
            from delivery d
            where d.workspace_id = erased.workspace_id
              and d.contact_id = erased.contact_id
              and d.event_position < erased.position
              and d.lease_token > 0
          ) as endpoint_ids,
          exists (
            select
            from event
            where event.workspace_id = erased.workspace_id
              and event.contact_id = erased.contact_id
              and event.type = 'contact.created'
          ) as is_whole
   from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     as erased (workspace_id, event_id, contact_id, position)`,
)
