import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig, settingsHelp } from '../../src/config/config.ts'
import { parseEncryptionKeys } from '../../src/config/encryption-keys.ts'
import { BadSettingsError } from '../../src/config/setting-errors.ts'

const key = Buffer.alloc(32, 7).toString('base64')

function messageOf(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof BadSettingsError) return error.message
    throw error
  }
  return ''
}

describe('without any setting', () => {
  it('is what the contract says', () => {
    expect(readConfig({})).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: '.rex',
      redisUrl: undefined,
      apiKey: undefined,
      encryptionKeys: undefined,
      defaultWorkspace: 'default',
      baseDomain: undefined,
      publicUrl: undefined,
      graphqlOrigins: [],
      trustedProxies: [],
      role: 'all',
      webhookAllow: [],
      isProduction: false,
      retryScheduleSeconds: [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
      attemptTimeoutMs: 15_000,
      leaseMs: 30_000,
      captureRate: { count: 60, seconds: 60 },
      keyRate: { count: 6_000_000, seconds: 60 },
      socketLimit: 2000,
      disableAfterSeconds: 5 * 86_400,
      workspaceBytes: undefined,
      submissionDays: 400,
      retentionDays: 90,
      metricsToken: undefined,
      logLevel: 'info',
    })
  })

  it('is the same with every setting blank', () => {
    const names = [...settingsHelp().matchAll(/^ {2}([A-Z_]+)/gm)].map(([, name]) => name!)
    const blank = names.filter((name) => name !== 'REX_DEFAULT_WORKSPACE').map((name) => [name, ' '])
    expect(readConfig(Object.fromEntries(blank))).toEqual(readConfig({}))
  })
})

describe('a setting', () => {
  it.each([
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: ' 8080 ' }, { port: 8080 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ DATABASE_URL: 'postgres://rex@db/rex' }, { databaseUrl: 'postgres://rex@db/rex' }],
    [
      { DATABASE_URL: 'postgres://rex@pool/rex', DATABASE_DIRECT_URL: 'postgres://rex@db/rex' },
      { databaseUrl: 'postgres://rex@pool/rex?pgbouncer=true', databaseDirectUrl: 'postgres://rex@db/rex' },
    ],
    [{ REX_REPLICA_MAX_LAG_MS: '1000' }, { replicaMaxLagMs: 1000 }],
    [{ REDIS_URL: 'redis://:secret@cache:6379/2' }, { redisUrl: 'redis://:secret@cache:6379/2' }],
    [{ REX_CAPTURE_RATE: '5/3600' }, { captureRate: { count: 5, seconds: 3600 } }],
    [{ REX_CAPTURE_RATE: '0' }, { captureRate: null }],
    [{ REX_SOCKET_LIMIT: '10000' }, { socketLimit: 10_000 }],
    [{ REX_KEY_RATE: ' 100000/1 ' }, { keyRate: { count: 100_000, seconds: 1 } }],
    [{ REX_KEY_RATE: '0' }, { keyRate: null }],
    [{ REX_API_KEY: 'k'.repeat(16) }, { apiKey: 'k'.repeat(16) }],
    [{ REX_API_KEY: 'with spaces, and ~ too' }, { apiKey: 'with spaces, and ~ too' }],
    [{ REX_API_KEY: 'k'.repeat(256) }, { apiKey: 'k'.repeat(256) }],
    [{ REX_DEFAULT_WORKSPACE: '' }, { defaultWorkspace: '' }],
    [{ REX_DEFAULT_WORKSPACE: 'acme' }, { defaultWorkspace: 'acme' }],
    [{ REX_BASE_DOMAIN: 'RexGTM.com' }, { baseDomain: 'rexgtm.com' }],
    [{ REX_PUBLIC_URL: 'https://rex.example.com/' }, { publicUrl: 'https://rex.example.com' }],
    [
      { REX_GRAPHQL_ORIGINS: 'https://a.example.com, http://localhost:3000,' },
      { graphqlOrigins: ['https://a.example.com', 'http://localhost:3000'] },
    ],
    [{ REX_TRUSTED_PROXIES: '10.0.0.0/8 , ::1/128, [::1]' }, { trustedProxies: ['10.0.0.0/8', '::1/128', '::1'] }],
    [
      { REX_WEBHOOK_ALLOW: '10.0.0.0/8, fd00::/8, 192.168.1.7, [::1], hooks.internal' },
      { webhookAllow: ['10.0.0.0/8', 'fd00::/8', '192.168.1.7', '[::1]', 'hooks.internal'] },
    ],
    [{ REX_ROLE: 'worker' }, { role: 'worker' }],
    [{ REX_RETRY_SCHEDULE: '0, 1,2' }, { retryScheduleSeconds: [0, 1, 2] }],
    [
      { REX_ATTEMPT_TIMEOUT_MS: '500', REX_LEASE_MS: '501' },
      { attemptTimeoutMs: 500, leaseMs: 501 },
    ],
    [{ REX_WORKSPACE_MB: '5' }, { workspaceBytes: 5 * 1024 * 1024 }],
    [{ REX_SUBMISSION_DAYS: '30' }, { submissionDays: 30 }],
    [{ REX_METRICS_TOKEN: 't' }, { metricsToken: 't' }],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  ] as [Record<string, string>, object][])('%j is read', (environment, expected) => {
    expect(readConfig(environment)).toMatchObject(expected)
  })

  it('of encryption keys holds them in their order', () => {
    const other = Buffer.alloc(32, 8)
    expect(parseEncryptionKeys(`new:${other.toString('base64')}, old-1:${key}`)).toEqual([
      { id: 'new', key: other },
      { id: 'old-1', key: Buffer.alloc(32, 7) },
    ])
  })
})

const bad: readonly [string, string][] = [
  ['PORT', 'nowhere'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', '1e3'],
  ['PORT', '9'.repeat(400)],
  ['DATABASE_URL', 'mysql://root:hunter2@db/rex'],
  ['DATABASE_URL', 'hunter2'],
  ['DATABASE_DIRECT_URL', 'hunter2'],
  ['DATABASE_REPLICA_URL', 'mysql://root:hunter2@db/rex'],
  ['REX_REPLICA_MAX_LAG_MS', '999'],
  ['REX_API_KEY', 'too-short'],
  ['REX_API_KEY', ' begins with a space'],
  ['REX_API_KEY', 'ends with a space '],
  ['REX_API_KEY', 'holds\ta tab, which no header can'],
  ['REX_API_KEY', 'läßt sich nicht senden'],
  ['REX_API_KEY', 'k'.repeat(257)],
  ['REX_ENCRYPTION_KEYS', 'hunter2'],
  ['REX_ENCRYPTION_KEYS', `k1:${key.slice(4)}`],
  ['REX_ENCRYPTION_KEYS', `k1:${key},k2:hunter2`],
  ['REX_ENCRYPTION_KEYS', ','],
  ['REX_ENCRYPTION_KEYS', `k1:${key},k1:${Buffer.alloc(32, 8).toString('base64')}`],
  ['REX_DEFAULT_WORKSPACE', 'Acme Inc'],
  ['REX_DEFAULT_WORKSPACE', '-acme'],
  ['REX_BASE_DOMAIN', 'https://rexgtm.com'],
  ['REX_PUBLIC_URL', 'rex.example.com'],
  ['REX_PUBLIC_URL', 'ftp://rex.example.com'],
  ['REX_PUBLIC_URL', 'https://rex.example.com/?q'],
  ['REX_PUBLIC_URL', 'https://rex.example.com/?'],
  ['REX_PUBLIC_URL', 'https://rex.example.com/#top'],
  ['REX_GRAPHQL_ORIGINS', 'https://a.example.com/'],
  ['REX_GRAPHQL_ORIGINS', 'https://a.example.com,*'],
  ['REX_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['REX_TRUSTED_PROXIES', '127.0.0.1,proxy.example.com'],
  ['REX_WEBHOOK_ALLOW', '10.0.0.0/33'],
  ['REX_WEBHOOK_ALLOW', 'https://hooks.internal/'],
  ['REX_WEBHOOK_ALLOW', 'hooks.internal:8080'],
  ['REX_WEBHOOK_ALLOW', '*.internal'],
  ['REX_WEBHOOK_ALLOW', '127.1'],
  ['REDIS_URL', 'http://hunter2@cache'],
  ['REDIS_URL', 'cache:6379'],
  ['REX_SOCKET_LIMIT', '0'],
  ['REX_SOCKET_LIMIT', '10k'],
  ['REX_WORKSPACE_MB', '0'],
  ['REX_SUBMISSION_DAYS', '0'],
  ['REX_CAPTURE_RATE', '60'],
  ['REX_CAPTURE_RATE', '60/0'],
  ['REX_CAPTURE_RATE', '0/60'],
  ['REX_CAPTURE_RATE', '-1/60'],
  ['REX_CAPTURE_RATE', '1.5/60'],
  ['REX_KEY_RATE', '100/minute'],
  ['REX_ROLE', 'dispatcher'],
  ['REX_RETRY_SCHEDULE', '0,soon'],
  ['REX_RETRY_SCHEDULE', '0,-5'],
  ['REX_RETRY_SCHEDULE', ','],
  ['REX_RETRY_SCHEDULE', '0,,5'],
  ['REX_RETRY_SCHEDULE', '0,5,'],
  ['REX_ATTEMPT_TIMEOUT_MS', '99'],
  ['REX_LEASE_MS', '15s'],
  ['LOG_LEVEL', 'loud'],
]

describe('a bad setting', () => {
  it.each(bad)('%s is named, but not its value: %s', (name, value) => {
    const message = messageOf({ [name]: value })
    expect(message).toMatch(new RegExp(`^  ${name}: .+ (?:expected|unique)`, 'm'))
    if (value.length > 1) expect(message).not.toContain(value)
    expect(message).not.toContain('hunter2')
  })

  it('is named together with all the others, each once', () => {
    const environment = Object.fromEntries(bad)
    const message = messageOf(environment)
    const named = [...message.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name)
    expect(named.toSorted()).toEqual(Object.keys(environment).toSorted())
  })

  it('is a lease that is no longer than an attempt', () => {
    expect(messageOf({ REX_LEASE_MS: '15000' })).toMatch(/REX_LEASE_MS: must be more than REX_ATTEMPT_TIMEOUT_MS/)
    expect(messageOf({ REX_ATTEMPT_TIMEOUT_MS: '30000' })).toMatch(/REX_LEASE_MS/)
  })

  it('is named together with a contradiction, and contradicts nothing itself', () => {
    expect(messageOf({ PORT: 'nowhere', REX_LEASE_MS: '15000' })).toMatch(/PORT: .*\n.*REX_LEASE_MS: must be more/)
    expect(messageOf({ REX_LEASE_MS: '15s' })).not.toContain('must be more')
  })

  it('needs DATABASE_URL beside DATABASE_DIRECT_URL', () => {
    const alone = { DATABASE_DIRECT_URL: 'postgres://rex@db/rex' }
    expect(() => readConfig(alone)).toThrow('DATABASE_DIRECT_URL: DATABASE_URL is required with it')
  })

  it('is a missing key ring in production on a server, and there alone', () => {
    const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://rex@db/rex' }
    expect(messageOf(production)).toMatch(/REX_ENCRYPTION_KEYS: required/)
    expect(messageOf({ ...production, REX_ENCRYPTION_KEYS: `k1:${key}` })).toBe('')
    expect(messageOf({ NODE_ENV: 'production' })).toBe('')
  })

  it('is a replica of the embedded database', () => {
    const replica = { DATABASE_REPLICA_URL: 'postgres://rex@replica/rex' }
    expect(messageOf(replica)).toMatch(/DATABASE_REPLICA_URL: needs DATABASE_URL/)
    expect(messageOf({ ...replica, DATABASE_URL: 'postgres://rex@db/rex' })).toBe('')
  })

  it('of a key ring in a file is refused without being quoted', () => {
    expect(() => parseEncryptionKeys('hunter2')).toThrow(expect.not.objectContaining({ message: /hunter2/ }))
  })
})

describe('--help', () => {
  // What has an issue of its own and no reader yet.
  const later = ['REX_RETENTION_DAYS', 'REX_SOURCE_RATE', 'REX_SOCKET_LIMIT']
  const readme = new URL('../contract/http.md', import.meta.url)

  it('shows every setting of the contract once, with its default', () => {
    const [, table = ''] = /## Settings \(environment\)\n([\s\S]*?)\n##/.exec(readFileSync(readme, 'utf8')) ?? []
    const rows = [...table.matchAll(/^\| (`[A-Z].*?) \| (.*?) \|/gm)]
    const promised = rows.flatMap(([, names, defaults]) => {
      const values = defaults!.split(', ')
      return names!.split(', ').map((name, index) => [name.replaceAll('`', ''), values[index] ?? defaults!] as const)
    })
    expect(promised.length).toBeGreaterThan(18)
    for (const [name, value] of promised.filter(([name]) => !later.includes(name!))) {
      const lines = settingsHelp()
        .split('\n')
        .filter((line) => line.startsWith(`  ${name} `))
      expect(lines, name).toHaveLength(1)
      const [, literal] = /^`(.*)`$/.exec(value) ?? []
      if (literal !== undefined) expect(lines[0]).toContain(`[${literal}]`)
    }
  })
})
