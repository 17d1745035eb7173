import { type Contact, Prisma } from '../../../generated/prisma/client.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { sortByIds } from '../../schema/relay/bounded-list.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { type Joined, type JoinedChildren, joinedColumn, keepChildren } from '../../schema/relay/joined-children.ts'
import { columnList } from '../../schema/relay/selected-columns.ts'
import { preparedSql, sqlOf } from '../../schema/relay/sql-statement.ts'
import { type ContactOrdering, orderingOf } from './contact-order.ts'
import { allOf, type Where } from './filter/contact-where.ts'

const { sql, raw } = Prisma
export const allColumns = columnList(Object.values(Prisma.ContactScalarFieldEnum))

/** Contacts that are read in order before all matches are searched: measured in docs/decisions/0011. */
const maxNearbyRows = 5000
const minNearbyRows = 1000
/** If more than 1 in 30 of these contacts match, reading all matches through the index is slow. */
const sample = { size: 300, matches: 10 } as const

/** A query for contacts. */
export interface ContactSearch {
  readonly viewer: Viewer
  readonly filters: readonly Where[]
  readonly ordering: ContactOrdering
  readonly slice: Slice
}

/** Parts to read of each contact: all columns by default. */
export interface Selection {
  readonly columns?: string | undefined
  readonly children?: JoinedChildren | undefined
}

/**
 * Returns the contacts of a slice, and one more if another page follows. If many contacts match, reading in order finds a
 * page soon. If few match, contact_search_idx finds them, and they are sorted. No statistics are needed to choose.
 */
export async function readContacts(
  context: Context,
  search: ContactSearch,
  selection: Selection = {},
): Promise<Contact[]> {
  if (search.filters.length === 0)
    return readSelected(context, walk(search, selectedOf(search.viewer, selection)), selection)
  const nearbyIds = await readNearby(context, search)
  const isFull = nearbyIds.length > search.slice.size
  return readRows(context, isFull ? nearbyIds : await readIds(context, searchAll(search)), selection)
}

/** Reads contacts in order. Stops early without a match, unless matches are frequent but clustered, as by e-mail. */
async function readNearby(context: Context, search: ContactSearch): Promise<string[]> {
  const nearbyIds = await readIds(context, searchNearby(search, minNearbyRows))
  if (nearbyIds.length > search.slice.size) return nearbyIds
  const readMore = nearbyIds.length > 0 || (await areFrequent(context, search))
  return readMore ? readIds(context, searchNearby(search, maxNearbyRows)) : nearbyIds
}

async function areFrequent(context: Context, { viewer, filters }: ContactSearch): Promise<boolean> {
  const slice = { size: sample.matches, fromEnd: false, after: undefined, before: undefined }
  const newest = { viewer, filters, ordering: orderingOf(null, null), slice }
  const found = await readIds(context, searchNearby(newest, sample.size))
  return found.length > sample.matches
}

/** Counts the matching contacts, up to the limit. */
export async function countContacts(
  { database, viewer }: Context,
  filters: readonly Where[],
  limit: number,
): Promise<number> {
  const [row] = await database.prisma.$queryRaw<{ counted: number }[]>(countMatching(viewer, filters, limit))
  return row?.counted ?? 0
}

/** Returns those contacts with these ids that match. */
export async function findMatching(context: Context, ids: readonly string[], where: Where): Promise<Contact[]> {
  const condition = allOf([workspaceIs(context.viewer), sql`id = any (${[...ids]}::text[])`, where])
  return context.database.query(...sqlOf(sql`select ${raw(allColumns)} from contact where ${condition}`))
}

// Index: that of the order.
export function walk({ viewer, ordering, slice }: ContactSearch, selected = sql`id`): Prisma.Sql {
  const range = allOf([workspaceIs(viewer), ...ordering.rangeOf(slice)])
  return sql`select ${selected} from contact where ${range} ${orderBy(ordering, slice)} limit ${raw(String(slice.size + 1))}`
}

// Index: that of the order. It returns the rows in order, so the outer query sorts nothing and stops when it is full.
export function searchNearby({ viewer, filters, ordering, slice }: ContactSearch, rows: number): Prisma.Sql {
  const range = allOf([workspaceIs(viewer), ...ordering.rangeOf(slice)])
  const order = orderBy(ordering, slice)
  return sql`
    select id
    from (select * from contact where ${range} ${order} limit ${rows}) as contact
    where ${allOf(filters)}
    ${order}
    limit ${slice.size + 1}`
}

// Index: contact_search_idx. The offset keeps the planner from scanning the index of the order to its end.
export function searchAll({ viewer, filters, ordering, slice }: ContactSearch): Prisma.Sql {
  const where = allOf([workspaceIs(viewer), ...ordering.rangeOf(slice), ...filters])
  return sql`
    select id
    from (select id, ${ordering.column} from contact where ${where} offset 0) as found
    ${orderBy(ordering, slice)}
    limit ${slice.size + 1}`
}

// Index: contact_search_idx, or a table scan if many match.
export function countMatching(viewer: Viewer, filters: readonly Where[], limit: number): Prisma.Sql {
  const where = allOf([workspaceIs(viewer), ...filters])
  return sql`select count(*)::int as counted from (select from contact where ${where} limit ${limit}) as found`
}

export function workspaceIs({ workspaceId }: Viewer): Where {
  return sql`workspace_id = ${workspaceId}`
}

/** Orders by value and id. E-mails are unique, so an order by id too would only add comparisons. */
function orderBy({ column, directionOf, isByEmail }: ContactOrdering, slice: Slice): Prisma.Sql {
  const direction = directionOf(slice)
  return isByEmail ? sql`order by ${column} ${direction}` : sql`order by ${column} ${direction}, id ${direction}`
}

async function readIds({ database }: Context, selection: Prisma.Sql): Promise<string[]> {
  const rows = await database.query<{ id: string }>(...sqlOf(selection))
  return rows.map(({ id }) => id)
}

/** Reads contacts in the order of the ids; a contact that was erased in the meantime is missing. */
export async function readRows(
  context: Context,
  ids: readonly string[],
  selection: Selection = {},
): Promise<Contact[]> {
  if (ids.length === 0) return []
  return sortByIds(ids, await readSelected(context, selectRows(context.viewer, ids, selection), selection))
}

// Index: contact_pkey.
function selectRows(viewer: Viewer, ids: readonly string[], selection: Selection): Prisma.Sql {
  return sql`select ${selectedOf(viewer, selection)} from contact where ${workspaceIs(viewer)} and id = any (${ids}::text[])`
}

/** Runs a statement for contacts, whose children are kept for their field. */
async function readSelected({ database }: Context, contacts: Prisma.Sql, { children }: Selection): Promise<Contact[]> {
  const rows = await database.query<Contact & Joined>(...preparedSql(contacts))
  if (children !== undefined) for (const row of rows) keepChildren(row, children)
  return rows
}

function selectedOf(viewer: Viewer, { columns = allColumns, children }: Selection): Prisma.Sql {
  return children === undefined ? raw(columns) : sql`${raw(columns)}, ${joinedColumn(viewer, children)}`
}
