import { createPseudonyms } from '../../src/platform/crypto/pseudonyms.ts'
import { createRateLimiter, type RateLimiter } from '../../src/platform/limits/rate-limit.ts'
import type { Redis } from '../../src/platform/redis.ts'

/** Limits of a node; two of the same key share them where there is a Redis. */
export function testRates(redis?: Redis, keyByte = 1): RateLimiter {
  return createRateLimiter(redis, createPseudonyms([{ id: 'k1', key: Buffer.alloc(32, keyByte) }]))
}
