import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

/** Columns that each field of a type reads, under Prisma's names. A field that is missing reads another table. */
export interface FieldColumns {
  /** Columns of every row: the id and what cursors may contain. */
  readonly always: readonly string[]
  readonly fields: Readonly<Record<string, readonly string[]>>
}

/** Lists of columns by the first field node: documents are cached, so a list is computed once per document. */
const cached = new WeakMap<FieldNode, Map<FieldColumns, string | undefined>>()

/**
 * Returns SQL of the columns that the selection below a connection reads: `first_name as "firstName"`. Undefined if a
 * selected field reads another table. Directives are ignored, so a skipped field is read, too.
 */
export function selectedColumns(info: GraphQLResolveInfo, columns: FieldColumns): string | undefined {
  const [node, ...others] = info.fieldNodes
  if (node === undefined || others.length > 0) return computeColumns(info, columns)
  const lists = cached.get(node) ?? new Map<FieldColumns, string | undefined>()
  cached.set(node, lists)
  if (!lists.has(columns)) lists.set(columns, computeColumns(info, columns))
  return lists.get(columns)
}

function computeColumns(info: GraphQLResolveInfo, { always, fields }: FieldColumns): string | undefined {
  const selected = new Set(always)
  for (const { name } of rowFields(info)) {
    const read = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (read === undefined) return undefined
    for (const column of read) selected.add(column)
  }
  return columnList([...selected].sort())
}

/** Returns the fields of rows that are selected below a connection. */
export function rowFields(info: GraphQLResolveInfo): Named[] {
  return info.fieldNodes
    .flatMap((node) => namesIn(node.selectionSet, info))
    .flatMap(({ name, node }) => fieldsBelow(name, node, info))
}

/** Returns the fields of rows below a field of the connection: `nodes` or `edges`. */
function fieldsBelow(name: string, node: FieldNode, info: GraphQLResolveInfo): Named[] {
  const rowNodes =
    name === 'edges'
      ? namesIn(node.selectionSet, info).flatMap((edge) => (edge.name === 'node' ? [edge.node] : []))
      : [node]
  if (name !== 'edges' && name !== 'nodes') return []
  return rowNodes.flatMap((row) => namesIn(row.selectionSet, info))
}

interface Named {
  readonly name: string
  readonly node: FieldNode
}

/** Validation refuses fragments that spread themselves, so the recursion ends. */
function namesIn(selectionSet: SelectionSetNode | undefined, info: GraphQLResolveInfo): Named[] {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ name: selection.name.value, node: selection }]
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value]
    return namesIn(fragment?.selectionSet, info)
  })
}

/** Returns SQL of columns under Prisma's names. */
export function columnList(fields: readonly string[]): string {
  return fields.map((field) => `${snakeCaseOf(field)} as "${field}"`).join(', ')
}

function snakeCaseOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Returns the map of fields that read the column of their own name, and of those that read others. */
export function fieldColumns(own: readonly string[], others: Readonly<Record<string, readonly string[]>>) {
  return { __typename: [], ...Object.fromEntries(own.map((name) => [name, [name]])), ...others }
}
