import type { CursorKey } from '../../../events/cursor.ts'
import { Prisma, type Submission } from '../../../generated/prisma/client.ts'
import type { SubmissionStatus } from '../../../generated/prisma/enums.ts'
import { refusal } from '../../execution/errors.ts'
import type { BoundedList } from '../../schema/relay/bounded-list.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { isTime } from '../contact/contact-order.ts'
import { textWhereVisible, timeWhere, type Where } from '../contact/filter/contact-where.ts'
import type { DateTimeFilterInput, StringFilterInput } from '../shared/filters.ts'

const { sql } = Prisma

interface SubmissionFilterInput {
  readonly status?: readonly SubmissionStatus[] | null | undefined
  readonly source?: StringFilterInput | null | undefined
  readonly receivedAt?: DateTimeFilterInput | null | undefined
}

/**
 * Returns the query for submissions by the time of receipt. HELD and SPAM use submission_kept_back_idx; ACCEPTED and a
 * source are searched along submission_workspace_id_received_at_id_idx. Without `seesEmails` only the visible part of a
 * source can match.
 */
export function submissionList(
  { status, source, receivedAt }: SubmissionFilterInput,
  slice: Slice,
  seesEmails: boolean,
): BoundedList {
  const statuses = status == null ? undefined : [...new Set(status)]
  const notAccepted = statuses !== undefined && !statuses.includes('ACCEPTED')
  return {
    table: sql`submission`,
    columns: sql`id, received_at, status, source`,
    order: [sql`received_at`, sql`id`],
    key: sql`jsonb_build_array(to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), id)`,
    range: rangeOf(slice, receivedAt ?? {}),
    branches: notAccepted ? statuses.map((each) => sql`status = ${each}::submission_status`) : [sql`true`],
    filters: [
      ...(statuses === undefined || notAccepted ? [] : [sql`status = any (${statuses}::submission_status[])`]),
      ...(source ? [textWhereVisible(sql`source`, source, seesEmails)] : []),
    ],
  }
}

export function receiptKey({ receivedAt, id }: Submission): CursorKey {
  return [receivedAt.toISOString(), id]
}

function rangeOf(slice: Slice, receivedAt: DateTimeFilterInput): Where[] {
  const { after, before } = slice
  return [
    timeWhere(sql`received_at`, withoutImplied(receivedAt, slice)),
    ...(after ? [sql`(received_at, id) < ${keyWhere(after)}`] : []),
    ...(before ? [sql`(received_at, id) > ${keyWhere(before)}`] : []),
  ]
}

/** Leaves out bounds that a cursor implies: PostgreSQL 18 may start its walk of the index at the wider of the two. */
function withoutImplied(filter: DateTimeFilterInput, { after, before }: Slice): DateTimeFilterInput {
  const [latest, earliest] = [timeOf(after), timeOf(before)]
  const isBelow = latest !== undefined && filter.lt != null && latest < filter.lt
  const isAbove = earliest !== undefined && filter.gte != null && earliest >= filter.gte
  return { ...filter, ...(isBelow && { lt: null }), ...(isAbove && { gte: null }) }
}

function timeOf(key: CursorKey | undefined): Date | undefined {
  const [time] = key ?? []
  return typeof time === 'string' && isTime(time) ? new Date(time) : undefined
}

/** @throws INVALID_CURSOR */
function keyWhere([time, id]: CursorKey): Prisma.Sql {
  if (typeof time === 'string' && typeof id === 'string' && isTime(time)) return sql`(${time}::timestamptz, ${id})`
  throw refusal('INVALID_CURSOR', 'This cursor does not belong to this list.')
}
