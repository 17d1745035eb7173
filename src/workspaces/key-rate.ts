import { type Rate, type RateLimiter, rateLimited } from '../platform/rate-limit.ts'
import type { Viewer } from './viewer.ts'

/** Bounds what one key may use of this service. */
export interface KeyRate {
  /** @throws AppError `rate_limited` */
  spend(viewer: Viewer, points: number): Promise<void>
}

/** No rate, no limit. */
export function createKeyRate(rates: RateLimiter, rate: Rate | null): KeyRate {
  if (rate === null) return { spend: async () => {} }
  const limit = rates('key', rate)
  return {
    spend: async ({ apiKeyId }, points) => {
      const taken = await limit.take(apiKeyId, points)
      if (!taken.isAllowed) throw rateLimited('This key has used what it may for now.', taken)
    },
  }
}
