import type { FastifyReply } from 'fastify'
import type { Consumption, Limit } from '../../platform/limits/rate-limit.ts'

/** Tells what is left, as draft-ietf-httpapi-ratelimit-headers has it: lists of policies by name. */
export function tellAllowance(
  reply: FastifyReply,
  { name, rate }: Limit,
  { remaining, resetSeconds }: Consumption,
): void {
  reply.header('ratelimit-policy', `"${name}";q=${rate.count};w=${rate.seconds}`)
  reply.header('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`)
}
