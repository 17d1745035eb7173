import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import ipaddr from 'ipaddr.js'

/** Where a request comes from, as far as it can be counted: see `networkOf`. */
export type ClientNetwork = (request: IncomingMessage) => string

/** Believes X-Forwarded-For from these proxies alone, and of it the last address that is none of them. */
export function createClientNetwork(trustedProxies: readonly string[]): ClientNetwork {
  const trusts = trustedProxies.length > 0 ? proxyAddr.compile([...trustedProxies]) : () => false
  return (request) => networkOf(proxyAddr(request, trusts))
}

const bytesOfPrefix = 8

/**
 * What counts as one caller: an IPv4 address, or the /64 of an IPv6 address, since whoever has one of those has them all.
 * What a proxy says that is no address is one caller too, whatever it says.
 */
export function networkOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  if (!ipaddr.isValid(bare)) return 'unknown'
  const parsed = ipaddr.process(bare)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${Buffer.from(parsed.toByteArray().slice(0, bytesOfPrefix)).toString('hex')}::/64`
}
