import type { CursorKey } from '../../../events/cursor.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { allOf, type Where } from '../../types/contact/filter/contact-where.ts'
import type { Slice } from './connection.ts'

const { sql, join } = Prisma

/** Maximum rows that a page of a filtered list reads: measured in docs/decisions/0023. */
const rowsPerPage = 2000
/** Description of this limit in the schema. */
export const boundedFilter =
  'A page reads a limited number of rows: it may have fewer than requested, or none, while hasNextPage is true. Continue after its endCursor.'

/** A query on a list with the newest rows first. */
export interface BoundedList {
  readonly table: Prisma.Sql
  /** The columns of the order and of the filter. */
  readonly columns: Prisma.Sql
  readonly order: readonly Prisma.Sql[]
  /** A cursor of the list as JSON. */
  readonly key: Prisma.Sql
  /** Conditions for the requested part of the order. */
  readonly range: readonly Where[]
  /** Conditions that exclude each other; each has an index on the workspace, its own columns and the order. */
  readonly branches: readonly Where[]
  /** Conditions that have no index. */
  readonly filters: readonly Where[]
}

/** Ids of one page, and one more if another page follows. */
export interface FoundIds {
  readonly ids: readonly string[]
  /** Start of the next page, if this one is not full but rows are left to read. */
  readonly resume: CursorKey | undefined
}

/** Reads the ids of a page. With conditions that have no index, it reads a limited number of rows. */
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
  if (list.filters.length === 0) return sql`select id from (${selectRows(viewer, list, slice, wanted)}) as row`
  return sql`
    select id
    from (${selectRows(viewer, list, slice, rowsPerPage)}) as row
    where ${allOf(list.filters)}
    ${orderBy(list, slice)}
    limit ${wanted}`
}

/** Selects the key of the last row that a page reads, or no row if fewer are left. */
function selectLastKey(viewer: Viewer, list: BoundedList, slice: Slice): Prisma.Sql {
  return sql`
    select ${list.key} as key
    from (${selectRows(viewer, list, slice, rowsPerPage)}) as row
    ${orderBy(list, slice)}
    offset ${rowsPerPage - 1}
    limit 1`
}

// Index: that of each branch. Merges all branches in order.
function selectRows(viewer: Viewer, list: BoundedList, slice: Slice, rows: number): Prisma.Sql {
  const { table, columns, range, branches } = list
  const ofWorkspace = sql`workspace_id = ${viewer.workspaceId}`
  const parts = branches.map(
    (branch) => sql`
      (select ${columns} from ${table} where ${allOf([ofWorkspace, branch, ...range])} ${orderBy(list, slice)} limit ${rows})`,
  )
  return sql`select * from (${join(parts, ' union all ')}) as part ${orderBy(list, slice)} limit ${rows}`
}

function orderBy({ order }: BoundedList, { fromEnd }: Slice): Prisma.Sql {
  const direction = fromEnd ? sql`asc` : sql`desc`
  return sql`order by ${join(
    order.map((column) => sql`${column} ${direction}`),
    ', ',
  )}`
}

/** Returns the rows in the order of their ids; a row that was deleted in the meantime is missing. */
export function sortByIds<Row extends { readonly id: string }>(ids: readonly string[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
