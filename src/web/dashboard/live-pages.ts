import { createPages, type PageParts, type Pages } from './pages.ts'
import type { Rows } from './rows.ts'

export interface LivePages<Item> extends Pages {
  /** Puts in what came by itself. */
  put(item: Item): void
}

type LiveParts<Item> = Pick<PageParts<Item>, 'signal' | 'read' | 'emptyWord'>

/** Pages of a table into which items also come by themselves. */
export function createLivePages<Item extends { readonly id: string }>(
  rows: Rows<Item>,
  parts: LiveParts<Item>,
): LivePages<Item> {
  /** What came while the list is read anew: newer than what is read. */
  let arrived: Item[] | undefined
  const show = (items: readonly Item[]) => {
    for (const item of [...items, ...(arrived ?? [])]) rows.put(item)
    arrived = undefined
  }
  const pages = createPages<Item>({ ...parts, show, clear: rows.clear, isEmpty: rows.isEmpty })
  return {
    ...pages,
    restart: () => {
      arrived = []
      pages.restart()
    },
    put: (item) => {
      arrived?.push(item)
      rows.put(item)
      pages.settle()
    },
  }
}
