import type { GraphQLResolveInfo } from 'graphql'
import type { CursorKey } from '../../../events/cursor.ts'
import type { Context } from '../../execution/context.ts'
import { inOrderOf } from './bounded-list.ts'
import { cursorList, type Page, type PageArgs, pageOf, readSlice, type Slice } from './connection.ts'
import { endOfTurn } from './data-loader.ts'
import { type Columns, findChildren } from './nested-statements.ts'

/** A list below each row of another one: the deliveries of contacts, say. Newest first. */
export interface ChildList<Row> extends Columns {
  /** Names its cursors. */
  readonly name: string
  keyOf(row: Row): CursorKey
  /** The rows of these ids, in any order, with what the selection wants. */
  load(context: Context, ids: readonly string[], info: GraphQLResolveInfo): Promise<readonly Row[]>
}

/** The rows of one parent, and where its next page goes on when not all of its rows were looked at. */
interface Children<Row> {
  readonly rows: readonly Row[]
  readonly resume: CursorKey | undefined
}

interface Batch<Row> {
  readonly parentIds: Set<string>
  readonly children: Promise<ReadonlyMap<string, Children<Row>>>
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
export function nestedConnections<Row extends { readonly id: string }>(list: ChildList<Row>): ReadChildPage<Row> {
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
    const { rows, resume } = (await batch.children).get(parentId) ?? { rows: [], resume: undefined }
    return pageOf(rows, slice, scope, list.keyOf, resume)
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
  const children = endOfTurn().then(() => loadChildren(list, slice, [...parentIds], statuses, context, info))
  return { parentIds, children }
}

async function loadChildren<Row extends { readonly id: string }>(
  list: ChildList<Row>,
  slice: Slice,
  parentIds: readonly string[],
  statuses: readonly string[] | null,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<ReadonlyMap<string, Children<Row>>> {
  const found = await findChildren(context, list, slice, parentIds, statuses)
  const ids = [...new Set(found.flatMap((child) => child.id ?? []))]
  const rows = ids.length === 0 ? [] : await list.load(context, ids, info)
  const byParent = Map.groupBy(found, (child) => child.parent_id)
  return new Map(
    [...byParent].map(([parentId, children]) => {
      const own = inOrderOf(
        children.flatMap((child) => child.id ?? []),
        rows,
      )
      const last = children.find(({ last_place }) => last_place !== null)?.last_place ?? null
      return [parentId, { rows: own, resume: last === null || own.length > slice.size ? undefined : [last] }] as const
    }),
  )
}

/** The same field of the same operation, whichever row of a list it is under: so with the same arguments and selection. */
function placeOf({ path, parentType }: GraphQLResolveInfo): string {
  const names: string[] = [parentType.name]
  for (let step: typeof path | undefined = path; step !== undefined; step = step.prev)
    if (typeof step.key === 'string') names.push(step.key)
  return names.join(' ')
}
