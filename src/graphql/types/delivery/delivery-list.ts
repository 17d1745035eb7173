import { Prisma } from '../../../generated/prisma/client.ts'
import type { DeliveryStatus } from '../../../generated/prisma/enums.ts'
import { firstIdAt } from '../../../platform/ids.ts'
import type { BoundedList } from '../../schema/relay/bounded-list.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { textOf } from '../../schema/relay/keyset.ts'
import { timeWhere, type Where } from '../contact/contact-where.ts'
import type { DateTimeFilterInput } from '../shared/filters.ts'

const { sql } = Prisma

/** An id is made by the clock of a node, the time by that of the database. */
const clocksDifferMs = 3_600_000

interface DeliveryFilterInput {
  readonly endpointId?: string | null | undefined
  readonly eventId?: string | null | undefined
  readonly contactId?: string | null | undefined
  readonly status?: readonly DeliveryStatus[] | null | undefined
  readonly createdAt?: DateTimeFilterInput | null | undefined
}

/** Statuses of which delivery_troubled_idx and delivery_endpoint_troubled_idx hold all. */
const troubledStatuses: readonly string[] = ['RETRYING', 'FAILED', 'HELD', 'CANCELED']
/** The same in SQL, as the predicate of those indexes. */
export const troubled = troubledStatuses.map((status) => `'${status}'`).join(', ')

export function isTroubled(statuses: readonly string[]): boolean {
  return statuses.every((status) => troubledStatuses.includes(status))
}

export function deliveryList(filter: DeliveryFilterInput, slice: Slice): BoundedList {
  const { endpointId, eventId, contactId, createdAt } = filter
  const statuses = filter.status == null ? undefined : [...new Set(filter.status)]
  const byParent = eventId ?? contactId
  const byStatus = byParent == null && statuses !== undefined && isTroubled(statuses)
  const ofEndpoint = endpointId == null ? [] : [sql`endpoint_id = ${endpointId}`]
  return {
    table: sql`delivery`,
    columns: sql`id, endpoint_id, event_id, contact_id, status, created_at`,
    order: [sql`id`],
    key: sql`jsonb_build_array(id)`,
    range: [...rangeOf(slice), ...idsOf(createdAt ?? {}), ...(byParent == null ? ofEndpoint : [])],
    branches: branchesOf(filter, byStatus ? statuses : undefined),
    filters: [
      ...(byParent == null ? [] : ofEndpoint),
      ...(eventId != null && contactId != null ? [sql`contact_id = ${contactId}`] : []),
      ...(statuses === undefined || byStatus ? [] : [sql`status = any (${statuses}::delivery_status[])`]),
      ...(createdAt?.gte || createdAt?.lt ? [timeWhere(sql`created_at`, createdAt)] : []),
    ],
  }
}

// Indexes: delivery_workspace_id_event_id_endpoint_id_key, delivery_workspace_id_contact_id_id_idx, those of the troubled
// statuses, delivery_workspace_id_endpoint_id_id_idx, delivery_pkey.
function branchesOf(
  { eventId, contactId }: DeliveryFilterInput,
  statuses: readonly DeliveryStatus[] | undefined,
): Where[] {
  if (eventId != null) return [sql`event_id = ${eventId}`]
  if (contactId != null) return [sql`contact_id = ${contactId}`]
  return statuses?.map((status) => sql`status = ${status}::delivery_status`) ?? [sql`true`]
}

function rangeOf({ after, before }: Slice): Where[] {
  return [...(after ? [sql`id < ${textOf(after)}`] : []), ...(before ? [sql`id > ${textOf(before)}`] : [])]
}

/** Ids begin with the time at which they were made, which no index but theirs has. */
function idsOf({ gte, lt }: DateTimeFilterInput): Where[] {
  return [
    ...(gte ? [sql`id >= ${firstIdAt('delivery', gte.getTime() - clocksDifferMs)}`] : []),
    ...(lt ? [sql`id < ${firstIdAt('delivery', lt.getTime() + clocksDifferMs)}`] : []),
  ]
}
