import type { Database, Tx, Value } from '../../src/database/database.ts'

/** A node of a plan as `explain (format json)` tells it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly PlanNode[]
}

export const planModes = ['force_custom_plan', 'force_generic_plan'] as const
export type PlanMode = (typeof planModes)[number]

/**
 * Does work in a transaction that is taken back, and returns the plan of each of its statements, by name: all the nodes,
 * the root first. Each runs twice, explained and then for its rows.
 */
export async function explainWork(
  database: Database,
  mode: PlanMode,
  work: (tx: Tx) => Promise<unknown>,
): Promise<Map<string, PlanNode[]>> {
  const plans = new Map<string, PlanNode[]>()
  const takenBack = new Error('taken back')
  const done = database.inTransaction(async (tx) => {
    const run = <Row>(text: string) => tx.query<Row>({ name: '', text })
    await run(`set local plan_cache_mode = ${mode}`)
    let last: Promise<unknown> = Promise.resolve()
    const explained: Tx['query'] = async (statement, values = []) => {
      await run('savepoint explained')
      await run(`prepare explained as ${statement.text}`)
      const given = values.length === 0 ? '' : `(${values.map(literalOf).join(', ')})`
      const explain = `explain (analyze, buffers, timing off, format json) execute explained ${given}`
      const [row] = await run<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explain)
      plans.set(statement.name, nodesOf(row!['QUERY PLAN'][0]!.Plan))
      await run('deallocate explained')
      await run('rollback to explained')
      return tx.query(statement, values)
    }
    // One after the other, though the work may send several at once.
    const query: Tx['query'] = <Row>(...given: Parameters<Tx['query']>) => {
      const rows = last.then(() => explained<Row>(...given))
      last = rows.catch(() => undefined)
      return rows
    }
    await work({ ...tx, query })
    throw takenBack
  })
  await done.catch((error: unknown) => {
    if (error !== takenBack) throw error
  })
  return plans
}

/** Of 8 KiB, over the whole plan. */
export function blocksOf([root]: readonly PlanNode[]): number {
  return root!['Shared Hit Blocks'] + root!['Shared Read Blocks']
}

/** Rows of a table that its scans have read, those that a condition removed among them; over the whole plan. */
export function rowsReadOf(nodes: readonly PlanNode[], table: string): number {
  const scans = nodes.filter((node) => node['Relation Name'] === table && node['Node Type'].endsWith('Scan'))
  return scans.reduce((sum, node) => sum + rowsOf(node) * node['Actual Loops'], 0)
}

function rowsOf(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return node['Actual Rows'] + removed
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

function literalOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return quoted(value.toISOString())
  if (typeof value === 'object') return quoted(`{${value.map(elementOf).join(',')}}`)
  return quoted(String(value))
}

function elementOf(value: string | number | boolean | Date | null): string {
  return value === null ? 'null' : JSON.stringify(String(value))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
