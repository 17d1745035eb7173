import type { CursorKey } from '../../../events/cursor.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { allOf, type Where } from '../../types/contact/contact-where.ts'
import type { Slice } from './connection.ts'

const { sql, join } = Prisma

/** How many rows a page of a filtered list looks at: measured in docs/decisions/0023. */
const rowsPerPage = 2000
/** Tells callers what that means for them. */
export const boundedFilter =
  'A page looks at a bounded number of rows: it may have fewer than asked for, or none, while hasNextPage is true. Its endCursor goes on from there.'

/** A list that is newest first, and what is asked of it. */
export interface BoundedList {
  readonly table: Prisma.Sql
  /** The columns of the order and of the filter. */
  readonly columns: Prisma.Sql
  readonly order: readonly Prisma.Sql[]
  /** A cursor of the list as JSON. */
  readonly key: Prisma.Sql
  /** Which part of the order is asked for. */
  readonly range: readonly Where[]
  /** Each has an index on the workspace, itself and the order; no row is in two of them. */
  readonly branches: readonly Where[]
  /** Conditions that have no index. */
  readonly filters: readonly Where[]
}

/** Ids of a page, one more than its size where there are more. */
export interface FoundIds {
  readonly ids: readonly string[]
  /** Where the next page goes on, when this one is not full and rows are left to look at. */
  readonly resume: CursorKey | undefined
}

/** Reads the ids of a page. With conditions that have no index it looks at a bounded number of rows. */
export async function readIds(context: Context, list: BoundedList, slice: Slice): Promise<FoundIds> {
  const { database, viewer } = context
  if (list.branches.length === 0) return { ids: [], resume: undefined }
  const rows = await database.prisma.$queryRaw<{ id: string }[]>(selectIds(viewer, list, slice))
  const ids = rows.map(({ id }) => id)
  if (list.filters.length === 0 || ids.length > slice.size) return { ids, resume: undefined }
  const [last] = await database.prisma.$queryRaw<{ key: CursorKey }[]>(selectLastKey(viewer, list, slice))
  return { ids, resume: last?.key }
}

function selectIds(viewer: Viewer, list: BoundedList, slice: Slice): Prisma.Sql {
  const wanted = slice.size + 1
  if (list.filters.length === 0) return sql`select id from (${walk(viewer, list, slice, wanted)}) as row`
  return sql`
    select id
    from (${walk(viewer, list, slice, rowsPerPage)}) as row
    where ${allOf(list.filters)}
    ${inOrder(list, slice)}
    limit ${wanted}`
}

/** The key of the last row that a page looks at; none where fewer rows are left. */
function selectLastKey(viewer: Viewer, list: BoundedList, slice: Slice): Prisma.Sql {
  return sql`
    select ${list.key} as key
    from (${walk(viewer, list, slice, rowsPerPage)}) as row
    ${inOrder(list, slice)}
    offset ${rowsPerPage - 1}
    limit 1`
}

// Index: that of each branch. All of them together in order.
function walk(viewer: Viewer, list: BoundedList, slice: Slice, rows: number): Prisma.Sql {
  const { table, columns, range, branches } = list
  const own = sql`workspace_id = ${viewer.workspaceId}`
  const parts = branches.map(
    (branch) => sql`
      (select ${columns} from ${table} where ${allOf([own, branch, ...range])} ${inOrder(list, slice)} limit ${rows})`,
  )
  return sql`select * from (${join(parts, ' union all ')}) as part ${inOrder(list, slice)} limit ${rows}`
}

function inOrder({ order }: BoundedList, { fromEnd }: Slice): Prisma.Sql {
  const direction = fromEnd ? sql`asc` : sql`desc`
  return sql`order by ${join(
    order.map((column) => sql`${column} ${direction}`),
    ', ',
  )}`
}

/** Rows in the order of their ids; one that was deleted meanwhile is left out. */
export function inOrderOf<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
