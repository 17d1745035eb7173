import { statement, type Tx, unpreparedStatement } from '../database/database.ts'
import type { EventHead } from '../events/event-log.ts'
import { lockReader } from '../events/position.ts'
import { idBefore } from '../platform/ids.ts'
import { wantsEvent } from '../webhooks/matching.ts'
import { cancelDeliveriesOfContact } from './queue/queue.ts'

/** Name of the fan-out among the readers of the log. */
export const fanOutReader = 'fanout'

/** Rows that one statement processes. */
const pageRows = 1000
/** Maximum time from creating a row's id to its commit. */
const maxCommitDelayMs = 60_000

/**
 * Erases a contact from delivery, in the transaction of its erasure: cancels open deliveries, and removes receivers'
 * responses and status lines from its attempts. Returns how many deliveries it cancelled. Until the transaction ends, no
 * new delivery of the contact can appear: the fan-out waits for its position, retries and replays for the endpoints.
 */
export async function eraseFromDeliveries(tx: Tx, contact: ContactKey, after: string): Promise<number> {
  const { workspaceId, contactId } = contact
  await lockReader(tx, fanOutReader, workspaceId)
  await tx.query(lockEndpoints, [workspaceId])
  const canceled = await cancelDeliveriesOfContact(tx, contact, { limit: null, onlyIfFull: false })
  await tx.query(redactAttempts, [workspaceId, contactId, idBefore(after, maxCommitDelayMs), null])
  return canceled
}

/** Cancels one page of open deliveries; returns undefined if less than a page is left. */
export async function cancelDeliveriesStep(tx: Tx, contact: ContactKey): Promise<ErasureStep | undefined> {
  const count = await cancelDeliveriesOfContact(tx, contact, { limit: pageRows, onlyIfFull: true })
  return count === 0 ? undefined : { count, after: '' }
}

/**
 * Removes the responses from the attempts of one page of deliveries; returns undefined if less than a page is left. The
 * events are redacted and open deliveries are cancelled before, so an attempt that ends later stores no response.
 */
export async function eraseAttemptsStep(
  tx: Tx,
  { workspaceId, contactId }: ContactKey,
  after: string,
): Promise<ErasureStep | undefined> {
  const [page] = await tx.query<{ last: string }>(selectAttemptsPage, [workspaceId, contactId, after, pageRows])
  if (page === undefined) return undefined
  await tx.query(redactAttempts, [workspaceId, contactId, after, page.last])
  return { count: pageRows, after: page.last }
}

interface ContactKey {
  readonly workspaceId: string
  readonly contactId: string
}

interface ErasureStep {
  readonly count: number
  readonly after: string
}

/** The endpoints that have received data of an erased contact. */
export interface NotifiedEndpoints {
  has(endpoint: { readonly id: string; readonly events: readonly string[] }): boolean
}

/** Maximum deliveries of an erased contact that are read, because the fan-out of all workspaces waits for it. */
export const notifiedLimit = 10_000

/**
 * Returns for each `contact.erased` the endpoints that an attempt has notified of the contact, with any outcome. If
 * retention has deleted the deliveries that show it, the endpoints that subscribe to contacts count as notified. If the
 * contact has more deliveries than the limit, all endpoints of the workspace count: an endpoint that receives an unknown
 * id is better than one that keeps a person's data.
 */
export async function findNotifiedEndpoints(
  tx: Tx,
  events: readonly EventHead[],
): Promise<ReadonlyMap<string, NotifiedEndpoints>> {
  const erasures = events.filter(({ type }) => type === 'contact.erased')
  if (erasures.length === 0) return new Map()
  const rows = await tx.query<NotifiedRow>(selectNotified, [
    erasures.map(({ workspaceId }) => workspaceId),
    erasures.map(({ id }) => id),
    erasures.map(({ contactId }) => contactId),
    erasures.map(({ position }) => position),
    notifiedLimit,
  ])
  return new Map(rows.map((row) => [row.event_id, toNotifiedEndpoints(row)]))
}

function toNotifiedEndpoints({ endpoint_ids, looked, is_whole }: NotifiedRow): NotifiedEndpoints {
  if (looked >= notifiedLimit) return { has: () => true }
  const ids = new Set(endpoint_ids)
  return {
    has: ({ id, events }) => {
      if (ids.has(id) || is_whole) return ids.has(id)
      return wantsEvent(events, 'contact.created') || wantsEvent(events, 'contact.updated')
    },
  }
}

interface NotifiedRow {
  event_id: string
  endpoint_ids: string[]
  /** Deliveries of the contact that were read. */
  looked: number
  /** Whether the log still contains the creation of the contact. */
  is_whole: boolean
}

// Index: webhook_endpoint_pkey. Locked in the order that all transactions use.
const lockEndpoints = statement(
  'lock_endpoints_for_erasure',
  `select id
   from webhook_endpoint
   where workspace_id = $1
   order by id
   for update`,
)

// Indexes: delivery_workspace_id_contact_id_id_idx, attempt_workspace_id_delivery_id_number_key.
const redactAttempts = unpreparedStatement(
  'redact_attempts',
  `update attempt a
   set response_body = null,
       detail = null
   from delivery d
   where d.workspace_id = $1
     and d.contact_id = $2
     and d.id > $3
     and ($4::text is null or d.id <= $4)
     and a.workspace_id = d.workspace_id
     and a.delivery_id = d.id
     and (a.response_body is not null or a.detail is not null)`,
)

// Index: delivery_workspace_id_contact_id_id_idx.
const selectAttemptsPage = unpreparedStatement(
  'select_attempts_page',
  `select id as last
   from delivery
   where workspace_id = $1
     and contact_id = $2
     and id > $3
   order by id
   offset $4::int - 1
   limit 1`,
)

// Indexes: delivery_workspace_id_contact_id_id_idx, event_workspace_id_contact_id_position_idx. A claimed delivery counts,
// because an attempt that was never settled may have reached the endpoint.
const selectNotified = unpreparedStatement(
  'select_told_endpoints',
  `select erased.event_id,
          array(select distinct endpoint_id from unnest(told.endpoint_ids) as told (endpoint_id)) as endpoint_ids,
          told.looked,
          exists (
            select
            from event
            where event.workspace_id = erased.workspace_id
              and event.contact_id = erased.contact_id
              and event.type = 'contact.created'
          ) as is_whole
   from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     as erased (workspace_id, event_id, contact_id, position)
   cross join lateral (
     select count(*)::int as looked,
            array_agg(endpoint_id) filter (where lease_token > 0 and event_position < erased.position) as endpoint_ids
     from (
       select d.endpoint_id, d.lease_token, d.event_position
       from delivery d
       where d.workspace_id = erased.workspace_id
         and d.contact_id = erased.contact_id
       limit $5::int
     ) looked
   ) told`,
)
