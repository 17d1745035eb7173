import type { FastifyRequest } from 'fastify'
import { type Rate, type RateLimiter, rateLimited } from '../../platform/limits/rate-limit.ts'

/** Answers that need no key, for one address: pages load some fifty files each. Asking whether one has changed is free. */
const keylessRate: Rate = { count: 1200, seconds: 60 }

/** @throws AppError `rate_limited` */
export type CheckKeylessRate = (request: FastifyRequest) => Promise<void>

export function createKeylessLimit(rates: RateLimiter): CheckKeylessRate {
  const byAddress = rates('keyless', keylessRate)
  return async (request) => {
    const taken = await byAddress.consume(request.requestOrigin.network)
    if (!taken.isAllowed) throw rateLimited('Too many pages and files were asked for from this address.', taken)
  }
}
