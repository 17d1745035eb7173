import { describe, expect, it } from 'vitest'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'

const strict = createAddressGuard({ allow: [], allowLoopback: false })
const local = createAddressGuard({ allow: [], allowLoopback: true })

const publicAddresses = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.215.14',
  '168.63.129.15',
  '172.15.255.255',
  '172.32.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
]

const insideAddresses = {
  'this network': ['0.0.0.0', '0.1.2.3'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'link-local': ['169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'cloud metadata': ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254'],
  'IETF and benchmarking': ['192.0.0.1', '192.0.0.170', '198.18.0.1', '198.19.255.255', '2001:2::1', '192.88.99.1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1', 'ff0e::1'],
  reserved: ['240.0.0.1', '254.1.1.1', '100::1', '4000::1', '5f00::1', 'e000::1'],
  'unique and site local': ['fc00::1', 'fd12:3456::1', 'fec0::1', 'feff::1'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe'],
  'IPv4-compatible': ['::', '::7f00:1', '::127.0.0.1', '::8.8.8.8', '::a00:1'],
  'IPv4-translated': ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::808:808', '64:ff9b:1:fffe::a00:1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ISATAP: ['2606:4700::5efe:10.0.0.1', '2606:4700::200:5efe:7f00:1', 'fe80::5efe:8.8.8.8'],
  ORCHID: ['2001:10::1', '2001:20::1', '2001:30::1'],
  'what is no exact address': [
    '',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f000001',
    '010.8.8.8',
    '8.8.8.8.',
    '[::1]',
    '8.8.8',
  ],
}

describe('an address of a connection', () => {
  it.each(publicAddresses)('is permitted when it is public: %s', (address) => {
    expect(strict.permitsAddress(address, 'example.com')).toBe(true)
  })

  it.each(Object.entries(insideAddresses))('is refused when it is %s', (_, addresses) => {
    expect(addresses.filter((address) => strict.permitsAddress(address, 'example.com'))).toEqual([])
  })

  it('may be loopback, and nothing else inside, when this server is reachable from loopback only', () => {
    const permitted = Object.values(insideAddresses)
      .flat()
      .filter((address) => local.permitsAddress(address, 'x.test'))
    expect(permitted).toEqual([...insideAddresses.loopback, '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'])
  })
})

describe('what the operator allows', () => {
  it('widens by networks and addresses, in mapped spellings too', () => {
    const guard = createAddressGuard({
      allow: ['10.1.0.0/16', '192.168.7.7', 'fd00::/8', '[::1]'],
      allowLoopback: false,
    })
    const asked = [
      '10.1.2.3',
      '10.2.0.1',
      '192.168.7.7',
      '192.168.7.8',
      '::ffff:10.1.2.3',
      'fd00::7',
      'fe80::1',
      '::1',
      '127.0.0.1',
    ]
    const permitted = asked.filter((address) => guard.permitsAddress(address, 'example.com'))
    expect(permitted).toEqual(['10.1.2.3', '192.168.7.7', '::ffff:10.1.2.3', 'fd00::7', '::1'])
  })

  it('permits whatever a named host resolves to, and only for that host', () => {
    const guard = createAddressGuard({ allow: ['Receiver.Internal.', 'bücher.test'], allowLoopback: false })
    expect(guard.permitsAddress('10.0.0.1', 'receiver.internal')).toBe(true)
    expect(guard.permitsAddress('10.0.0.1', 'RECEIVER.internal.')).toBe(true)
    expect(guard.permitsAddress('10.0.0.1', 'xn--bcher-kva.test')).toBe(true)
    expect(guard.permitsAddress('10.0.0.1', 'a.receiver.internal')).toBe(false)
    expect(guard.permitsAddress('10.0.0.1', 'example.com')).toBe(false)
    expect(guard.checkUrl('http://receiver.internal:8080/').kind).toBe('allowed')
    expect(guard.checkUrl('http://other.internal/').kind).toBe('unsafe')
  })

  it.each(['', '10.0.0.0/33', '*.corp', 'db:5432', 'http://db', 'a b', 'user@host', '0x7f.1'])(
    'is refused at start when it names no network or host: %j',
    (entry) => {
      expect(() => createAddressGuard({ allow: [entry], allowLoopback: false })).toThrow(/Expected a CIDR/)
    },
  )
})

const loopbackUrls = [
  'http://127.0.0.1/',
  'https://127.0.0.1:8443/hook',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0x7F.1/',
  'http://127.0.0.1./',
  'http://127.0.0.1../',
  'http://%31%32%37.0.0.1/',
  'http://１２７.0.0.1/',
  'http://127。0。0。1/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://localhost/',
  'http://LOCALHOST:4001/',
  'http://localhost./',
  'http://localhost../',
  'http://acme.localhost/',
  'http://acme.localhost./',
]

const insideUrls = [
  'http://0.0.0.0/',
  'http://0/',
  'http://10.0.0.1/',
  'http://167772161/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://[::]/',
  'http://[::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://metadata.google.internal/',
  'http://METADATA.google.internal./',
  'http://ip-10-0-0-1.ec2.internal/',
  'http://internal/',
  'http://printer.local/',
]

const malformedUrls = [
  '',
  'example.com/hook',
  '//example.com',
  'ftp://example.com/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'http:example.com',
  'http://',
  'http:///example.com',
  'http://?x',
  'http://:80/',
  'http://user@example.com/',
  'http://user:pass@example.com/',
  'http://@example.com/',
  'http://example.com:99999/',
  'http://exa mple.com/',
  ' http://example.com/',
  'http://example.com/\n',
  'http://exam\tple.com/',
  'http://example.com\\@127.0.0.1/',
  'http://[fe80::1%25eth0]/',
  'http://[::1/',
  'http://256.1.1.1/',
  'http://exa<mple.com/',
  'http://example.com/\ud800',
]

describe('a URL at registration', () => {
  it.each([
    'http://example.com',
    'HTTPS://Example.com:8443/hook?a=1#part',
    'https://example.com./hook',
    'https://bücher.example/',
    'https://name-that-does-not-resolve-yet.example/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://local.example/',
    'https://localhost.example/',
    'https://notlocalhost/',
    `http://example.com/${'x'.repeat(2029)}`,
  ])('is allowed: %s', (url) => {
    expect(strict.checkUrl(url)).toEqual({ kind: 'allowed', url: new URL(url) })
  })

  it.each(malformedUrls)('is malformed: %j', (url) => {
    expect(local.checkUrl(url).kind).toBe('malformed')
  })

  it('is too long with more than 2,048 characters', () => {
    expect(local.checkUrl(`http://example.com/${'x'.repeat(2030)}`).kind).toBe('too_long')
    expect(local.checkUrl(`http://example.com/${'🙂'.repeat(2029)}`).kind).toBe('allowed')
  })

  it.each(loopbackUrls)('is unsafe unless loopback is allowed: %s', (url) => {
    expect(strict.checkUrl(url).kind).toBe('unsafe')
    expect(local.checkUrl(url).kind).toBe('allowed')
  })

  it.each(insideUrls)('is unsafe: %s', (url) => {
    expect(local.checkUrl(url).kind).toBe('unsafe')
  })

  it('is refused with a reason that repeats nothing of it', () => {
    for (const url of ['http://user:hunter2@example.com/', 'http://10.0.0.1/hunter2', 'hunter2']) {
      const verdict = strict.checkUrl(url)
      expect(verdict).toHaveProperty('reason')
      expect(JSON.stringify(verdict)).not.toContain('hunter2')
    }
  })
})
