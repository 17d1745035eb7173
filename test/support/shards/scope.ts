import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Reach = 'none' | 'one' | 'given' | 'every'

/** The column of each table by which it would be spread: `workspace_id`, and `id` of the workspace itself. */
const schema = readFileSync(join(import.meta.dirname, '../../../prisma/schema.prisma'), 'utf8')
const spreadBy = new Map(
  schema
    .split(/^model /m)
    .slice(1)
    .flatMap((model): [string, string][] => {
      const table = /@@map\("(\w+)"\)/.exec(model)?.[1] ?? ''
      if (table === 'workspace') return [[table, 'id']]
      return model.includes('@map("workspace_id")') ? [[table, 'workspace_id']] : []
    }),
)

interface Relation {
  readonly alias: string
  readonly kind: 'table' | 'derived' | 'given' | 'other'
  /** Name of the column that says the workspace. */
  readonly column: string
  /** Body of a derived relation. */
  readonly body?: Scope
  /** What is equal to that column; the groups of equal columns are merged. */
  group: Group
}

interface Group {
  readonly members: Set<Relation>
  isOne: boolean
  isGiven: boolean
}

/** The relations that a statement or a part of it can name, and what ties each of them to a workspace. */
export class Scope {
  readonly #parent: Scope | undefined
  readonly #relations: Relation[] = []
  readonly #inner: Scope[] = []
  readonly #bodies: Map<string, Scope>

  constructor(parent?: Scope) {
    this.#parent = parent
    this.#bodies = new Map(parent?.bodies())
  }

  bodies(): Map<string, Scope> {
    return this.#bodies
  }

  inner(): Scope {
    const scope = new Scope(this)
    this.#inner.push(scope)
    return scope
  }

  /** Returns the scope of the body of a common table expression, which may name itself. */
  defines(name: string): Scope {
    const body = this.inner()
    this.#bodies.set(name, body)
    body.bodies().set(name, body)
    return body
  }

  /** Returns the scope of a query in `from`. */
  derives(alias: string): Scope {
    const body = this.inner()
    this.#add({ alias, kind: 'derived', column: 'workspace_id', body })
    return body
  }

  addTable(alias: string, name: string): void {
    const body = this.#bodies.get(name)
    const column = spreadBy.get(name)
    if (body) this.#add({ alias, kind: 'derived', column: 'workspace_id', body })
    else this.#add(column ? { alias, kind: 'table', column } : { alias, kind: 'other', column: '' })
  }

  /** Adds rows that come from parameters: `unnest($1::text[]) as given (workspace_id)`. */
  addGiven(alias: string, columns: readonly (string | undefined)[]): void {
    this.#add({ alias, kind: columns.includes('workspace_id') ? 'given' : 'other', column: 'workspace_id' })
  }

  #add(relation: Omit<Relation, 'group'>): void {
    const group: Group = { members: new Set(), isOne: false, isGiven: relation.kind === 'given' }
    const added: Relation = { ...relation, group }
    group.members.add(added)
    this.#relations.push(added)
  }

  isWorkspaceOf(alias: string, column: string): boolean {
    return this.#relations.some((each) => each.alias === alias && each.kind === 'table' && each.column === column)
  }

  tie(column: readonly string[], anchor: 'one' | 'given'): void {
    const group = this.find(column)?.group
    if (group === undefined) return
    if (anchor === 'one') group.isOne = true
    else group.isGiven = true
  }

  tieColumns(one: readonly string[], other: readonly string[]): void {
    const left = this.find(one) ?? (this.find(other) && this.#findDerived(one))
    const right = this.find(other) ?? (left && this.#findDerived(other))
    if (left && right) equate(left, right)
  }

  /** Ties all relations so far, as `using (workspace_id)` does. */
  tieAll(): void {
    const [first, ...others] = this.#relations
    for (const other of others) if (first) equate(first, other)
  }

  /** Finds the relation whose workspace a column reference names. */
  find(column: readonly string[]): Relation | undefined {
    const name = column.at(-1) ?? ''
    const alias = column.at(-2)
    const named = this.#relations.filter(
      (each) => each.column === name && (alias === undefined || each.alias === alias),
    )
    return named.find(({ kind }) => kind !== 'derived') ?? named[0] ?? this.#parent?.find(column)
  }

  /** Finds a derived relation by its alias: it may call the workspace by another name. */
  #findDerived(column: readonly string[]): Relation | undefined {
    return this.#relations.find(({ alias, kind }) => kind === 'derived' && alias === column.at(-2))
  }

  /** Returns the widest reach of all tables below; `seen` ends the recursion of a query that names itself. */
  reach(seen: ReadonlySet<Scope> = new Set()): Reach {
    if (seen.has(this)) return 'none'
    const within = new Set([...seen, this])
    const own = this.#relations.filter(({ kind }) => kind === 'table').map(({ group }) => reachOfGroup(group, within))
    return widest([...own, ...this.#inner.map((scope) => scope.reach(within))])
  }
}

function widest(reaches: readonly Reach[]): Reach {
  return (['every', 'given', 'one'] as const).find((reach) => reaches.includes(reach)) ?? 'none'
}

function reachOfGroup({ isOne, isGiven, members }: Group, seen: ReadonlySet<Scope>): Reach {
  if (isOne) return 'one'
  const bodies = [...members].flatMap(({ body }) => body ?? [])
  if (!isGiven && bodies.length === 0) return 'every'
  // A query that reads all workspaces says so where it is; here its rows are given.
  return !isGiven && bodies.some((body) => body.reach(seen) === 'one') ? 'one' : 'given'
}

/** Notes that two relations have the same workspace. */
export function equate({ group: into }: Relation, { group: from }: Relation): void {
  if (into === from) return
  into.isOne ||= from.isOne
  into.isGiven ||= from.isGiven
  for (const member of from.members) {
    into.members.add(member)
    member.group = into
  }
}
