import { equate, type Reach, Scope } from './scope.ts'
import { columnOf, conjunctsOf, parseSql, partsOf, type Tree, textOf, uncast } from './sql-tree.ts'

/**
 * Says which workspaces a statement reads and writes:
 * - `one`: in each table the rows with `workspace_id = $1`
 * - `given`: in each table the rows of workspaces that are in its parameters, such as the captures of a batch
 * - `every`: in at least one table rows that no equality ties to a workspace
 * - `none`: no table that has workspaces
 */
export function reachOf(text: string): Reach {
  const root = new Scope()
  visit(parseSql(text), root)
  return root.reach()
}

const statements = ['SelectStmt', 'UpdateStmt', 'DeleteStmt', 'InsertStmt']
/** Parts of a node that hold a statement or a relation without its kind. */
const bareSelects = ['larg', 'rarg']

function visit(node: Tree, scope: Scope): void {
  for (const [key, part] of Object.entries(node))
    if (statements.includes(key)) visitStatement(part, scope.inner(), key === 'InsertStmt')
    else if (bareSelects.includes(key)) visitStatement(part, scope.inner(), false)
    else if (part !== null && typeof part === 'object') visit(part, scope)
}

function visitStatement(node: Tree, scope: Scope, inserts: boolean): void {
  for (const { CommonTableExpr: cte } of listOf(node['withClause']?.['ctes'])) {
    if (cte === undefined) continue
    const body = scope.defines(textOf(cte['ctename']) ?? '')
    visit(cte['ctequery'] ?? node, body)
  }
  if (node['relation']) addTable(node['relation'], scope)
  for (const item of [...listOf(node['fromClause']), ...listOf(node['usingClause'])]) addRelation(item, scope)
  for (const condition of conjunctsOf(node['whereClause'])) addCondition(condition, scope)
  if (inserts) visitInserted(node, scope)
  const {
    withClause: _with,
    fromClause: _from,
    usingClause: _using,
    relation: _relation,
    selectStmt: _select,
    ...rest
  } = node
  visit(rest, scope)
}

function listOf(list: Tree | undefined): Tree[] {
  return partsOf(list)
}

function addTable(range: Tree, scope: Scope): void {
  const name = textOf(range['relname']) ?? ''
  const isOfCatalog = ['information_schema', 'pg_catalog'].includes(textOf(range['schemaname']) ?? '')
  scope.addTable(textOf(range['alias']?.['aliasname']) ?? name, isOfCatalog ? 'pg_catalog' : name)
}

function addRelation(item: Tree, scope: Scope): void {
  const { RangeVar: table, JoinExpr: join, RangeSubselect: select, RangeFunction: call } = item
  if (table) addTable(table, scope)
  if (select) visit(select['subquery'] ?? item, scope.derives(aliasOf(select)))
  if (call) {
    scope.addGiven(
      aliasOf(call),
      partsOf(call['alias']?.['colnames']).map((name) => textOf(name['String']?.['sval'])),
    )
    visit(call['functions'] ?? item, scope)
  }
  if (join) {
    addRelation(join['larg'] ?? item, scope)
    addRelation(join['rarg'] ?? item, scope)
    if (partsOf(join['usingClause']).some((name) => textOf(name['String']?.['sval']) === 'workspace_id')) scope.tieAll()
    for (const condition of conjunctsOf(join['quals'])) addCondition(condition, scope)
    if (join['quals']) visit(join['quals'], scope)
  }
}

function aliasOf(range: Tree): string {
  return textOf(range['alias']?.['aliasname']) ?? ''
}

/** Ties what an equality of the condition makes equal: `a = b`, `(a, b) = (c, d)`, `a = any ($1)`, `a in (select …)`. */
function addCondition(condition: Tree, scope: Scope): void {
  const { A_Expr: compared, SubLink: sublink } = condition
  if (compared && operatorOf(compared) === '=') {
    const [left, right] = [compared['lexpr'], compared['rexpr']]
    const kind = textOf(compared['kind'])
    if (kind === 'AEXPR_OP') tieSides(left, right, scope)
    if (kind === 'AEXPR_OP_ANY' && isParameter(right)) for (const side of sidesOf(left)) tieColumn(side, 'given', scope)
  }
  if (sublink && textOf(sublink['subLinkType']) === 'ANY_SUBLINK' && sublink['operName'] === undefined)
    for (const side of sidesOf(sublink['testexpr'])) tieColumn(side, 'given', scope)
}

function operatorOf(compared: Tree): string | undefined {
  return textOf(partsOf(compared['name'])[0]?.['String']?.['sval'])
}

function tieSides(left: Tree | undefined, right: Tree | undefined, scope: Scope): void {
  const others = sidesOf(right)
  for (const [nth, side] of sidesOf(left).entries()) tiePair(side, others[nth], scope)
}

function tiePair(one: Tree | undefined, other: Tree | undefined, scope: Scope): void {
  const [left, right] = [columnOf(one), columnOf(other)]
  if (left && right) scope.tieColumns(left, right)
  else if (left && isParameter(other)) scope.tie(left, 'one')
  else if (right && isParameter(one)) scope.tie(right, 'one')
}

function tieColumn(side: Tree, anchor: 'one' | 'given', scope: Scope): void {
  const column = columnOf(side)
  if (column) scope.tie(column, anchor)
}

function sidesOf(side: Tree | undefined): Tree[] {
  const row = uncast(side)?.['RowExpr']?.['args']
  if (row) return partsOf(row)
  return side ? [side] : []
}

function isParameter(node: Tree | undefined): boolean {
  const inner = uncast(node)
  return inner?.['ParamRef'] !== undefined || inner?.['A_Const'] !== undefined
}

/** Visits the rows of an insert, and ties its table to the workspace that they get. */
function visitInserted(node: Tree, scope: Scope): void {
  const select = node['selectStmt']?.['SelectStmt']
  if (select === undefined) return
  const rows = scope.inner()
  visitStatement(select, rows, false)
  const table = textOf(node['relation']?.['alias']?.['aliasname']) ?? textOf(node['relation']?.['relname']) ?? ''
  const columns = partsOf(node['cols']).map((column) => textOf(column['ResTarget']?.['name']) ?? '')
  const place = columns.findIndex((column) => scope.isWorkspaceOf(table, column))
  if (place === -1) return
  const values = partsOf(partsOf(select['valuesLists'])[0]?.['List']?.['items'])
  const value = values[place] ?? partsOf(select['targetList'])[place]?.['ResTarget']?.['val']
  const target = scope.find([table, columns[place] ?? ''])
  const column = columnOf(value)
  const source = column && rows.find(column)
  if (isParameter(value)) scope.tie([table, columns[place] ?? ''], 'one')
  else if (target && source) equate(target, source)
}
