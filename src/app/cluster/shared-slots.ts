import type { CreateSemaphore } from '../../platform/limits/keyed-semaphore.ts'

/** Semaphores whose slots the processes of a node share. */
interface SharedSlots {
  readonly createSemaphore: CreateSemaphore
  /** Sets the number of slots that another process holds. */
  setHeld(peer: number, slot: string, count: number): void
  forget(peer: number): void
}

/**
 * Creates semaphores that know what the other processes hold. Acquiring waits for nobody: a count reaches the others
 * within milliseconds, so callers that arrive at the same moment may exceed the limit.
 */
export function createSharedSlots(announce: (slot: string, count: number) => void): SharedSlots {
  const heldByPeers = new Map<number, Map<string, number>>()
  const heldElsewhere = (slot: string) =>
    [...heldByPeers.values()].reduce((sum, counts) => sum + (counts.get(slot) ?? 0), 0)
  return {
    createSemaphore: (name, max) => {
      const held = new Map<string, number>()
      const change = (slot: string, by: number) => {
        const count = (held.get(slot) ?? 0) + by
        if (count > 0) held.set(slot, count)
        else held.delete(slot)
        announce(slot, count)
      }
      return {
        acquire: (key) => {
          const slot = `${name} ${key}`
          if ((held.get(slot) ?? 0) + heldElsewhere(slot) >= max) return undefined
          change(slot, 1)
          let isHeld = true
          return () => {
            if (isHeld) change(slot, -1)
            isHeld = false
          }
        },
      }
    },
    setHeld: (peer, slot, count) => {
      const counts = heldByPeers.get(peer) ?? new Map<string, number>()
      heldByPeers.set(peer, counts)
      if (count > 0) counts.set(slot, count)
      else counts.delete(slot)
    },
    forget: (peer) => void heldByPeers.delete(peer),
  }
}
