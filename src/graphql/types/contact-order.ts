import type { CursorKey } from '../../events/cursor.ts'
import type { Contact, Prisma } from '../../generated/prisma/client.ts'
import { builder } from '../builder.ts'
import type { Slice } from '../connection.ts'
import { refusal } from '../errors.ts'

type Where = Prisma.ContactWhereInput
type OrderBy = Prisma.ContactOrderByWithRelationInput
type Direction = 'asc' | 'desc'
type Comparison<Value> = Value | { lt: Value } | { gt: Value }

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

/** An order of contacts: by a value and, among equals, by id. */
export interface ContactOrdering {
  /** Names its cursors: one of another order means nothing in this one. */
  readonly list: string
  readonly isByEmail: boolean
  keyOf(contact: Contact): CursorKey
  rangeOf(slice: Slice): Where[]
  orderBy(slice: Slice): OrderBy[]
}

export function orderingOf(order: typeof ContactOrder.$inferInput | null | undefined): ContactOrdering {
  const { field, direction } = order ?? { field: 'CREATED_AT', direction: 'DESC' }
  return orderings[field](`contacts ${field} ${direction}`, direction === 'ASC')
}

const orderings = {
  CREATED_AT: byTime(
    (createdAt) => ({ createdAt }),
    (createdAt) => ({ createdAt }),
    (contact) => contact.createdAt,
  ),
  UPDATED_AT: byTime(
    (updatedAt) => ({ updatedAt }),
    (updatedAt) => ({ updatedAt }),
    (contact) => contact.updatedAt,
  ),
  LAST_SEEN_AT: byTime(
    (lastSeenAt) => ({ lastSeenAt }),
    (lastSeenAt) => ({ lastSeenAt }),
    (contact) => contact.lastSeenAt,
  ),
  EMAIL: byEmail,
}

function byTime(
  compare: (condition: Comparison<Date>) => Where,
  order: (direction: Direction) => OrderBy,
  timeOf: (contact: Contact) => Date,
) {
  return (list: string, ascending: boolean): ContactOrdering =>
    ordering({
      list,
      ascending,
      isByEmail: false,
      compare,
      order,
      keyOf: (contact) => [timeOf(contact).toISOString(), contact.id],
      parse: (text) => new Date(text),
    })
}

function byEmail(list: string, ascending: boolean): ContactOrdering {
  return ordering({
    list,
    ascending,
    isByEmail: true,
    compare: (email: Comparison<string>) => ({ email }),
    order: (email) => ({ email }),
    keyOf: ({ email, id }) => [email, id],
    parse: (text) => text,
  })
}

function ordering<Value>(by: {
  readonly list: string
  readonly ascending: boolean
  readonly isByEmail: boolean
  readonly compare: (condition: Comparison<Value>) => Where
  readonly order: (direction: Direction) => OrderBy
  readonly keyOf: (contact: Contact) => CursorKey
  readonly parse: (text: string) => Value
}): ContactOrdering {
  const beyond = (key: CursorKey | undefined, upwards: boolean): Where[] => {
    if (key === undefined) return []
    const [text, id] = key
    if (typeof text !== 'string' || typeof id !== 'string')
      throw refusal('INVALID_CURSOR', 'This cursor is not one of this list.')
    const value = by.parse(text)
    const further = by.compare(upwards ? { gt: value } : { lt: value })
    const next: Where = { AND: [by.compare(value), { id: upwards ? { gt: id } : { lt: id } }] }
    return [{ OR: [further, next] }]
  }
  return {
    list: by.list,
    isByEmail: by.isByEmail,
    keyOf: by.keyOf,
    rangeOf: ({ after, before }) => [...beyond(after, by.ascending), ...beyond(before, !by.ascending)],
    orderBy: ({ fromEnd }) => {
      const direction = by.ascending === fromEnd ? 'desc' : 'asc'
      return [by.order(direction), { id: direction }]
    },
  }
}
