import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { networkOf, rangesOf } from '../../src/platform/limits/client-network.ts'
import { createOriginResolver } from '../../src/server/request/request-origin.ts'

describe('a caller', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '20010db800010002::/64'],
    ['2001:DB8:1:2::', '20010db800010002::/64'],
    ['[2001:db8:1:2:ffff::1]:443', '20010db800010002::/64'],
    ['fe80::1%eth0', 'fe80000000000000::/64'],
    ['::1', '0000000000000000::/64'],
    ['2001:db8:1:3::1', '20010db800010003::/64'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['::ffff:0:203.0.113.7', '203.0.113.7'],
    ['2002:cb00:7107:1::1', '203.0.113.7'],
    ['2001:0:4136:e378:8000:63bf:34ff:8ef8', '203.0.113.7'],
  ])('at %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each([undefined, '', 'unknown', '_hidden', 'x'.repeat(100_000), '203.0.113.700'])(
    'whose address is none, such as %.20s, is like every other such',
    (address) => {
      expect(networkOf(address)).toBe('unknown')
    },
  )
})

describe('11.15: the ranges of a caller', () => {
  it.each([
    ['203.0.113.7', ['203.0.113.7']],
    ['unknown', ['unknown']],
    ['2001:db8:1:2ff::1', ['20010db8000102ff::/64', '20010db8000102::/56', '20010db80001::/48']],
  ])('at %s are %j', (address, ranges) => {
    expect(rangesOf(networkOf(address))).toEqual(ranges)
  })
})

function requestFrom(remoteAddress: string, forwardedFor?: string, more: Record<string, string> = {}): IncomingMessage {
  const headers = { host: 'rex.example', 'x-forwarded-for': forwardedFor, ...more }
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage
}

describe('X-Forwarded-For', () => {
  const behindProxies = createOriginResolver(['10.0.0.0/8', '2001:db8:ff::/48'])

  it.each([
    ['203.0.113.7', '198.51.100.1', '203.0.113.7', 'of one who is no proxy is not believed'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1', 'of a proxy is believed'],
    ['10.0.0.1', '192.0.2.9, 198.51.100.1', '198.51.100.1', 'is read from its end: what stands before may be made up'],
    ['10.0.0.1', '192.0.2.9, 198.51.100.1, 10.3.3.3', '198.51.100.1', 'skips a chain of proxies'],
    ['2001:db8:ff::1', '2001:db8:1:2::7', '20010db800010002::/64', 'may be of IPv6'],
    ['10.0.0.1', undefined, '10.0.0.1', 'that is missing leaves the proxy itself'],
    ['10.0.0.1', 'nonsense', 'unknown', 'that is no address is one caller'],
  ])('from %s, %s: %s, for it %s', (remote, forwarded, network, _why) => {
    expect(behindProxies(requestFrom(remote, forwarded)).network).toBe(network)
  })

  it('is not believed where no proxy is trusted', () => {
    expect(createOriginResolver([])(requestFrom('127.0.0.1', '198.51.100.1')).network).toBe('127.0.0.1')
  })
})

describe('X-Forwarded-Host and X-Forwarded-Proto', () => {
  const howReached = createOriginResolver(['10.0.0.0/8'])
  const from = (remote: string, host: string, proto: string) =>
    howReached(requestFrom(remote, undefined, { 'x-forwarded-host': host, 'x-forwarded-proto': proto }))

  it.each([
    ['10.0.0.1', 'acme.example:8443', 'https', 'acme.example:8443', 'https', 'are believed of a proxy'],
    ['10.0.0.1', 'made.up, acme.example', 'http, https', 'acme.example', 'https', 'are read from their end'],
    ['10.0.0.1', 'acme.example:', 'https', 'acme.example:', 'https', 'may name an empty port'],
    ['10.0.0.1', 'acme.example', 'javascript', 'acme.example', 'http', 'know two protocols'],
    ['203.0.113.7', 'acme.example', 'https', 'rex.example', 'http', 'are not believed of anybody else'],
  ])('from %s, %s and %s: %s over %s, for they %s', (remote, forwardedHost, forwardedProto, host, protocol, _why) => {
    expect(from(remote, forwardedHost, forwardedProto)).toMatchObject({ host, protocol })
  })

  it.each(['', 'a"b', 'a/b', '[::', 'acme.localhost..', '.localhost', 'a..b'])(
    'with %j as a host are refused',
    (host) => {
      expect(() => from('10.0.0.1', host, 'https')).toThrowError(expect.objectContaining({ code: 'bad_host' }))
    },
  )
})
