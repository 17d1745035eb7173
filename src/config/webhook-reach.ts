import { BlockList, isIP } from 'node:net'
import type { Config } from './config.ts'

/** What of the inside webhooks may reach besides public addresses. */
interface WebhookReach {
  readonly allow: readonly string[]
  readonly allowLoopback: boolean
}

/**
 * Listening on loopback alone implies that all callers are programs of this machine, which reach its loopback anyway.
 * Each of the other settings says that a proxy of this machine may bring callers from elsewhere.
 */
export function webhookReachOf(config: Config): WebhookReach {
  const { host, webhookAllow: allow, trustedProxies, publicUrl, baseDomain, isProduction } = config
  const mayHaveProxy = trustedProxies.length > 0 || publicUrl !== undefined || baseDomain !== undefined || isProduction
  return { allow, allowLoopback: isLoopback(host) && !mayHaveProxy }
}

/** Names the addresses for the person who starts the server. */
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
