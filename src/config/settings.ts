import { z } from 'zod'
import { logLevels } from '../platform/log.ts'
import { encryptionKeys } from './encryption-keys.ts'
import { setting } from './setting.ts'
import {
  apiKey,
  baseUrl,
  databaseUrl,
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
import { traceSettings } from './trace-settings.ts'

/** All settings, in the order of `--help`. */
export const settings = {
  PORT: setting('4000', 'port to listen on; 0 picks a free one', wholeNumber(0, 65_535).default(4000)),
  HOST: setting('127.0.0.1', 'address to listen on', text.min(1, 'an address is expected').default('127.0.0.1')),
  DATABASE_URL: setting(
    '–',
    'PostgreSQL 14 or newer; left out: Rex starts a PostgreSQL 18 of its own in the data folder',
    databaseUrl.optional(),
  ),
  DATABASE_DIRECT_URL: setting(
    '–',
    'the server of DATABASE_URL without the PgBouncer in front of it: migrations, and notifications between nodes',
    databaseUrl.optional(),
  ),
  DATABASE_REPLICA_URL: setting(
    '–',
    'streaming replica of DATABASE_URL: lists, counts, exports and statistics are read from it while it is not behind',
    z.url({ protocol: /^postgres(ql)?$/, error: 'a postgresql:// URL is expected' }).optional(),
  ),
  REX_REPLICA_MAX_LAG_MS: setting(
    '5000',
    'lag of the replica above which everything is read from the primary',
    wholeNumber(1000, 600_000).default(5000),
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
  ...traceSettings,
  NODE_ENV: setting('–', 'production: settings that must not be generated are required', text.optional()),
} as const

/** Parsed values of all settings. */
export type Values = { [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> }
