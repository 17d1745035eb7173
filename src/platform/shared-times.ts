import { LRUCache } from 'lru-cache'
import type { Redis } from './redis.ts'

/** Latest times at which something happened, by name, which other processes see. */
export interface SharedTimes {
  /** Sets the time of a name to now. Resolves when the other processes can see it. */
  touch(name: string): Promise<void>
  /** Returns the latest time of each name, 0 for none. Rejects when the times of others are not known. */
  latest(names: readonly string[]): Promise<number[]>
}

/** Times that are kept in one place for several processes. */
export interface TimeStore {
  set(name: string, at: number): Promise<unknown>
  get(names: readonly string[]): Promise<number[]>
}

const maxNames = 100_000
/** Interval at which the time of one name is shared at most, so that a busy key costs no message per request. */
const shareEveryMs = 1000
/** Maximum difference between the clocks of two nodes. */
const clockSkewMs = 1000

interface Touch {
  at: number
  sharedAt: number
  shared: Promise<unknown>
}

/** @param store undefined when this process is the only one */
export function createSharedTimes(store: TimeStore | undefined, keepMs: number): SharedTimes {
  const touches = new LRUCache<string, Touch>({ max: maxNames, ttl: keepMs })
  return {
    touch: async (name) => {
      const at = Date.now()
      const touch = touches.get(name) ?? { at, sharedAt: 0, shared: Promise.resolve() }
      touch.at = at
      touches.set(name, touch)
      if (store === undefined) return
      if (at - touch.sharedAt >= shareEveryMs) {
        touch.sharedAt = at
        // The shared time also holds for touches until the next one is shared. Without the store, this process knows.
        touch.shared = store.set(name, at + shareEveryMs + clockSkewMs).catch(() => {})
      }
      await touch.shared
    },
    latest: async (names) => {
      const own = names.map((name) => touches.get(name)?.at ?? 0)
      if (store === undefined) return own
      const others = await store.get(names)
      return own.map((at, index) => Math.max(at, others[index] ?? 0))
    },
  }
}

/** Returns a store in Redis, which all nodes share. */
export function timesInRedis(redis: Redis, keepMs: number): TimeStore {
  const keyOf = (name: string) => `rex:recent:${name}`
  return {
    set: (name, at) => redis.run((client) => client.set(keyOf(name), at, { PX: keepMs })),
    get: async (names) => (await redis.run((client) => client.mGet(names.map(keyOf)))).map(Number),
  }
}

/** Returns a store in this process, for the processes that ask it. */
export function timesInMemory(keepMs: number): TimeStore {
  const times = new LRUCache<string, number>({ max: maxNames, ttl: keepMs })
  return {
    set: async (name, at) => times.set(name, Math.max(at, times.get(name) ?? 0)),
    get: async (names) => names.map((name) => times.get(name) ?? 0),
  }
}
