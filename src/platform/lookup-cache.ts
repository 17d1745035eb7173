import { LRUCache } from 'lru-cache'
import { atMostEntries } from './limits/entry-count.ts'

/** Cache of values that are looked up by a key. */
export interface LookupCache<Value> {
  find(key: string): Promise<Value>
  /** Removes the matching values, or all. Lookups that are in progress are repeated. */
  forget(isConcerned?: (value: Value) => boolean): void
  /**
   * Returns whether the value is as new as `find` guarantees: younger than the TTL, and looked up after the last
   * `forget`.
   */
  isFresh(value: Value): boolean
}

/**
 * Caches each value for `ttlMs`. A lookup that began before a `forget` may have read an outdated value, which is
 * neither cached nor returned. Concurrent callers of one key share one lookup; a failure is not cached.
 */
export function createLookupCache<Value extends object>(
  lookUp: (key: string) => Promise<Value>,
  { max, ttlMs }: { readonly max: number; readonly ttlMs: number },
): LookupCache<Value> {
  const cached = new LRUCache<string, Value>({ ...atMostEntries(max), ttl: ttlMs })
  const inProgress = new Map<string, Promise<Value>>()
  const lookedUp = new WeakMap<Value, { readonly epoch: number; readonly at: number }>()
  let epoch = 0

  const lookUpNow = async (key: string): Promise<Value> => {
    for (;;) {
      const began = { epoch, at: performance.now() }
      const value = await lookUp(key)
      if (began.epoch !== epoch) continue
      lookedUp.set(value, began)
      cached.set(key, value)
      return value
    }
  }
  const lookUpOnce = (key: string): Promise<Value> => {
    const known = inProgress.get(key)
    if (known !== undefined) return known
    const found = lookUpNow(key).finally(() => inProgress.delete(key))
    inProgress.set(key, found)
    return found
  }

  return {
    find: async (key) => cached.get(key) ?? lookUpOnce(key),
    forget: (isConcerned = () => true) => {
      epoch += 1
      for (const [key, value] of [...cached.entries()]) if (isConcerned(value)) cached.delete(key)
    },
    isFresh: (value) => {
      const began = lookedUp.get(value)
      return began !== undefined && began.epoch === epoch && performance.now() - began.at < ttlMs
    },
  }
}
