import { createPages, type PageParts, type Pages } from './pages.ts'
import type { Rows } from './rows.ts'

export interface LivePages<Item> extends Pages {
  /** Adds or updates an item from a live update. */
  put(item: Item): void
}

type LiveParts<Item> = Pick<PageParts<Item>, 'signal' | 'read' | 'emptyMessage'>

/** Live items after which the list is read again, so that a page that is open for days does not hold too many rows. */
const maxArrived = 500

/** Creates the pages of a table that also receives live updates. */
export function createLivePages<Item extends { readonly id: string }>(
  rows: Rows<Item>,
  parts: LiveParts<Item>,
): LivePages<Item> {
  let count = 0
  /** Live items that arrived while the list is read again; they are newer than the result. */
  let arrived: Item[] | undefined
  const show = (items: readonly Item[]) => {
    for (const item of [...items, ...(arrived ?? [])]) rows.put(item)
    arrived = undefined
  }
  const pages = createPages<Item>({ ...parts, show, clear: rows.clear, isEmpty: rows.isEmpty })
  const restart = () => {
    arrived = []
    pages.restart()
  }
  const put = (item: Item) => {
    const isKnown = rows.has(item.id)
    // An item further down is read with its page.
    if (!isKnown && pages.hasMore() && !rows.reaches(item)) return
    if (!isKnown && ++count % maxArrived === 0) return restart()
    arrived?.push(item)
    rows.put(item)
    pages.settle()
  }
  return { ...pages, restart, put }
}
