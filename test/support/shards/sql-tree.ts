import { loadModule, parseSync } from 'libpg-query'

/** A node of PostgreSQL's own parse tree, as libpg_query prints it: `{ SelectStmt: { … } }`. */
export interface Tree {
  readonly [key: string]: Tree
}

await loadModule()

/** Parses one statement. */
export function parseSql(text: string): Tree {
  return parseTree(parseSync(text)).stmts?.[0]?.stmt ?? fail(text)
}

function parseTree(value: unknown): { readonly stmts?: readonly { readonly stmt: Tree }[] } {
  return value as ReturnType<typeof parseTree>
}

function fail(text: string): never {
  throw new Error(`Expected one statement: ${text}`)
}

/** Returns the children of a node, or the items of a list. */
export function partsOf(node: Tree | undefined): Tree[] {
  return node !== null && typeof node === 'object' ? Object.values(node) : []
}

export function textOf(node: Tree | undefined): string | undefined {
  return typeof node === 'string' ? node : undefined
}

/** Returns the names of a column reference: `["d", "workspace_id"]`. */
export function columnOf(node: Tree | undefined): string[] | undefined {
  const fields = uncast(node)?.['ColumnRef']?.['fields']
  return fields && partsOf(fields).map((field) => textOf(field['String']?.['sval']) ?? '*')
}

/** Returns the node below its casts. */
export function uncast(node: Tree | undefined): Tree | undefined {
  const inner = node?.['TypeCast']?.['arg']
  return inner ? uncast(inner) : node
}

/** Returns the operands of an `and`, however deep, or the condition itself. */
export function conjunctsOf(condition: Tree | undefined): Tree[] {
  if (condition === undefined) return []
  const both = condition['BoolExpr']
  if (textOf(both?.['boolop']) !== 'AND_EXPR') return [condition]
  return partsOf(both?.['args']).flatMap(conjunctsOf)
}
