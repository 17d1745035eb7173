import { type Rate, type RateLimiter, rateLimited } from '../platform/limits/rate-limit.ts'
import type { Viewer } from './viewer.ts'

/** Limits the use of the service per key. */
export interface KeyRate {
  /** @throws AppError `rate_limited` */
  spend(viewer: Viewer, points: number): Promise<void>
}

/** Creates the limit; a null rate disables it. */
export function createKeyRate(rates: RateLimiter, rate: Rate | null): KeyRate {
  if (rate === null) return { spend: async () => {} }
  const limit = rates('key', rate)
  return {
    spend: async ({ apiKeyId }, points) => {
      const taken = await limit.consume(apiKeyId, points)
      if (!taken.isAllowed) throw rateLimited('This key has reached its rate limit.', taken)
    },
  }
}
