import { Prisma } from '../../../generated/prisma/client.ts'
import type { DeliveryStatus } from '../../../generated/prisma/enums.ts'
import { firstIdAt } from '../../../platform/ids.ts'
import type { BoundedList } from '../../schema/relay/bounded-list.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { textOf } from '../../schema/relay/keyset.ts'
import { timeWhere, type Where } from '../contact/filter/contact-where.ts'
import type { DateTimeFilterInput } from '../shared/filters.ts'

const { sql } = Prisma

/** Maximum difference between a node's clock, which ids contain, and the database's clock, which sets the time. */
const maxClockDifferenceMs = 3_600_000

interface DeliveryFilterInput {
  readonly endpointId?: string | null | undefined
  readonly eventId?: string | null | undefined
  readonly contactId?: string | null | undefined
  readonly status?: readonly DeliveryStatus[] | null | undefined
  readonly createdAt?: DateTimeFilterInput | null | undefined
}

/** Statuses that delivery_troubled_idx and delivery_endpoint_troubled_idx contain. */
const statusesWithIndex: readonly string[] = ['RETRYING', 'FAILED', 'HELD', 'CANCELED']
/** These statuses in SQL, as in the predicate of the two indexes. */
export const indexedStatuses = statusesWithIndex.map((status) => `'${status}'`).join(', ')

export function haveIndexOfStatus(statuses: readonly string[]): boolean {
  return statuses.every((status) => statusesWithIndex.includes(status))
}

export function deliveryList(filter: DeliveryFilterInput, slice: Slice): BoundedList {
  const { endpointId, eventId, contactId, createdAt } = filter
  const statuses = filter.status == null ? undefined : [...new Set(filter.status)]
  const byParent = eventId ?? contactId
  const byStatus = byParent == null && statuses !== undefined && haveIndexOfStatus(statuses)
  const ofEndpoint = endpointId == null ? [] : [sql`endpoint_id = ${endpointId}`]
  return {
    table: sql`delivery`,
    columns: sql`id, endpoint_id, event_id, contact_id, status, created_at`,
    order: [sql`id`],
    key: sql`jsonb_build_array(id)`,
    range: [...rangeOf(slice), ...idRangeOf(createdAt ?? {}), ...(byParent == null ? ofEndpoint : [])],
    branches: branchesOf(filter, byStatus ? statuses : undefined),
    filters: [
      ...(byParent == null ? [] : ofEndpoint),
      ...(eventId != null && contactId != null ? [sql`contact_id = ${contactId}`] : []),
      ...(statuses === undefined || byStatus ? [] : [sql`status = any (${statuses}::delivery_status[])`]),
      ...(createdAt?.gte || createdAt?.lt ? [timeWhere(sql`created_at`, createdAt)] : []),
    ],
  }
}

// Indexes: delivery_workspace_id_event_id_endpoint_id_key, delivery_workspace_id_contact_id_id_idx, the two partial indexes
// of statuses, delivery_workspace_id_endpoint_id_id_idx, delivery_pkey.
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

/** Converts a time range to an id range: ids begin with their creation time, and only they have an index. */
function idRangeOf({ gte, lt }: DateTimeFilterInput): Where[] {
  return [
    ...(gte ? [sql`id >= ${firstIdAt('delivery', gte.getTime() - maxClockDifferenceMs)}`] : []),
    ...(lt ? [sql`id < ${firstIdAt('delivery', lt.getTime() + maxClockDifferenceMs)}`] : []),
  ]
}
