import { type FieldNode, type GraphQLResolveInfo, getArgumentValues, isObjectType } from 'graphql'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import { type PageArgs, readSize } from './connection.ts'
import type { Columns } from './nested-statements.ts'
import { type FieldColumns, rowFields, selectedColumns } from './selected-columns.ts'

const { sql, raw } = Prisma

/** A nested list that is read in the statement of its parents, where its selection needs no other table. */
export interface JoinedList extends Columns {
  /** Type and table of the parents, and the name of the list on the type. */
  readonly parentType: string
  readonly parentTable: string
  readonly field: string
  readonly fieldColumns: FieldColumns
  /** Columns with times, which are texts in the JSON of the children. */
  readonly times: readonly string[]
}

/** The first or last children of each parent, as one field of a selection requests them. */
export interface JoinedChildren {
  readonly list: JoinedList
  readonly node: FieldNode
  readonly columns: string
  readonly size: number
  readonly fromEnd: boolean
}

/**
 * Returns the children that the selection below a connection requests. Undefined if they need a statement of their own:
 * for several such fields, cursors or other tables, and for arguments that the field refuses.
 */
export function joinedChildren(info: GraphQLResolveInfo, list: JoinedList): JoinedChildren | undefined {
  const [found, ...others] = rowFields(info).filter(({ name }) => name === list.field)
  const parent = info.schema.getType(list.parentType)
  const field = isObjectType(parent) ? parent.getFields()[list.field] : undefined
  if (found === undefined || others.length > 0 || field === undefined) return undefined
  const { node } = found
  const columns = selectedColumns({ ...info, fieldNodes: [node] }, list.fieldColumns)
  const args: PageArgs = getArgumentValues(field, node, info.variableValues)
  const size = readSize(args)
  if (columns === undefined || typeof size !== 'number' || args.after != null || args.before != null) return undefined
  return { list, node, columns, size, fromEnd: args.last != null }
}

/** Returns the column `joined` of a selection of parents: the children of the row, as JSON. */
// Index: that of the children's table on (workspace_id, parent, order).
export function joinedColumn({ workspaceId }: Viewer, { list, columns, size, fromEnd }: JoinedChildren): Prisma.Sql {
  return sql`(
    select json_agg(child)
    from (
      select ${raw(columns)}
      from ${raw(list.table)} as row
      where row.workspace_id = ${workspaceId}
        and row.${raw(list.parentColumn)} = ${raw(list.parentTable)}.id
      order by row.${raw(list.orderColumn)} ${raw(fromEnd ? 'asc' : 'desc')}
      limit ${raw(String(size + 1))}
    ) as child
  ) as joined`
}

type Row = Record<string, unknown>

/** A parent with its children; null if it has none. */
export interface Joined {
  readonly joined: readonly Row[] | null
}

const kept = new WeakMap<object, { readonly node: FieldNode; readonly rows: readonly Row[] }>()

/** Keeps the children that were read with a parent, for the field that requests them. */
export function keepChildren(parent: Joined, children: JoinedChildren): void {
  const rows = parent.joined ?? []
  for (const row of rows)
    for (const time of children.list.times) if (typeof row[time] === 'string') row[time] = new Date(row[time])
  kept.set(parent, { node: children.node, rows })
}

/** Returns the children that were read with a parent for this field: at most one more than its page has. */
export function keptChildren<Child>(parent: object, { fieldNodes }: GraphQLResolveInfo): readonly Child[] | undefined {
  const found = kept.get(parent)
  if (found === undefined || fieldNodes.length > 1 || fieldNodes[0] !== found.node) return undefined
  return parseRows(found.rows)
}

function parseRows<Child>(rows: readonly Row[]): readonly Child[] {
  return rows as readonly Child[]
}
