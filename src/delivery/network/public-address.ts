import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Network = readonly [address: Address, prefixLength: number]

/**
 * Parses an address in its exact spelling; returns undefined for any other text. An IPv6 address that only carries an
 * IPv4 address which the network would unpack (IPv4-mapped, NAT64) becomes that IPv4 address. Zone ids are refused,
 * because they name local interfaces only.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined
  return unwrap(ipaddr.parse(text.includes(':') ? inHex(text) : text))
}

// ipaddr.js 2.5 reads `::8.8.8.8` as `::ffff:8.8.8.8`; the WHATWG parser writes every IPv6 address without dots.
function inHex(ipv6: string): string {
  return new URL(`http://[${ipv6}]`).hostname.slice(1, -1)
}

const nat64 = ipaddr.IPv6.parse('64:ff9b::')

function unwrap(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  if (address.match(nat64, 96)) return new ipaddr.IPv4(address.toByteArray().slice(12))
  return address
}

export function isWithin(address: Address, [network, prefixLength]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, prefixLength)
}

export function isLoopback(address: Address): boolean {
  return address.range() === 'loopback'
}

/** Whether the text is not a public address. */
export function isNotPublic(text: string): boolean {
  const address = parseAddress(text)
  return address === undefined || !isPublic(address)
}

/** Whether an address is global unicast and leads only to the public internet. */
export function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  if (address instanceof ipaddr.IPv4) return !cloudAddresses.some((network) => isWithin(address, network))
  return isWithin(address, globalUnicast) && !isIsatap(address)
}

/** Metadata services of Azure and Alibaba: in public ranges, but internal. */
const cloudAddresses: readonly Network[] = [
  [ipaddr.IPv4.parse('168.63.129.16'), 32],
  [ipaddr.IPv4.parse('100.100.100.200'), 32],
]

/**
 * The whole IPv6 range that IANA has assigned to global unicast. Addresses outside it are translated (`::/96`,
 * `64:ff9b:1::/48`), local or unassigned. 6to4 and Teredo are within it, but ipaddr.js has ranges of their own for them,
 * so they are not `unicast`.
 */
const globalUnicast: Network = [ipaddr.IPv6.parse('2000::'), 3]

/** RFC 5214: `…:0:5efe:a.b.c.d` or `…:200:5efe:a.b.c.d` is tunnelled to an IPv4 address, with any prefix. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high = 0, low = 0] = address.parts.slice(4)
  return low === 0x5e_fe && (high & ~0x02_00) === 0
}
