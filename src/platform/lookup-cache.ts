import { LRUCache } from 'lru-cache'

/** Values that are looked up by a key and remembered for a time. */
export interface LookUps<Value> {
  find(key: string): Promise<Value>
  /** Forgets the values that are concerned, or all. A look-up that is under way then is made again. */
  forget(isConcerned?: (value: Value) => boolean): void
  /** Returns whether the value is as new as `find` promises: younger than the time, and looked up since the last `forget`. */
  isFresh(value: Value): boolean
}

/**
 * Remembers each value for `ttlMs`. A look-up that began before a `forget` may have read what is no longer true, so its
 * value is neither remembered nor returned. Callers that ask for one key at the same time share one look-up; a failure
 * is not remembered.
 */
export function createLookUps<Value extends object>(
  lookUp: (key: string) => Promise<Value>,
  { max, ttlMs }: { readonly max: number; readonly ttlMs: number },
): LookUps<Value> {
  const remembered = new LRUCache<string, Value>({ max, ttl: ttlMs })
  const underWay = new Map<string, Promise<Value>>()
  const lookedUp = new WeakMap<Value, { readonly epoch: number; readonly at: number }>()
  let epoch = 0

  const lookUpNow = async (key: string): Promise<Value> => {
    for (;;) {
      const began = { epoch, at: performance.now() }
      const value = await lookUp(key)
      if (began.epoch !== epoch) continue
      lookedUp.set(value, began)
      remembered.set(key, value)
      return value
    }
  }
  const lookUpOnce = (key: string): Promise<Value> => {
    const known = underWay.get(key)
    if (known !== undefined) return known
    const found = lookUpNow(key).finally(() => underWay.delete(key))
    underWay.set(key, found)
    return found
  }

  return {
    find: async (key) => remembered.get(key) ?? lookUpOnce(key),
    forget: (isConcerned = () => true) => {
      epoch += 1
      for (const [key, value] of [...remembered.entries()]) if (isConcerned(value)) remembered.delete(key)
    },
    isFresh: (value) => {
      const began = lookedUp.get(value)
      return began !== undefined && began.epoch === epoch && performance.now() - began.at < ttlMs
    },
  }
}
