import { type Child, element, replaceContent } from './element.ts'

interface Item {
  readonly id: string
}

/** The ordered rows of a table, by the id of their item. */
export interface Rows<Each extends Item> {
  readonly node: HTMLTableElement
  isEmpty(): boolean
  has(id: string): boolean
  /** Whether the item belongs above any row that is shown. */
  reaches(item: Each): boolean
  /** Adds or updates the row of an item; a newer known state stays. */
  put(item: Each): void
  /** Removes a row permanently: earlier reads cannot add it again. */
  remove(id: string): void
  clear(): void
}

interface RowParts<Each extends Item> {
  /** CSS class of the table. */
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

/** Creates the rows of a table; a row keeps its node when its item changes. */
export function createRows<Each extends Item>(parts: RowParts<Each>): Rows<Each> {
  const rows = new Map<string, Row<Each>>()
  const removedIds = new Set<string>()
  const body = element('tbody')
  const put = (item: Each) => {
    const known = rows.get(item.id)
    if (removedIds.has(item.id) || (known && parts.isStale(item, known.item))) return
    const row = known ?? { node: element('tr', { 'data-id': item.id }), item }
    row.item = item
    keepFocus(row.node, () => replaceContent(row.node, parts.cells(item)))
    if (known) return
    // Usually this is the first row, because new items belong at the top.
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
      removedIds.add(id)
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

/** Changes a row and keeps the focus on its button. */
function keepFocus(row: HTMLElement, change: () => void): void {
  const hadFocus = row.contains(document.activeElement)
  change()
  if (hadFocus) row.querySelector('button')?.focus()
}
