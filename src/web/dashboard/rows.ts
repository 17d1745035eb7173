import { type Child, element, fill } from './element.ts'

interface Item {
  readonly id: string
}

/** The rows of a table, in an order, each found again by the id of its item. */
export interface Rows<Each extends Item> {
  readonly node: HTMLTableElement
  isEmpty(): boolean
  has(id: string): boolean
  /** Whether the item is above any that is shown. */
  reaches(item: Each): boolean
  /** In its place, or at its place anew; what is known to be newer stays. */
  put(item: Each): void
  /** For good: what was read before does not bring it back. */
  remove(id: string): void
  clear(): void
}

interface RowParts<Each extends Item> {
  /** Names the table for styles. */
  readonly kind: string
  readonly columns: readonly string[]
  cells(item: Each): readonly Child[]
  isAbove(one: Each, other: Each): boolean
  isStale(item: Each, known: Each): boolean
}

interface Row<Each> {
  readonly node: HTMLTableRowElement
  item: Each
}

/** A row stays the same node when its item changes. */
export function createRows<Each extends Item>(parts: RowParts<Each>): Rows<Each> {
  const rows = new Map<string, Row<Each>>()
  const gone = new Set<string>()
  const body = element('tbody')
  const put = (item: Each) => {
    const known = rows.get(item.id)
    if (gone.has(item.id) || (known && parts.isStale(item, known.item))) return
    const row = known ?? { node: element('tr', { 'data-id': item.id }), item }
    row.item = item
    keepingFocus(row.node, () => fill(row.node, parts.cells(item)))
    if (known) return
    // Mostly the one on top: what is new is above all.
    const next = [...body.children].find((node) => isAbove(item, rows.get(idOf(node))))
    rows.set(item.id, row)
    body.insertBefore(row.node, next ?? null)
  }
  const isAbove = (item: Each, row: Row<Each> | undefined) => row !== undefined && parts.isAbove(item, row.item)
  return {
    node: element('table', { class: parts.kind }, headOf(parts.columns), body),
    put,
    isEmpty: () => rows.size === 0,
    has: (id) => rows.has(id),
    reaches: (item) => [...rows.values()].some((row) => isAbove(item, row)),
    remove: (id) => {
      gone.add(id)
      rows.get(id)?.node.remove()
      rows.delete(id)
    },
    clear: () => {
      rows.clear()
      body.replaceChildren()
    },
  }
}

function headOf(columns: readonly string[]): HTMLElement {
  return element('thead', {}, element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name))))
}

function idOf(node: Element): string {
  return node.getAttribute('data-id') ?? ''
}

/** Whoever was at a button of the row still is. */
function keepingFocus(row: HTMLElement, change: () => void): void {
  const hadFocus = row.contains(document.activeElement)
  change()
  if (hadFocus) row.querySelector('button')?.focus()
}
