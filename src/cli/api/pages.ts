/** Page of a list, as all connections return it. */
interface Page<Item> {
  readonly nodes: readonly Item[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null }
}

export interface PageRange {
  readonly first: number
  readonly after: string | null
}

const largestPage = 100

/** Yields the pages of a list up to a number of items. A page may be empty although others follow. */
export async function* pagesOf<Item>(
  read: (range: PageRange) => Promise<Page<Item>>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly Item[]> {
  let after: string | null = null
  for (let left = limit; left > 0; ) {
    const { nodes, pageInfo }: Page<Item> = await read({ first: Math.min(left, largestPage), after })
    if (nodes.length > 0) yield nodes
    left -= nodes.length
    after = pageInfo.endCursor ?? null
    if (!pageInfo.hasNextPage || after === null) return
  }
}

/** Returns the first items of a list. */
export async function firstItems<Item>(
  read: (range: PageRange) => Promise<Page<Item>>,
  limit?: number,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of pagesOf(read, limit)) items.push(...page)
  return items
}
