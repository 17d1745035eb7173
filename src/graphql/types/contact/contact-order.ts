import type { CursorKey } from '../../../events/cursor.ts'
import { type Contact, Prisma } from '../../../generated/prisma/client.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { type FieldColumns, fieldColumns } from '../../schema/relay/selected-columns.ts'
import type { ContactFilterInput } from './filter/contact-filter.ts'
import { timeWhere } from './filter/contact-where.ts'

const { sql } = Prisma

const ContactOrderField = builder.enumType('ContactOrderField', {
  values: ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'] as const,
})
const OrderDirection = builder.enumType('OrderDirection', { values: ['ASC', 'DESC'] as const })

export const ContactOrder = builder.inputType('ContactOrder', {
  fields: (t) => ({
    field: t.field({ type: ContactOrderField, required: true, defaultValue: 'CREATED_AT' }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC' }),
  }),
})

/** An order of contacts: by a value, then by id. Each order has an index on (workspace_id, value, id). */
export interface ContactOrdering {
  /** Name that its cursors contain: a cursor of another order is invalid in this one. */
  readonly list: string
  readonly isByEmail: boolean
  /** Columns that each field of a contact reads, with those of the cursors of this order. */
  readonly fieldColumns: FieldColumns
  readonly column: Prisma.Sql
  keyOf(contact: Contact): CursorKey
  /** Returns the conditions for rows strictly between the ends of the slice. @throws INVALID_CURSOR */
  rangeOf(slice: Slice): Prisma.Sql[]
  /** Returns the sort direction, which depends on the end from which the slice is read. */
  directionOf(slice: Slice): Prisma.Sql
}

type ContactOrderInput = typeof ContactOrder.$inferInput

/** Returns the ordering. A filter on the same time limits the range, so that the index scan starts at the filter. */
export function orderingOf(
  order: ContactOrderInput | null | undefined,
  filter: ContactFilterInput | null | undefined,
): ContactOrdering {
  const { field, direction } = order ?? { field: 'CREATED_AT', direction: 'DESC' }
  const { column, type, read, fieldColumns } = values[field]
  const ascending = direction === 'ASC'
  const times = timeFilterOf(field, filter ?? {})
  const bounds = times ? [timeWhere(column, times)] : []
  const beyond = (key: CursorKey | undefined, upwards: boolean): Prisma.Sql[] => {
    if (key === undefined) return []
    const [value, id] = parseKey(key, field === 'EMAIL' ? () => true : isTime)
    const place = sql`(${value}::${type}, ${id})`
    return [upwards ? sql`(${column}, id) > ${place}` : sql`(${column}, id) < ${place}`]
  }
  return {
    list: `contacts ${field} ${direction}`,
    isByEmail: field === 'EMAIL',
    fieldColumns,
    column,
    keyOf: (contact) => [read(contact), contact.id],
    rangeOf: ({ after, before }) => [...bounds, ...beyond(after, ascending), ...beyond(before, !ascending)],
    directionOf: ({ fromEnd }) => (ascending === fromEnd ? sql`desc` : sql`asc`),
  }
}

function timeFilterOf(field: ContactOrderInput['field'], { createdAt, lastSeenAt }: ContactFilterInput) {
  if (field === 'CREATED_AT') return createdAt
  return field === 'LAST_SEEN_AT' ? lastSeenAt : undefined
}

const fields = fieldColumns(
  [
    ...['id', 'email', 'firstName', 'lastName', 'stage', 'source', 'metadata', 'firstTouch', 'lastTouch'],
    ...['submissionCount', 'createdAt', 'updatedAt', 'lastSeenAt', 'version'],
  ],
  { displayName: ['firstName', 'lastName', 'email'], submissions: ['id'], events: ['id'], deliveries: ['id'] },
)

const timestamp = sql`timestamptz`
const values = {
  CREATED_AT: {
    column: sql`created_at`,
    type: timestamp,
    read: ({ createdAt }: Contact) => createdAt.toISOString(),
    fieldColumns: { always: ['id', 'createdAt'], fields },
  },
  UPDATED_AT: {
    column: sql`updated_at`,
    type: timestamp,
    read: ({ updatedAt }: Contact) => updatedAt.toISOString(),
    fieldColumns: { always: ['id', 'updatedAt'], fields },
  },
  LAST_SEEN_AT: {
    column: sql`last_seen_at`,
    type: timestamp,
    read: ({ lastSeenAt }: Contact) => lastSeenAt.toISOString(),
    fieldColumns: { always: ['id', 'lastSeenAt'], fields },
  },
  EMAIL: {
    column: sql`email`,
    type: sql`text`,
    read: ({ email }: Contact) => email,
    fieldColumns: { always: ['id', 'email'], fields },
  },
}

/** Parses a cursor key. Cursors of version 0.1 can be forged, so an invalid time must not reach the database. */
function parseKey([value, id]: CursorKey, isValue: (text: string) => boolean): [string, string] {
  if (typeof value === 'string' && typeof id === 'string' && isValue(value)) return [value, id]
  throw refusal('INVALID_CURSOR', 'This cursor does not belong to this list.')
}

export function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text))
}
