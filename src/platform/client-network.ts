import ipaddr from 'ipaddr.js'

/** Ranges of IPv6 that count as one caller: /64, /56 and /48, in bytes. */
const prefixBytes = [8, 7, 6] as const

/**
 * The name of what counts as one caller: an IPv4 address, or the /64 of an IPv6 address, since the holder of one address
 * of a /64 has them all. Everything that a proxy passes on and that is no address is one caller.
 */
export function networkOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  if (!ipaddr.isValid(bare)) return 'unknown'
  const parsed = ipaddr.process(bare)
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return carriedIpv4(parsed.range(), bytes)?.join('.') ?? nameOf(bytes, prefixBytes[0])
}

/**
 * The ranges that an address counts in, narrowest first: an IPv4 address alone; of IPv6 its /64, and the /56 and the /48
 * around it, which are what providers give to one household or one company.
 * @param network as `networkOf` has it
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
 * The IPv4 address of a caller who comes through a translator or a tunnel. A translator's prefix stands for the whole
 * IPv4 internet, which must not count as one caller, and 6to4 gives each IPv4 address a /48 of its own.
 */
function carriedIpv4(range: string, bytes: readonly number[]): readonly number[] | undefined {
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
