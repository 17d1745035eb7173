import { LRUCache } from 'lru-cache'
import { AppError } from '../platform/errors.ts'
import { limitByAddress } from '../platform/limits/address-rate-limit.ts'
import { rangesOf } from '../platform/limits/client-network.ts'
import { atMostEntries } from '../platform/limits/entry-count.ts'
import { type RateLimiter, rateLimited } from '../platform/limits/rate-limit.ts'
import { hashKey } from './key.ts'

interface Attempt {
  readonly key: string
  /** Network of the client, as `networkOf` returns it. */
  readonly network: string
}

/** Limits the number of wrong keys per address. */
export interface KeyFailures {
  /** @throws AppError `rate_limited` after too many, before the key is checked */
  watch<Caller>(attempt: Attempt, authenticate: () => Promise<Caller>): Promise<Caller>
}

const rate = { count: 1000, seconds: 60 }
const knownForMs = 3_600_000
const maxKnown = 10_000

/**
 * Creates the limit. After too many wrong keys an address is rejected with any key, except those that were valid from
 * it within the last hour: so one client that retries a stale key blocks no active client behind the same address.
 */
export function createKeyFailures(rates: RateLimiter): KeyFailures {
  const limit = limitByAddress(rates, 'wrong-key', rate)
  const refusedUntil = new LRUCache<string, number>(atMostEntries(maxKnown))
  const known = new LRUCache<string, true>({ ...atMostEntries(maxKnown), ttl: knownForMs })

  const countFailure = async (network: string) => {
    for (const taken of await limit.consume(network))
      if (taken.remaining === 0) refusedUntil.set(taken.network, Date.now() + taken.resetSeconds * 1000)
  }
  const endOfRefusal = (network: string) => Math.max(...rangesOf(network).map((range) => refusedUntil.get(range) ?? 0))
  return {
    watch: async ({ key, network }, authenticate) => {
      const pair = hashKey(`${network} ${key}`)
      const leftMs = endOfRefusal(network) - Date.now()
      if (leftMs > 0 && !known.has(pair))
        throw rateLimited('Too many wrong keys from this address.', { resetSeconds: Math.ceil(leftMs / 1000) })
      try {
        const caller = await authenticate()
        known.set(pair, true)
        return caller
      } catch (error) {
        // A key that was valid and is now revoked loses the exception.
        known.delete(pair)
        if (error instanceof AppError && error.code === 'unauthenticated') await countFailure(network)
        throw error
      }
    },
  }
}
