import type { GraphQLResolveInfo } from 'graphql'
import { type Statement, statement } from '../database/database.ts'
import type { CursorKey } from '../events/cursor.ts'
import { endOfTurn } from './batch.ts'
import { cursorList, type Page, type PageArgs, pageOf, readSlice, type Slice } from './connection.ts'
import type { Context } from './context.ts'

interface Columns {
  readonly table: 'submission' | 'event' | 'delivery'
  readonly parentColumn: 'contact_id' | 'event_id' | 'endpoint_id'
  readonly orderColumn: 'id' | 'position'
}

/** A list below each row of another one: the deliveries of contacts, say. Newest first. */
export interface ChildList<Row> extends Columns {
  /** Names its cursors. */
  readonly name: string
  keyOf(row: Row): CursorKey
  /** The rows of these ids, in any order, with what the selection wants. */
  load(context: Context, ids: readonly string[], info: GraphQLResolveInfo): Promise<readonly Row[]>
}

type Rows<Row> = ReadonlyMap<string, readonly Row[]>

interface Batch<Row> {
  readonly parentIds: Set<string>
  readonly rows: Promise<Rows<Row>>
}

export type ReadChildPage<Row> = (
  parentId: string,
  args: PageArgs & { readonly status?: readonly string[] | null | undefined },
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<Page<Row>>

/**
 * Reads the pages of all parents that ask at the same place of an operation with two statements: which ids, and their
 * rows. Each parent's page is a keyset slice of its own.
 */
export function childPages<Row extends { readonly id: string }>(list: ChildList<Row>): ReadChildPage<Row> {
  const open = new WeakMap<Context, Map<string, Batch<Row>>>()
  return async (parentId, args, context, info) => {
    const scope = cursorList(context, list.name)
    const slice = readSlice(args, scope)
    const batches = open.get(context) ?? new Map<string, Batch<Row>>()
    open.set(context, batches)
    const place = placeOf(info)
    const batch = batches.get(place) ?? openBatch(list, slice, args.status ?? null, context, info)
    if (!batches.has(place)) {
      batches.set(place, batch)
      void endOfTurn().then(() => batches.delete(place))
    }
    batch.parentIds.add(parentId)
    return pageOf((await batch.rows).get(parentId) ?? [], slice, scope, list.keyOf)
  }
}

function openBatch<Row extends { readonly id: string }>(
  list: ChildList<Row>,
  slice: Slice,
  statuses: readonly string[] | null,
  context: Context,
  info: GraphQLResolveInfo,
): Batch<Row> {
  const parentIds = new Set<string>()
  const rows = endOfTurn().then(() => loadRows(list, slice, [...parentIds], statuses, context, info))
  return { parentIds, rows }
}

async function loadRows<Row extends { readonly id: string }>(
  list: ChildList<Row>,
  slice: Slice,
  parentIds: readonly string[],
  statuses: readonly string[] | null,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Rows<Row>> {
  const [after = null] = slice.after ?? []
  const [before = null] = slice.before ?? []
  const { workspaceId } = context.viewer
  const values = [
    workspaceId,
    parentIds,
    after,
    before,
    slice.size + 1,
    ...(list.table === 'delivery' ? [statuses] : []),
  ]
  const found = await context.database.query<{ parent_id: string; id: string }>(selectIds(list, slice), values)
  const rows = found.length === 0 ? [] : await list.load(context, [...new Set(found.map(({ id }) => id))], info)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byParent = Map.groupBy(found, (row) => row.parent_id)
  return new Map(
    [...byParent].map(([parentId, ids]) => [parentId, ids.flatMap(({ id }) => byId.get(id) ?? [])] as const),
  )
}

/** The same field of the same operation, whichever row of a list it is under: so with the same arguments and selection. */
function placeOf({ path, parentType }: GraphQLResolveInfo): string {
  const names: string[] = [parentType.name]
  for (let step: typeof path | undefined = path; step !== undefined; step = step.prev)
    if (typeof step.key === 'string') names.push(step.key)
  return names.join(' ')
}

// Index: that of the table on (workspace_id, parent, order).
function selectIds({ table, parentColumn, orderColumn }: Columns, { fromEnd }: Slice): Statement {
  const type = orderColumn === 'id' ? 'text' : 'bigint'
  const direction = fromEnd ? 'asc' : 'desc'
  const ofStatus = table === 'delivery' ? 'and ($6::text[] is null or row.status::text = any ($6::text[]))' : ''
  return statement(
    `select_${table}_ids_by_${parentColumn}_${direction}`,
    `select parent.id as parent_id, child.id
     from unnest($2::text[]) as parent (id)
     cross join lateral (
       select row.id, row.${orderColumn} as place
       from ${table} as row
       where row.workspace_id = $1
         and row.${parentColumn} = parent.id
         and ($3::${type} is null or row.${orderColumn} < $3::${type})
         and ($4::${type} is null or row.${orderColumn} > $4::${type})
         ${ofStatus}
       order by row.${orderColumn} ${direction}
       limit $5
     ) as child
     order by parent.id, child.place ${direction}`,
  )
}
