import { createPages, type PageParts, type Pages } from './pages.ts'
import type { Rows } from './rows.ts'

export interface LivePages<Item> extends Pages {
  /** Puts in what came by itself. */
  put(item: Item): void
}

type LiveParts<Item> = Pick<PageParts<Item>, 'signal' | 'read' | 'emptyWord'>

/** A page that is open for days is read anew before it holds more rows than a browser likes. */
const maxArrived = 500

/** Pages of a table into which items also come by themselves. */
export function createLivePages<Item extends { readonly id: string }>(
  rows: Rows<Item>,
  parts: LiveParts<Item>,
): LivePages<Item> {
  let count = 0
  /** What came while the list is read anew: newer than what is read. */
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
    // One further down comes with its page.
    if (!isKnown && pages.hasMore() && !rows.reaches(item)) return
    if (!isKnown && ++count % maxArrived === 0) return restart()
    arrived?.push(item)
    rows.put(item)
    pages.settle()
  }
  return { ...pages, restart, put }
}
