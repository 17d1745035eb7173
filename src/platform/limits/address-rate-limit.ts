import { rangesOf } from './client-network.ts'
import { type CreateSemaphore, createLocalSemaphore, type KeyedSemaphore } from './keyed-semaphore.ts'
import type { Consumption, Limit, Rate, RateLimiter } from './rate-limit.ts'

/** State of the limit of one range of addresses. */
export interface Allowance extends Consumption {
  readonly limit: Limit
  /** The range, as `networkOf` returns it, or a wider one. */
  readonly network: string
}

/** Limits the requests of one address. For IPv6 it counts the /64, and the /56 and /48 around it with higher rates. */
export interface AddressLimit {
  /**
   * Consumes a point of each range, the narrowest first, and stops at an exhausted range: so a single busy /64 uses up
   * nothing of its neighbours' limits. Returns the states of the counted ranges, in that order.
   */
  consume(network: string): Promise<readonly [Allowance, ...Allowance[]]>
}

/** Multiples of an address's rate, in the order of `rangesOf`. */
const factors = [1, 4, 16] as const

export function limitByAddress(rates: RateLimiter, name: string, { count, seconds }: Rate): AddressLimit {
  const names = [name, `${name}-56`, `${name}-48`]
  const limits = factors.map((factor, index) => rates(names[index] ?? name, { count: count * factor, seconds }))
  return {
    consume: async (network) => {
      const [narrowest, ...wider] = rangesOf(network)
      const first = await consumeFrom(limits[0], narrowest)
      const taken: [Allowance, ...Allowance[]] = [first]
      for (const [index, range] of wider.entries()) {
        if (taken.at(-1)?.isAllowed === false) break
        taken.push(await consumeFrom(limits[index + 1], range))
      }
      return taken
    },
  }
}

async function consumeFrom(limit: Limit | undefined, network: string): Promise<Allowance> {
  if (limit === undefined) throw new Error('There are more ranges of an address than limits.')
  return { limit, network, ...(await limit.consume(network)) }
}

/** Returns the state that decides: the rejected one, else the one with the fewest points left. */
export function tightestOf([first, ...others]: readonly [Allowance, ...Allowance[]]): Allowance {
  return others.reduce((tightest, next) => (isTighter(next, tightest) ? next : tightest), first)
}

function isTighter(one: Allowance, other: Allowance): boolean {
  return one.isAllowed === other.isAllowed ? one.remaining < other.remaining : !one.isAllowed
}

/**
 * Limits concurrent use by address: `max` for an IPv4 address or a /64, four times as many for a /56, 16 times for a
 * /48.
 */
export function createAddressSemaphore(
  max: number,
  name = 'address',
  create: CreateSemaphore = createLocalSemaphore,
): KeyedSemaphore {
  const semaphores = factors.map((factor) => create(`${name} ${factor}`, max * factor))
  return {
    acquire: (network) => {
      const slots = rangesOf(network).map((range, index) => semaphores[index]?.acquire(range))
      const release = () => {
        for (const releaseSlot of slots) releaseSlot?.()
      }
      if (slots.every((slot) => slot !== undefined)) return release
      release()
      return undefined
    },
  }
}
