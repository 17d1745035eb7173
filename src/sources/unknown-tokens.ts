import { limitByAddress, tightestOf } from '../platform/limits/address-rate-limit.ts'
import { type RateLimiter, rateLimited } from '../platform/limits/rate-limit.ts'

const rate = { count: 300, seconds: 60 }

/**
 * Limits unknown tokens by address. Call it after the look-up has found none: tools share their servers, so that a good
 * token is never refused for its address.
 * @returns a function that throws AppError `rate_limited`
 */
export function createUnknownTokenLimit(rates: RateLimiter): (network: string) => Promise<void> {
  const limit = limitByAddress(rates, 'unknown-token', rate)
  return async (network) => {
    const taken = tightestOf(await limit.consume(network))
    if (!taken.isAllowed) throw rateLimited('Too many requests from this address had an unknown token.', taken)
  }
}
