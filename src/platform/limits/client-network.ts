import ipaddr from 'ipaddr.js'

/** Prefixes of IPv6 that count as one caller: /64, /56 and /48, in bytes. */
const prefixBytes = [8, 7, 6] as const

/**
 * Returns the name of the network that counts as one caller: an IPv4 address, or the /64 of an IPv6 address, since the
 * holder of one address of a /64 has all of them. All values that are no address count as one caller, `unknown`.
 */
export function networkOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  if (!ipaddr.isValid(bare)) return 'unknown'
  const parsed = ipaddr.process(bare)
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return embeddedIpv4(parsed.range(), bytes)?.join('.') ?? nameOf(bytes, prefixBytes[0])
}

/**
 * Returns the ranges in which an address is counted, narrowest first: only itself for IPv4; for IPv6 its /64, and the
 * /56 and the /48 around it, which providers assign to one household or one company.
 * @param network a result of `networkOf`
 */
export function rangesOf(network: string): readonly [string, ...string[]] {
  const [, hex] = /^([0-9a-f]{16})::\/64$/.exec(network) ?? []
  if (hex === undefined) return [network]
  const bytes = [...Buffer.from(hex, 'hex')]
  const [, ...wider] = prefixBytes
  return [network, ...wider.map((length) => nameOf(bytes, length))]
}

function nameOf(bytes: readonly number[], length: number): string {
  return `${Buffer.from(bytes.slice(0, length)).toString('hex')}::/${length * 8}`
}

/**
 * Returns the IPv4 address of a caller behind a translator or a tunnel. A translator's prefix stands for the whole IPv4
 * internet, which must not count as one caller, and 6to4 gives each IPv4 address a /48 of its own.
 */
function embeddedIpv4(range: string, bytes: readonly number[]): readonly number[] | undefined {
  switch (range) {
    case 'rfc6052': // NAT64, 64:ff9b::/96
    case 'rfc6145': // IPv4-translated, ::ffff:0:0:0/96
      return bytes.slice(12)
    case '6to4':
      return bytes.slice(2, 6)
    case 'teredo': // RFC 4380: the client's address stands inverted at the end.
      return bytes.slice(12).map((byte) => byte ^ 0xff)
    default:
      return undefined
  }
}
