/** Counter per holder, with a total. */
export interface Tally {
  readonly total: number
  of(holder: string): number
  add(holder: string): void
  remove(holder: string): void
}

/** Creates a tally that stores only holders with a count above zero. */
export function createTally(): Tally {
  const counts = new Map<string, number>()
  let total = 0
  const of = (holder: string) => counts.get(holder) ?? 0
  return {
    get total() {
      return total
    },
    of,
    add: (holder) => {
      counts.set(holder, of(holder) + 1)
      total++
    },
    remove: (holder) => {
      const left = of(holder) - 1
      if (left > 0) counts.set(holder, left)
      else counts.delete(holder)
      total--
    },
  }
}
