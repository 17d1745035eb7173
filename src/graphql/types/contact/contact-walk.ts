import type { CursorKey } from '../../../events/cursor.ts'
import { type Contact, Prisma } from '../../../generated/prisma/client.ts'
import type { Context } from '../../execution/context.ts'
import { sqlOf } from '../../schema/relay/sql-statement.ts'
import { type Counted, countLimit } from '../shared/count.ts'
import { type ContactSearch, readRows, type Selection, searchNearby, walk } from './contact-list.ts'
import { orderingOf } from './contact-order.ts'

const { sql } = Prisma

/** Maximum contacts that a page reads: measured in docs/decisions/0023. */
const rowsPerPage = 2000

interface WalkedPage {
  readonly rows: readonly Contact[]
  /** Start of the next page, if this one is not full but contacts are left to read. */
  readonly resume: CursorKey | undefined
}

/** Reads a page of contacts for a filter without an index: reads a limited number of contacts in order. */
export async function walkContacts(
  context: Context,
  search: ContactSearch,
  selection?: Selection,
): Promise<WalkedPage> {
  const found = await context.database.query<{ id: string }>(...sqlOf(searchNearby(search, rowsPerPage)))
  const ids = found.map(({ id }) => id)
  const rows = await readRows(context, ids, selection)
  const resume = ids.length > search.slice.size ? undefined : await lastKey(context, search)
  return { rows, resume }
}

/** Counts the matches among the newest contacts. */
export async function countNewest({ database }: Context, search: ContactSearch): Promise<Counted> {
  const slice = { size: countLimit, fromEnd: false, after: undefined, before: undefined }
  const newest = { ...search, ordering: orderingOf(null, null), slice }
  const [row] = await database.prisma.$queryRaw<{ counted: number; looked_at: number }[]>(sql`
    select (select count(*)::int from (${searchNearby(newest, countLimit)}) as found) as counted,
           (select count(*)::int from (${walk(newest)}) as newest) as looked_at`)
  return { counted: row?.counted ?? 0, isAll: (row?.looked_at ?? 0) <= countLimit }
}

/** Returns the key of the last contact that a page reads; undefined if fewer are left. */
async function lastKey({ database }: Context, search: ContactSearch): Promise<CursorKey | undefined> {
  const [last] = await database.prisma.$queryRaw<{ id: string; value: Date | string }[]>(lastOf(search))
  if (last === undefined) return undefined
  return [last.value instanceof Date ? last.value.toISOString() : last.value, last.id]
}

// Index: that of the order.
function lastOf(search: ContactSearch): Prisma.Sql {
  const page = { ...search, slice: { ...search.slice, size: rowsPerPage - 1 } }
  const { viewer, ordering } = search
  return sql`
    select id, ${ordering.column} as value
    from contact
    where workspace_id = ${viewer.workspaceId}
      and id = (select id from (${walk(page)}) as row offset ${rowsPerPage - 1} limit 1)`
}
