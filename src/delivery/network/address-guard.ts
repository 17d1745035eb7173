import ipaddr from 'ipaddr.js'
import { type Address, isLoopback, isPublic, isWithin, type Network, parseAddress } from './public-address.ts'

type UrlVerdict =
  | { readonly kind: 'allowed'; readonly url: URL }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unsafe'; readonly reason: string }

/** Decides what webhooks may connect to: public addresses, and what the operator has allowed besides. */
export interface AddressGuard {
  /** Judges the address of a connection that is about to be made on behalf of `hostname`. */
  permitsAddress(address: string, hostname: string): boolean
  /** Whether the operator has named this host, so that whatever it resolves to is permitted. */
  trustsHost(hostname: string): boolean
  /** Judges a URL when it is registered, as far as that goes without DNS. */
  checkUrl(url: string): UrlVerdict
}

export interface AddressGuardOptions {
  /** CIDRs, addresses and host names (`REX_WEBHOOK_ALLOW`); throws for an entry that is none of them. */
  readonly allow: readonly string[]
  /** Loopback is permitted when the server itself can be reached from this machine only. */
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
    return !insideName.test(host)
  }

  const checkUrl = (text: string): UrlVerdict => {
    const url = parseWebhookUrl(text)
    if (typeof url === 'string') return { kind: 'malformed', reason: url }
    if (permitsHost(url.hostname)) return { kind: 'allowed', url }
    return { kind: 'unsafe', reason: 'The URL must lead to a public address.' }
  }

  return { permitsAddress, trustsHost, checkUrl }
}

/** The one spelling of a host by which it is compared: lower case, no brackets, no trailing dots. */
export function canonicalHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/\.+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

/** RFC 6761: `localhost` and all below it are loopback, whatever a name server says. */
export function isLocalhost(hostname: string): boolean {
  return /(?:^|\.)localhost$/.test(canonicalHost(hostname))
}

/** Names that by RFC 6762 or by ICANN's reservation exist in private networks only, cloud metadata among them. */
const insideName = /(?:^|\.)(?:internal|local)$/

const maxUrlLength = 2048

function parseWebhookUrl(text: string): URL | string {
  if (text.length > maxUrlLength) return `The URL must have at most ${maxUrlLength} characters.`
  // The WHATWG parser drops tabs and line breaks, and reads a backslash as a slash: what is stored must be what is meant.
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
    throw new Error(
      `Expected a CIDR, an address or a host name among what webhooks may reach, got ${JSON.stringify(entry)}.`,
    )
  }
  return canonicalHost(host)
}
