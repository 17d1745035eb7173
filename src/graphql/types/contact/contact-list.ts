import { type Contact, Prisma } from '../../../generated/prisma/client.ts'
import { inWorkspace, type Viewer } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import type { Slice } from '../../schema/relay/connection.ts'
import { type ContactOrdering, orderingOf } from './contact-order.ts'
import { allOf, type Where } from './contact-where.ts'

const { sql } = Prisma

/** How many contacts of the order are looked through before all that match are sought: measured in docs/decisions/0011. */
const nearby = 5000
const nearest = 1000
/** What more than one in 30 match takes long to be read as a whole. */
const sample = { size: 300, matches: 10 } as const

/** Which contacts are asked for. */
export interface ContactSearch {
  readonly viewer: Viewer
  readonly filters: readonly Where[]
  readonly ordering: ContactOrdering
  readonly slice: Slice
}

/**
 * The contacts of a slice, and one more where there are more. What many match is met soon on a walk along the order;
 * what few match is found by contact_search_idx and sorted. Which of them it is, no statistics need to foretell.
 */
export async function readContacts(context: Context, search: ContactSearch): Promise<Contact[]> {
  if (search.filters.length === 0) return readRows(context, await readIds(context, walk(search)))
  const near = await readNearby(context, search)
  const isFull = near.length > search.slice.size
  return readRows(context, isFull ? near : await readIds(context, searchAll(search)))
}

/** The walk ends early where it has met nobody, unless those that match are many and in a heap, as by e-mail. */
async function readNearby(context: Context, search: ContactSearch): Promise<string[]> {
  const near = await readIds(context, searchNearby(search, nearest))
  if (near.length > search.slice.size) return near
  const goesOn = near.length > 0 || (await areFrequent(context, search))
  return goesOn ? readIds(context, searchNearby(search, nearby)) : near
}

async function areFrequent(context: Context, { viewer, filters }: ContactSearch): Promise<boolean> {
  const slice = { size: sample.matches, fromEnd: false, after: undefined, before: undefined }
  const newest = { viewer, filters, ordering: orderingOf(null, null), slice }
  const found = await readIds(context, searchNearby(newest, sample.size))
  return found.length > sample.matches
}

/** How many contacts match, counted up to the limit. */
export async function countContacts(
  { database, viewer }: Context,
  filters: readonly Where[],
  limit: number,
): Promise<number> {
  const [row] = await database.prisma.$queryRaw<{ counted: number }[]>(countMatching(viewer, filters, limit))
  return row?.counted ?? 0
}

/** The contacts of these ids that match. */
export async function findMatching(context: Context, ids: readonly string[], where: Where): Promise<Contact[]> {
  const own = allOf([ofWorkspace(context.viewer), sql`id = any (${[...ids]}::text[])`, where])
  return readRows(context, await readIds(context, sql`select id from contact where ${own}`))
}

// Index: that of the order.
export function walk({ viewer, ordering, slice }: ContactSearch): Prisma.Sql {
  const range = allOf([ofWorkspace(viewer), ...ordering.rangeOf(slice)])
  return sql`select id from contact where ${range} ${inOrder(ordering, slice)} limit ${slice.size + 1}`
}

// Index: that of the order. The rows come from it in order, so the outer one sorts nothing and stops when it is full.
export function searchNearby({ viewer, filters, ordering, slice }: ContactSearch, rows: number): Prisma.Sql {
  const range = allOf([ofWorkspace(viewer), ...ordering.rangeOf(slice)])
  const order = inOrder(ordering, slice)
  return sql`
    select id
    from (select * from contact where ${range} ${order} limit ${rows}) as contact
    where ${allOf(filters)}
    ${order}
    limit ${slice.size + 1}`
}

// Index: contact_search_idx. With its offset, or the planner might walk along the order after all, to its end.
export function searchAll({ viewer, filters, ordering, slice }: ContactSearch): Prisma.Sql {
  const where = allOf([ofWorkspace(viewer), ...ordering.rangeOf(slice), ...filters])
  return sql`
    select id
    from (select id, ${ordering.column} from contact where ${where} offset 0) as found
    ${inOrder(ordering, slice)}
    limit ${slice.size + 1}`
}

// Index: contact_search_idx, or the table where many match.
export function countMatching(viewer: Viewer, filters: readonly Where[], limit: number): Prisma.Sql {
  const where = allOf([ofWorkspace(viewer), ...filters])
  return sql`select count(*)::int as counted from (select from contact where ${where} limit ${limit}) as found`
}

function ofWorkspace({ workspaceId }: Viewer): Where {
  return sql`workspace_id = ${workspaceId}`
}

/** No two contacts have one e-mail: by id as well, each would be compared with its neighbours once more. */
function inOrder({ column, directionOf, isByEmail }: ContactOrdering, slice: Slice): Prisma.Sql {
  const direction = directionOf(slice)
  return isByEmail ? sql`order by ${column} ${direction}` : sql`order by ${column} ${direction}, id ${direction}`
}

async function readIds({ database }: Context, statement: Prisma.Sql): Promise<string[]> {
  const rows = await database.prisma.$queryRaw<{ id: string }[]>(statement)
  return rows.map(({ id }) => id)
}

/** In the order of the ids; a contact that was erased meanwhile is left out. */
async function readRows({ database, viewer }: Context, ids: readonly string[]): Promise<Contact[]> {
  if (ids.length === 0) return []
  const rows = await database.prisma.contact.findMany({ where: inWorkspace(viewer, { id: { in: [...ids] } }) })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
