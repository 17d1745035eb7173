import type { GraphQLResolveInfo } from 'graphql'
import type { CursorKey } from '../../../events/cursor.ts'
import type { Context } from '../../execution/context.ts'
import { sortByIds } from './bounded-list.ts'
import { cursorList, type Page, type PageArgs, pageOf, readSlice, type Slice } from './connection.ts'
import { afterPendingPromises } from './data-loader.ts'
import { type ChildRow, type Columns, findChildren, readChildRows } from './nested-statements.ts'
import { type FieldColumns, selectedColumns } from './selected-columns.ts'

/** A list nested in each row of another list, such as the deliveries of contacts, with the newest first. */
export interface ChildList<Row> extends Columns {
  /** Name that its cursors contain. */
  readonly name: string
  keyOf(row: Row): CursorKey
  /** Set if rows are read together with their ids where the selection needs no other table. */
  readonly fieldColumns?: FieldColumns
  /** Loads the rows with these ids, in any order, with the relations that the selection requires. */
  load(context: Context, ids: readonly string[], info: GraphQLResolveInfo): Promise<readonly Row[]>
}

/** The rows of one parent, and the start of its next page if not all of its rows were read. */
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
 * Reads the pages of all parents at the same field of an operation with one statement; with two, for the ids and for
 * their rows, if the selection needs other tables. The page of each parent is its own keyset slice.
 */
export function nestedConnections<Row extends { readonly id: string }>(list: ChildList<Row>): ReadChildPage<Row> {
  const open = new WeakMap<Context, Map<string, Batch<Row>>>()
  return async (parentId, args, context, info) => {
    const scope = cursorList(context, list.name)
    const slice = readSlice(args, scope)
    const batches = open.get(context) ?? new Map<string, Batch<Row>>()
    open.set(context, batches)
    const fieldPath = fieldPathOf(info)
    const batch = batches.get(fieldPath) ?? openBatch(list, slice, args.status ?? null, context, info)
    if (!batches.has(fieldPath)) {
      batches.set(fieldPath, batch)
      void afterPendingPromises().then(() => batches.delete(fieldPath))
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
  const children = afterPendingPromises().then(() => loadChildren(list, slice, [...parentIds], statuses, context, info))
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
  const selected = list.fieldColumns && statuses === null ? selectedColumns(info, list.fieldColumns) : undefined
  if (selected !== undefined) return groupRows<Row>(await readChildRows(context, list, selected, slice, parentIds))
  const found = await findChildren(context, list, slice, parentIds, statuses)
  const ids = [...new Set(found.flatMap((child) => child.id ?? []))]
  const rows = ids.length === 0 ? [] : await list.load(context, ids, info)
  const byParent = Map.groupBy(found, (child) => child.parent_id)
  return new Map(
    [...byParent].map(([parentId, children]) => {
      const rowsOfParent = sortByIds(
        children.flatMap((child) => child.id ?? []),
        rows,
      )
      const last = children.find(({ last_place }) => last_place !== null)?.last_place ?? null
      return [
        parentId,
        { rows: rowsOfParent, resume: last === null || rowsOfParent.length > slice.size ? undefined : [last] },
      ] as const
    }),
  )
}

/** Groups the rows of all parents; they are in the order of the pages. */
function groupRows<Row>(rows: readonly ChildRow<Row>[]): ReadonlyMap<string, Children<Row>> {
  const byParent = Map.groupBy(rows, (row) => row.parent_id)
  return new Map([...byParent].map(([parentId, children]) => [parentId, { rows: children, resume: undefined }]))
}

/** Returns the path of a field without list indexes: rows with the same path have the same arguments and selection. */
function fieldPathOf({ path, parentType }: GraphQLResolveInfo): string {
  const names: string[] = [parentType.name]
  for (let step: typeof path | undefined = path; step !== undefined; step = step.prev)
    if (typeof step.key === 'string') names.push(step.key)
  return names.join(' ')
}
