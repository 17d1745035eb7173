import { z } from 'zod'
import { type LogLevel, logLevels } from '../platform/log.ts'
import type { Rate } from '../platform/rate-limit.ts'
import { type EncryptionKey, encryptionKeys } from './encryption-keys.ts'
import { type Environment, withoutBlanks } from './environment.ts'
import { setting } from './setting.ts'
import { BadSettingsError } from './setting-errors.ts'
import {
  apiKey,
  baseUrl,
  isHostName,
  isNetwork,
  isOrigin,
  list,
  processCount,
  rate,
  retrySchedule,
  slug,
  text,
  wholeNumber,
} from './setting-schemas.ts'

/** All settings, in the order of `--help`. */
const settings = {
  PORT: setting('4000', 'port to listen on; 0 picks a free one', wholeNumber(0, 65_535).default(4000)),
  HOST: setting('127.0.0.1', 'address to listen on', text.min(1, 'an address is expected').default('127.0.0.1')),
  DATABASE_URL: setting(
    '–',
    'PostgreSQL 14 or newer; left out: Rex starts a PostgreSQL 18 of its own in the data folder',
    z.url({ protocol: /^postgres(ql)?$/, error: 'a postgresql:// URL is expected' }).optional(),
  ),
  REX_DATA_DIR: setting(
    '.rex',
    'folder of the embedded database and of generated keys',
    text.min(1, 'a folder is expected').default('.rex'),
  ),
  REDIS_URL: setting(
    '–',
    'Redis 6 or newer: shared rate limits and wake-ups between nodes; without it each node counts for itself',
    z.url({ protocol: /^rediss?$/, error: 'a redis:// or rediss:// URL is expected' }).optional(),
  ),
  REX_API_KEY: setting(
    'generated',
    'first ADMIN key of the default workspace, created at first start; at least 32 characters, unless the database has it',
    apiKey.optional(),
  ),
  REX_ENCRYPTION_KEYS: setting(
    'generated',
    'kid:base64(32 bytes)[,…]: the first encrypts webhook secrets, all decrypt; required with DATABASE_URL in production',
    encryptionKeys.optional(),
  ),
  REX_DEFAULT_WORKSPACE: setting(
    'default',
    'slug of the workspace for a bare host; empty: none',
    slug.default('default'),
  ),
  REX_BASE_DOMAIN: setting(
    '–',
    'rexgtm.com: the host acme.rexgtm.com is workspace acme; acme.localhost always works',
    text
      .toLowerCase()
      .regex(/^[a-z0-9.-]+$/, 'a domain name is expected')
      .optional(),
  ),
  REX_PUBLIC_URL: setting('from the request', 'base of captureUrl and links', baseUrl.optional()),
  REX_GRAPHQL_ORIGINS: setting(
    'none',
    'other origins whose pages may use /graphql, separated by commas',
    list
      .refine((origins) => origins.every(isOrigin), 'origins such as https://app.example.com are expected')
      .default([]),
  ),
  REX_TRUSTED_PROXIES: setting(
    'none',
    'CIDRs of proxies whose X-Forwarded-* headers are trusted',
    list
      .refine((items) => items.every(isNetwork), 'CIDRs, separated by commas, are expected')
      .transform((items) => items.map((item) => item.replace(/[[\]]/g, '')))
      .default([]),
  ),
  REX_ROLE: setting(
    'all',
    'all, api (no dispatcher) or worker (no public HTTP but health and metrics)',
    z.enum(['all', 'api', 'worker'], 'all, api or worker is expected').default('all'),
  ),
  REX_PROCESSES: setting(
    '1 or auto',
    'processes that share the port: a number, or auto for one per core, at most 16; the default is 1 with the embedded ' +
      'database on a machine of up to two cores, else auto',
    processCount.optional(),
  ),
  REX_DRAIN_MS: setting(
    '1000',
    'time for which a process that stops serves as before while /readyz responds with 503',
    wholeNumber(0, 60_000).default(1000),
  ),
  REX_WEBHOOK_ALLOW: setting(
    '–',
    'CIDRs and host names that webhooks may reach although they are not public; listening on a loopback address implies ' +
      'loopback, unless REX_TRUSTED_PROXIES, REX_PUBLIC_URL, REX_BASE_DOMAIN or NODE_ENV=production is set',
    list
      .refine(
        (items) => items.every((item) => isNetwork(item) || isHostName(item)),
        'CIDRs and host names, separated by commas, are expected',
      )
      .default([]),
  ),
  REX_RETRY_SCHEDULE: setting(
    '0,5,300,1800,7200,18000,36000,50400,72000,86400',
    'seconds before each attempt, counted from the one before; ±20 % jitter on all but the first',
    retrySchedule.default([0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]),
  ),
  REX_ATTEMPT_TIMEOUT_MS: setting(
    '15000',
    'a whole attempt: DNS, connect (3 s of it), headers and body',
    wholeNumber(100, 600_000).default(15_000),
  ),
  REX_LEASE_MS: setting(
    '30000',
    "time for which a claimed delivery belongs to its worker; more than the attempt's time limit",
    wholeNumber(200, 3_600_000).default(30_000),
  ),
  REX_DISABLE_AFTER_HOURS: setting(
    '120',
    'an endpoint that only failed for this time is disabled, and its deliveries are held',
    text
      .regex(/^\d{1,5}(\.\d{1,6})?$/, 'hours are expected')
      .transform(Number)
      .default(120),
  ),
  REX_CAPTURE_RATE: setting(
    '60/60',
    'anonymous captures per client address: count/seconds; 0: no limit, also none by workspace and e-mail',
    rate.default({ count: 60, seconds: 60 }),
  ),
  REX_SOURCE_RATE: setting(
    '600/60',
    'requests to the URL of one source, whatever their address: count/seconds; 0: no limit',
    rate.default({ count: 600, seconds: 60 }),
  ),
  REX_KEY_RATE: setting(
    '6000000/60',
    'limit of one API key: points/seconds; a REST request costs one point, a GraphQL operation its cost; 0: no limit',
    rate.default({ count: 6_000_000, seconds: 60 }),
  ),
  REX_SOCKET_LIMIT: setting(
    '2000',
    'WebSockets that one API key, and one client address, may hold on this node',
    wholeNumber(1, 1_000_000).default(2000),
  ),
  REX_WORKSPACE_MB: setting(
    '–',
    'storage of the anonymous captures of one workspace; above it they are held without their raw fields',
    wholeNumber(1, 100_000_000).optional(),
  ),
  REX_SUBMISSION_DAYS: setting(
    '400',
    'raw fields of submissions older than this are deleted',
    wholeNumber(1, 36_500).default(400),
  ),
  REX_RETENTION_DAYS: setting(
    '90',
    'events, deliveries, attempts and spam older than this are deleted',
    wholeNumber(1, 36_500).default(90),
  ),
  REX_GRAPHIQL: setting(
    'on',
    'off: neither GraphiQL nor introspection',
    z.enum(['on', 'off'], 'on or off is expected').default('on'),
  ),
  REX_METRICS_TOKEN: setting(
    '–',
    'bearer token of /metrics; without it only loopback may read them',
    text.min(1, 'a token is expected').optional(),
  ),
  LOG_LEVEL: setting(
    'info',
    'JSON lines on stdout',
    z.enum(logLevels, `one of ${logLevels.join(', ')} is expected`).default('info'),
  ),
  REX_LOG_RATE: setting(
    '200',
    'equal lines of the log in a second; the others are counted; 0: no limit',
    wholeNumber(0, 1_000_000).default(200),
  ),
  NODE_ENV: setting('–', 'production: settings that must not be generated are required', text.optional()),
} as const

type Values = { [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> }

/** Parsed settings, with units in their names. */
export interface Config {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  readonly redisUrl: string | undefined
  readonly apiKey: string | undefined
  readonly encryptionKeys: readonly EncryptionKey[] | undefined
  readonly defaultWorkspace: string
  readonly baseDomain: string | undefined
  readonly publicUrl: string | undefined
  readonly graphqlOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly role: 'all' | 'api' | 'worker'
  /** Undefined: depends on the database and the machine. */
  readonly processes: number | 'auto' | undefined
  readonly drainMs: number
  readonly webhookAllow: readonly string[]
  /** NODE_ENV=production */
  readonly isProduction: boolean
  readonly retryScheduleSeconds: readonly number[]
  readonly attemptTimeoutMs: number
  readonly leaseMs: number
  readonly disableAfterSeconds: number
  /** Null: no limit. */
  readonly captureRate: Rate | null
  /** Limit of each source; null: no limit. */
  readonly sourceRate: Rate | null
  readonly keyRate: Rate | null
  /** WebSockets of a key, and of an address, on this node. */
  readonly socketLimit: number
  /** Limit of the bytes that anonymous captures of one workspace may store; undefined: no limit. */
  readonly workspaceBytes: number | undefined
  readonly submissionDays: number
  readonly retentionDays: number
  /** GraphiQL and introspection. */
  readonly isGraphiqlOn: boolean
  readonly metricsToken: string | undefined
  readonly logLevel: LogLevel
  /** Equal lines in a second; 0: no limit. */
  readonly logRate: number
}

/** Reads the settings. @throws BadSettingsError that names every invalid one, never its value. */
export function readConfig(environment: Environment = process.env): Config {
  const given = withoutBlanks(environment)
  const { values, problems } = parseAll(given)
  problems.push(...crossCheck(given))
  if (values === undefined || problems.length > 0) throw new BadSettingsError(problems)
  return configOf(values)
}

function parseAll(given: Environment): { values: Values | undefined; problems: string[] } {
  const shape = Object.fromEntries(Object.entries(settings).map(([name, { schema }]) => [name, schema]))
  const { data, error } = z.object(shape).safeParse(given)
  const problems = (error?.issues ?? []).map((issue) => `${String(issue.path[0])}: ${issue.message}`)
  return { values: data as Values | undefined, problems }
}

/** Checks settings against each other; an invalid setting is skipped here. */
function crossCheck(given: Environment): string[] {
  const problems: string[] = []
  const { data: leaseMs } = settings.REX_LEASE_MS.schema.safeParse(given['REX_LEASE_MS'])
  const { data: timeoutMs } = settings.REX_ATTEMPT_TIMEOUT_MS.schema.safeParse(given['REX_ATTEMPT_TIMEOUT_MS'])
  if (leaseMs !== undefined && timeoutMs !== undefined && leaseMs <= timeoutMs)
    problems.push('REX_LEASE_MS: must be more than REX_ATTEMPT_TIMEOUT_MS')
  if (given['NODE_ENV']?.trim() === 'production' && given['DATABASE_URL'] && !given['REX_ENCRYPTION_KEYS'])
    problems.push('REX_ENCRYPTION_KEYS: required with DATABASE_URL when NODE_ENV=production')
  return problems
}

function configOf(values: Values): Config {
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    dataDir: values.REX_DATA_DIR,
    redisUrl: values.REDIS_URL,
    apiKey: values.REX_API_KEY,
    encryptionKeys: values.REX_ENCRYPTION_KEYS,
    defaultWorkspace: values.REX_DEFAULT_WORKSPACE,
    baseDomain: values.REX_BASE_DOMAIN,
    publicUrl: values.REX_PUBLIC_URL?.replace(/\/+$/, ''),
    graphqlOrigins: values.REX_GRAPHQL_ORIGINS,
    trustedProxies: values.REX_TRUSTED_PROXIES,
    role: values.REX_ROLE,
    processes: values.REX_PROCESSES,
    drainMs: values.REX_DRAIN_MS,
    webhookAllow: values.REX_WEBHOOK_ALLOW,
    isProduction: values.NODE_ENV === 'production',
    retryScheduleSeconds: values.REX_RETRY_SCHEDULE,
    attemptTimeoutMs: values.REX_ATTEMPT_TIMEOUT_MS,
    leaseMs: values.REX_LEASE_MS,
    disableAfterSeconds: values.REX_DISABLE_AFTER_HOURS * 3600,
    captureRate: values.REX_CAPTURE_RATE,
    sourceRate: values.REX_SOURCE_RATE,
    keyRate: values.REX_KEY_RATE,
    socketLimit: values.REX_SOCKET_LIMIT,
    workspaceBytes: values.REX_WORKSPACE_MB === undefined ? undefined : values.REX_WORKSPACE_MB * 1024 ** 2,
    submissionDays: values.REX_SUBMISSION_DAYS,
    retentionDays: values.REX_RETENTION_DAYS,
    isGraphiqlOn: values.REX_GRAPHIQL === 'on',
    metricsToken: values.REX_METRICS_TOKEN,
    logLevel: values.LOG_LEVEL,
    logRate: values.REX_LOG_RATE,
  }
}

/** Returns the table of `--help`. */
export function settingsHelp(): string {
  const rows = Object.entries(settings).filter(([name]) => name !== 'NODE_ENV')
  const lines = rows.map(([name, { shownDefault, meaning }]) => `  ${name.padEnd(24)}${meaning} [${shownDefault}]`)
  return ['Settings (environment):', ...lines].join('\n')
}
