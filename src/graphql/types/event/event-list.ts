import { Prisma } from '../../../generated/prisma/client.ts'
import type { BoundedList } from '../../schema/relay/bounded-list.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { positionOf } from '../../schema/relay/keyset.ts'

const { sql } = Prisma

/** Types that captures create; event_rare_type_idx contains all others. */
const frequentTypes = ['contact.created', 'contact.updated']
const maxBranches = 10

/** Returns the query for events of these types in the order of the log. */
export function eventList(types: readonly string[], { after, before }: Slice): BoundedList {
  const wanted = [...new Set(types)]
  const rare = wanted.length <= maxBranches && !wanted.some((type) => frequentTypes.includes(type))
  return {
    table: sql`event`,
    columns: sql`id, position, type`,
    order: [sql`position`],
    key: sql`jsonb_build_array(position)`,
    range: [
      ...(after ? [sql`position < ${positionOf(after)}`] : []),
      ...(before ? [sql`position > ${positionOf(before)}`] : []),
    ],
    branches: rare ? wanted.map((type) => sql`type = ${type}`) : [sql`true`],
    filters: rare ? [] : [sql`type = any (${wanted}::text[])`],
  }
}
