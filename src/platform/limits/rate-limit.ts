import { LRUCache } from 'lru-cache'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import type { Redis } from '../redis.ts'
import { atMostEntries } from './entry-count.ts'

/** Number of points per time. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

/** State of a limit after points were consumed. */
export interface Consumption {
  readonly isAllowed: boolean
  readonly remaining: number
  /** Time until the limit is reset. */
  readonly resetSeconds: number
}

/** One limit, counted separately for each key, under the key's pseudonym of the day. It never fails. */
export interface Limit {
  readonly name: string
  readonly rate: Rate
  consume(key: string, points?: number): Promise<Consumption>
}

/** Counts points of a key in one place for several processes. */
export type CountShared = (limit: Pick<Limit, 'name' | 'rate'>, key: string, points: number) => Promise<Consumption>

/** Creates limits that all nodes share while Redis is available, and the processes of this node otherwise. */
export type RateLimiter = (name: string, rate: Rate) => Limit

/** Returns the pseudonym under which a key is counted at a time. */
export type PseudonymOf = (key: string, now: Date) => string

const maxKeys = 100_000

/** @param countOnNode counts for the processes of this node; undefined when there is only one */
export function createRateLimiter(
  redis: Redis | undefined,
  pseudonymOf: PseudonymOf,
  countOnNode?: CountShared,
): RateLimiter {
  return (name, rate) => {
    const window = createWindow(rate)
    const consumeLocally: Consume<Consumption | Promise<Consumption>> =
      countOnNode === undefined
        ? window
        : // Without a reply of the primary, this process counts alone.
          (key, points) => countOnNode({ name, rate }, key, points).catch(() => window(key, points))
    const consumeShared = redis && createSharedWindow(redis, name, rate)
    return {
      name,
      rate,
      consume: async (key, points = 1) => {
        const pseudonym = pseudonymOf(key, new Date())
        if (consumeShared === undefined || redis?.isDown) return consumeLocally(pseudonym, points)
        try {
          return await consumeShared(pseudonym, points)
        } catch {
          return consumeLocally(pseudonym, points) // The Redis client has logged the outage once.
        }
      },
    }
  }
}

/** Creates a 429 error with the time to wait. */
export function rateLimited(message: string, { resetSeconds }: Pick<Consumption, 'resetSeconds'>): AppError {
  return new AppError('rate_limited', message, { retryAfterSeconds: resetSeconds })
}

export type Consume<Result> = (key: string, points: number) => Result

/** Counts in this process. Removes the least recently used keys, so that many clients cannot fill the memory. */
export function createWindow({ count, seconds }: Rate): Consume<Consumption> {
  const windows = new LRUCache<string, { taken: number; readonly endsAt: number }>(atMostEntries(maxKeys))
  return (key, points) => {
    const now = Date.now()
    let window = windows.get(key)
    if (window === undefined || window.endsAt <= now) {
      window = { taken: 0, endsAt: now + seconds * 1000 }
      windows.set(key, window)
    }
    window.taken += points
    return consumptionOf(count, window.taken, window.endsAt - now)
  }
}

/** Counts in Redis, in one round trip; keys above the limit are rejected locally until their window ends. */
function createSharedWindow(redis: Redis, name: string, { count, seconds }: Rate): Consume<Promise<Consumption>> {
  const limiter = new RateLimiterRedis({
    storeClient: {
      eval: (script: string, options: EvalOptions) => redis.run((client) => client.eval(script, options)),
    },
    useRedisPackage: true,
    keyPrefix: `rex:rate:${name}`,
    points: count,
    duration: seconds,
    inMemoryBlockOnConsumed: count + 1,
  })
  return async (key, points) => {
    const { consumedPoints, msBeforeNext } = await limiter.consume(key, points).catch(refusal)
    return consumptionOf(count, consumedPoints, msBeforeNext)
  }

  function refusal(thrown: unknown): { readonly consumedPoints: number; readonly msBeforeNext: number } {
    if (!(thrown instanceof RateLimiterRes)) throw thrown
    return { consumedPoints: count + 1, msBeforeNext: thrown.msBeforeNext }
  }
}

interface EvalOptions {
  readonly keys: string[]
  readonly arguments: string[]
}

function consumptionOf(count: number, taken: number, leftMs: number): Consumption {
  return {
    isAllowed: taken <= count,
    remaining: Math.max(0, count - taken),
    resetSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  }
}
