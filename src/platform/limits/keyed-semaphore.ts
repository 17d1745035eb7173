/** Limits concurrent use for each key. */
export interface KeyedSemaphore {
  /** Returns a function that releases the slot; calling it again has no effect. Undefined when all slots are taken. */
  acquire(key: string): (() => void) | undefined
}

/** Creates a semaphore. Its name identifies it among the processes that share its slots. */
export type CreateSemaphore = (name: string, max: number) => KeyedSemaphore

/** Creates a semaphore that only this process uses. */
export const createLocalSemaphore: CreateSemaphore = (_name, max) => createKeyedSemaphore(max)

export function createKeyedSemaphore(max: number): KeyedSemaphore {
  const used = new Map<string, number>()
  const release = (key: string) => {
    const left = (used.get(key) ?? 0) - 1
    if (left > 0) used.set(key, left)
    else used.delete(key)
  }
  return {
    acquire: (key) => {
      const inUse = used.get(key) ?? 0
      if (inUse >= max) return undefined
      used.set(key, inUse + 1)
      let isHeld = true
      return () => {
        if (isHeld) release(key)
        isHeld = false
      }
    },
  }
}
