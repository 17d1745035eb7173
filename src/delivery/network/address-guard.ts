import ipaddr from 'ipaddr.js'
import { isLongerThan } from '../../platform/text/text-length.ts'
import { type Address, isLoopback, isPublic, isWithin, type Network, parseAddress } from './public-address.ts'

type UrlVerdict =
  | { readonly kind: 'allowed'; readonly url: URL }
  | { readonly kind: 'too_long'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unsafe'; readonly reason: string }

/** Decides which addresses webhooks may connect to: public ones, and those that the operator has allowed. */
export interface AddressGuard {
  /** Checks the address of a connection that is about to be opened for `hostname`. */
  permitsAddress(address: string, hostname: string): boolean
  /** Whether the operator has listed this host, so that every address of it is permitted. */
  trustsHost(hostname: string): boolean
  /** Checks a URL when it is registered, without DNS. */
  checkUrl(url: string): UrlVerdict
}

export interface AddressGuardOptions {
  /** CIDRs, addresses and host names (`REX_WEBHOOK_ALLOW`); any other entry throws. */
  readonly allow: readonly string[]
  /** Whether loopback is permitted: only if the server itself can be reached from this machine only. */
  readonly allowLoopback: boolean
}

export function createAddressGuard({ allow, allowLoopback }: AddressGuardOptions): AddressGuard {
  const networks = allow.map(parseNetwork).filter((network) => network !== undefined)
  const hosts = new Set(allow.filter((entry) => !parseNetwork(entry)).map(parseHost))

  const permits = (address: Address) =>
    isPublic(address) ||
    (allowLoopback && isLoopback(address)) ||
    networks.some((network) => isWithin(address, network))

  const trustsHost = (hostname: string) => hosts.has(canonicalHost(hostname))

  const permitsAddress = (text: string, hostname: string) => {
    const address = parseAddress(text)
    return address !== undefined && (permits(address) || trustsHost(hostname))
  }

  const permitsHost = (hostname: string) => {
    const host = canonicalHost(hostname)
    if (trustsHost(host)) return true
    if (parseAddress(host)) return permitsAddress(host, host)
    if (isLocalhost(host)) return permitsAddress('127.0.0.1', host) || permitsAddress('::1', host)
    return !privateName.test(host)
  }

  const checkUrl = (text: string): UrlVerdict => {
    if (isLongerThan(text, maxUrlLength))
      return { kind: 'too_long', reason: `The URL must have at most ${maxUrlLength} characters.` }
    const url = parseWebhookUrl(text)
    if (typeof url === 'string') return { kind: 'malformed', reason: url }
    if (permitsHost(url.hostname)) return { kind: 'allowed', url }
    return { kind: 'unsafe', reason: 'The URL must lead to a public address.' }
  }

  return { permitsAddress, trustsHost, checkUrl }
}

/** Returns the spelling in which hosts are compared: lower case, no brackets, no trailing dots. */
export function canonicalHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/\.+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

/** RFC 6761: `localhost` and its subdomains are loopback; DNS is not queried. */
export function isLocalhost(hostname: string): boolean {
  return /(?:^|\.)localhost$/.test(canonicalHost(hostname))
}

/** Names that exist only in private networks (RFC 6762, reserved by ICANN), such as those of cloud metadata services. */
const privateName = /(?:^|\.)(?:internal|local)$/

const maxUrlLength = 2048

function parseWebhookUrl(text: string): URL | string {
  // The WHATWG parser drops tabs and line breaks and reads a backslash as a slash, so it would change the URL silently.
  if (/[\s\\\p{Cc}]/u.test(text) || !text.isWellFormed()) {
    return 'The URL must be free of spaces, backslashes and control characters.'
  }
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) return 'The URL must begin with http:// or https:// and a host.'
  if (authority.includes('@')) return 'The URL must have no user name or password.'
  return URL.parse(text) ?? 'The URL could not be parsed.'
}

function parseNetwork(entry: string): Network | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry)
  const address = parseAddress(canonicalHost(entry))
  return address && [address, address.kind() === 'ipv4' ? 32 : 128]
}

function parseHost(entry: string): string {
  const host = /[\s\\/:@?#*]/.test(entry) ? undefined : URL.parse(`http://${entry}`)?.hostname
  if (!host || parseAddress(canonicalHost(host))) {
    throw new Error(`Expected a CIDR, an address or a host name that webhooks may reach, got ${JSON.stringify(entry)}.`)
  }
  return canonicalHost(host)
}
