/** How many attempts a worker begins at a time. */
export interface Places {
  readonly free: number
  /** Takes one; answers what gives it back, at the latest when its time is over. */
  take(): () => void
}

/**
 * An attempt keeps its place for a while alone: one that waits longer costs memory and no processor, and however many
 * receivers are slow, the others go on.
 */
export function createPlaces(options: {
  readonly count: number
  readonly keptMs: number
  /** Called when none was free and one is now. */
  readonly onFree: () => void
}): Places {
  const { count, keptMs, onFree } = options
  let taken = 0

  const take = () => {
    let isKept = true
    const giveUp = () => {
      if (!isKept) return
      isKept = false
      clearTimeout(timer)
      taken--
      if (taken === count - 1) onFree()
    }
    const timer = setTimeout(giveUp, keptMs)
    taken++
    return giveUp
  }

  return {
    get free() {
      return count - taken
    },
    take,
  }
}
