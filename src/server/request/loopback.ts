import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Headers that proxies add; a client of this machine itself sends none of them. */
const forwardedHeader =
  /^(?:forwarded|via|x-forwarded(?:-.+)?|x-original-.+|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|fastly-client-ip|x-appengine-.+|x-envoy-.+|cf-.+|cdn-loop)$/

/**
 * Returns whether a client of this machine sent a request to this machine. A loopback peer alone does not say so: a
 * proxy of this machine passes on what strangers send, and a browser of this machine sends what a page wants of a name
 * that the page's owner lets point here (DNS rebinding). The first adds headers, the second names its own host.
 */
export function isOwnMachine({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => forwardedHeader.test(name))) return false
  return isLoopback(socket.remoteAddress ?? '') && isLoopbackHost(headers.host ?? '')
}

function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '')
  return /^localhost\.?$/.test(name) || isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
}

function isLoopback(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
