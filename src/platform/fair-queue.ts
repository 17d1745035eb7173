/** A queue whose groups take turns. */
export interface FairQueue<Item> {
  readonly size: number
  /** Adds an item, unless the queue is full and the group of the item has its share of it. */
  add(item: Item): boolean
  /** Removes up to `count` items: one of each group in turn, in the order in which the groups began to wait. */
  take(count: number): Item[]
}

interface Group<Item> {
  items: Item[]
  /** Number of items at the front that are taken already. */
  taken: number
  bytes: number
}

/** Above the limits the groups that have less than their share may add items, until there are so many times as many. */
const excess = 2

/** Creates a queue with limits for all groups together, which a group of its own may use alone. */
export function createFairQueue<Item>(options: {
  readonly maxItems: number
  readonly maxBytes: number
  readonly bytesOf: (item: Item) => number
  readonly groupOf: (item: Item) => string
}): FairQueue<Item> {
  const { maxItems, maxBytes, bytesOf, groupOf } = options
  const groups = new Map<string, Group<Item>>()
  let size = 0
  let bytes = 0

  const fits = (parts: number, used: { readonly items: number; readonly bytes: number }, added: number) =>
    used.items < maxItems * parts && used.bytes + added <= maxBytes * parts

  const hasRoom = (group: Group<Item>, added: number) => {
    const all = { items: size, bytes }
    if (fits(1, all, added)) return true
    const share = 1 / (groups.size + (group.items.length === 0 ? 1 : 0))
    return (
      share < 1 &&
      fits(share, { items: group.items.length - group.taken, bytes: group.bytes }, added) &&
      fits(excess, all, added)
    )
  }

  const takeFirst = (group: Group<Item>): Item[] => {
    const first = group.items.slice(group.taken, group.taken + 1)
    group.taken++
    size--
    for (const item of first) {
      bytes -= bytesOf(item)
      group.bytes -= bytesOf(item)
    }
    return first
  }

  return {
    get size() {
      return size
    },
    add: (item) => {
      const name = groupOf(item)
      const group = groups.get(name) ?? { items: [], taken: 0, bytes: 0 }
      const added = bytesOf(item)
      if (!hasRoom(group, added)) return false
      groups.set(name, group)
      group.items.push(item)
      group.bytes += added
      size++
      bytes += added
      return true
    },
    take: (count) => {
      const batch: Item[] = []
      // A group that is set again is at the end of the map, and its turn comes again in the same loop.
      for (const [name, group] of groups) {
        if (batch.length >= count) break
        batch.push(...takeFirst(group))
        groups.delete(name)
        if (group.taken < group.items.length) groups.set(name, compacted(group))
      }
      return batch
    },
  }
}

/** Returns the group without the items that are taken, once they are half of the array. */
function compacted<Item>(group: Group<Item>): Group<Item> {
  if (group.taken * 2 < group.items.length) return group
  return { items: group.items.slice(group.taken), taken: 0, bytes: group.bytes }
}
