import { BlockList, isIP } from 'node:net'
import type { Config } from './config.ts'

/** Non-public addresses that webhooks may reach. */
interface WebhookReach {
  readonly allow: readonly string[]
  readonly allowLoopback: boolean
}

/**
 * Returns the allowed addresses. A service that listens only on loopback has only callers on this machine, which reach
 * its loopback anyway. Each of the other settings indicates a proxy on this machine that may forward other callers.
 */
export function webhookReachOf(config: Config): WebhookReach {
  const { host, webhookAllow: allow, trustedProxies, publicUrl, baseDomain, isProduction } = config
  const mayHaveProxy = trustedProxies.length > 0 || publicUrl !== undefined || baseDomain !== undefined || isProduction
  return { allow, allowLoopback: isLoopback(host) && !mayHaveProxy }
}

/** Describes the addresses for the person who starts the server. */
export function describeReach(config: Config): string {
  const { allow, allowLoopback } = webhookReachOf(config)
  const inside = [...(allowLoopback ? ['loopback (this machine)'] : []), ...allow]
  return inside.length === 0 ? 'public addresses only' : `public addresses, ${inside.join(', ')}`
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost'
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  return loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4')
}
