import { LRUCache } from 'lru-cache'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from './errors.ts'
import type { Redis } from './redis.ts'

/** So many in so many seconds. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

/** What is left after something was taken. */
export interface Taken {
  readonly isAllowed: boolean
  readonly remaining: number
  /** Until all is there again. */
  readonly resetSeconds: number
}

/** One limit, counted for each key apart, under the key's pseudonym of the day. It never fails. */
export interface Limit {
  readonly name: string
  readonly rate: Rate
  take(key: string, points?: number): Promise<Taken>
}

/** Makes limits that all nodes share while there is a Redis, and this process alone otherwise. */
export type RateLimiter = (name: string, rate: Rate) => Limit

/** What a key is counted under at a time. */
export type PseudonymOf = (key: string, now: Date) => string

const maxKeys = 100_000

export function createRateLimiter(redis: Redis | undefined, pseudonymOf: PseudonymOf): RateLimiter {
  return (name, rate) => {
    const takeHere = createWindow(rate)
    const takeShared = redis && shareWindow(redis, name, rate)
    return {
      name,
      rate,
      take: async (key, points = 1) => {
        const pseudonym = pseudonymOf(key, new Date())
        if (takeShared === undefined || redis?.isAway) return takeHere(pseudonym, points)
        try {
          return await takeShared(pseudonym, points)
        } catch {
          return takeHere(pseudonym, points) // Redis says itself, once, that it is away.
        }
      },
    }
  }
}

/** A 429 that says when to come back. */
export function rateLimited(message: string, { resetSeconds }: Pick<Taken, 'resetSeconds'>): AppError {
  return new AppError('rate_limited', message, { retryAfterSeconds: resetSeconds })
}

type Take<Answer> = (key: string, points: number) => Answer

/** Counts in this process. Whom it has not seen for longest it forgets, so that no crowd can fill the memory. */
function createWindow({ count, seconds }: Rate): Take<Taken> {
  const windows = new LRUCache<string, { taken: number; readonly endsAt: number }>({ max: maxKeys })
  return (key, points) => {
    const now = Date.now()
    let window = windows.get(key)
    if (window === undefined || window.endsAt <= now) {
      window = { taken: 0, endsAt: now + seconds * 1000 }
      windows.set(key, window)
    }
    window.taken += points
    return takenOf(count, window.taken, window.endsAt - now)
  }
}

/** Counts in Redis, in one round trip; whoever has had too much is refused here until their time is over. */
function shareWindow(redis: Redis, name: string, { count, seconds }: Rate): Take<Promise<Taken>> {
  const limiter = new RateLimiterRedis({
    storeClient: {
      eval: (script: string, options: EvalOptions) => redis.ask((client) => client.eval(script, options)),
    },
    useRedisPackage: true,
    keyPrefix: `rex:rate:${name}`,
    points: count,
    duration: seconds,
    inMemoryBlockOnConsumed: count + 1,
  })
  return async (key, points) => {
    const { consumedPoints, msBeforeNext } = await limiter.consume(key, points).catch(refusal)
    return takenOf(count, consumedPoints, msBeforeNext)
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

function takenOf(count: number, taken: number, leftMs: number): Taken {
  return {
    isAllowed: taken <= count,
    remaining: Math.max(0, count - taken),
    resetSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  }
}
