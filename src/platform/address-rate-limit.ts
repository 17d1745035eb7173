import { rangesOf } from './client-network.ts'
import { createKeyedSemaphore, type KeyedSemaphore } from './keyed-semaphore.ts'
import type { Limit, Rate, RateLimiter, Taken } from './rate-limit.ts'

/** The rest of the limit of one range of addresses. */
export interface Allowance extends Taken {
  readonly limit: Limit
  /** The range: as `networkOf` has it, or a wider one. */
  readonly network: string
}

/** Limits what one address does. Of IPv6 it counts the /64, and the /56 and /48 around it with higher rates. */
export interface AddressLimit {
  /**
   * Takes one from each range, the narrowest first, and stops at a range that has none left: a single /64 that goes on
   * and on uses up nothing of its neighbours'. Returns what was taken, in that order.
   */
  take(network: string): Promise<readonly [Allowance, ...Allowance[]]>
}

/** Multiples of an address's rate, in the order of `rangesOf`. */
const factors = [1, 4, 16] as const

export function limitByAddress(rates: RateLimiter, name: string, { count, seconds }: Rate): AddressLimit {
  const names = [name, `${name}-56`, `${name}-48`]
  const limits = factors.map((factor, index) => rates(names[index] ?? name, { count: count * factor, seconds }))
  return {
    take: async (network) => {
      const [narrowest, ...wider] = rangesOf(network)
      const first = await takeOf(limits[0], narrowest)
      const taken: [Allowance, ...Allowance[]] = [first]
      for (const [index, range] of wider.entries()) {
        if (taken.at(-1)?.isAllowed === false) break
        taken.push(await takeOf(limits[index + 1], range))
      }
      return taken
    },
  }
}

async function takeOf(limit: Limit | undefined, network: string): Promise<Allowance> {
  if (limit === undefined) throw new Error('There are more ranges of an address than limits.')
  return { limit, network, ...(await limit.take(network)) }
}

/** The allowance that decides: the one that was refused, else the one with the least left. */
export function tightestOf([first, ...others]: readonly [Allowance, ...Allowance[]]): Allowance {
  return others.reduce((tightest, next) => (isTighter(next, tightest) ? next : tightest), first)
}

function isTighter(one: Allowance, other: Allowance): boolean {
  return one.isAllowed === other.isAllowed ? one.remaining < other.remaining : !one.isAllowed
}

/** Places by address: so many for an IPv4 address or a /64, four times as many for a /56, 16 times for a /48. */
export function createAddressAllotment(max: number): KeyedSemaphore {
  const allotments = factors.map((factor) => createKeyedSemaphore(max * factor))
  return {
    hold: (network) => {
      const places = rangesOf(network).map((range, index) => allotments[index]?.hold(range))
      const giveBack = () => {
        for (const leave of places) leave?.()
      }
      if (places.every((leave) => leave !== undefined)) return giveBack
      giveBack()
      return undefined
    },
  }
}
