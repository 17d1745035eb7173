import type { Duplex } from 'node:stream'
import type { AppError } from '../../../platform/errors.ts'
import { createAddressSemaphore } from '../../../platform/limits/address-rate-limit.ts'
import { type CreateSemaphore, createLocalSemaphore } from '../../../platform/limits/keyed-semaphore.ts'
import { rateLimited } from '../../../platform/limits/rate-limit.ts'

/** Share of an address's sockets that may not have said who they are; the protocol gives them three seconds for it. */
const unknownShare = 0.75
const comeBackSeconds = 5

/** Places of this node for sockets; each is free again when its socket closes, however it ends. */
export interface SocketLimits {
  /** A place for a socket of this network, and one among those that are not known yet. @throws AppError `rate_limited` */
  admit(network: string, socket: Duplex): { known(): void }
  /** A place among the sockets of a key. @returns what gives it back @throws AppError `rate_limited` */
  holdForKey(apiKeyId: string): () => void
}

interface SocketPlaces {
  readonly perKey: number
  readonly perAddress: number
  readonly unknownPerAddress: number
}

/** Returns the places for `limit` sockets of a key and as many of an address. */
export function socketPlaces(limit: number): SocketPlaces {
  return { perKey: limit, perAddress: limit, unknownPerAddress: Math.ceil(limit * unknownShare) }
}

export function createSocketLimits(
  { perKey, perAddress, unknownPerAddress }: SocketPlaces,
  create: CreateSemaphore = createLocalSemaphore,
): SocketLimits {
  const ofKeys = create('sockets of a key', perKey)
  const ofAddresses = createAddressSemaphore(perAddress, 'sockets of an address', create)
  const unknown = createAddressSemaphore(unknownPerAddress, 'unknown sockets of an address', create)
  return {
    admit: (network, socket) => {
      const leave = ofAddresses.acquire(network)
      const known = unknown.acquire(network)
      if (leave === undefined || known === undefined) {
        leave?.()
        known?.()
        throw tooMany('This address holds too many sockets.')
      }
      socket.once('close', () => {
        leave()
        known()
      })
      return { known }
    },
    holdForKey: (apiKeyId) => {
      const leave = ofKeys.acquire(apiKeyId)
      if (leave === undefined) throw tooMany('This key holds too many sockets.')
      return leave
    },
  }
}

function tooMany(message: string): AppError {
  return rateLimited(message, { resetSeconds: comeBackSeconds })
}
