/** At most so many at a time for each key. */
export interface KeyedSemaphore {
  /** @returns what gives it back, once however often it is called; undefined when all are held */
  hold(key: string): (() => void) | undefined
}

export function createKeyedSemaphore(max: number): KeyedSemaphore {
  const held = new Map<string, number>()
  const giveBack = (key: string) => {
    const left = (held.get(key) ?? 0) - 1
    if (left > 0) held.set(key, left)
    else held.delete(key)
  }
  return {
    hold: (key) => {
      const holding = held.get(key) ?? 0
      if (holding >= max) return undefined
      held.set(key, holding + 1)
      let isHeld = true
      return () => {
        if (isHeld) giveBack(key)
        isHeld = false
      }
    },
  }
}
