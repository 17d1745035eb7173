import { z } from 'zod'
import { markPooled } from '../database/connection/server-address.ts'
import type { Rate } from '../platform/limits/rate-limit.ts'
import type { LogLevel } from '../platform/log.ts'
import type { EncryptionKey } from './encryption-keys.ts'
import { type Environment, withoutBlanks } from './environment.ts'
import { BadSettingsError } from './setting-errors.ts'
import { settings, type Values } from './settings.ts'
import { type TraceProtocol, traceProtocolOf } from './trace-settings.ts'

/** Parsed settings, with units in their names. */
export interface Config {
  readonly port: number
  readonly host: string
  /** With `pgbouncer=true` when a pooler is in front of the server. */
  readonly databaseUrl: string | undefined
  /** Address of the server itself, when `databaseUrl` is that of a pooler. */
  readonly databaseDirectUrl: string | undefined
  readonly databaseReplicaUrl: string | undefined
  /** Lag above which reads leave the replica. */
  readonly replicaMaxLagMs: number
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
  /** Protocol in which traces are sent; undefined: none are. */
  readonly traceProtocol: TraceProtocol | undefined
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
  if (given['DATABASE_REPLICA_URL'] && !given['DATABASE_URL'])
    problems.push('DATABASE_REPLICA_URL: needs DATABASE_URL, since the embedded database has no replica')
  if (given['NODE_ENV']?.trim() === 'production' && given['DATABASE_URL'] && !given['REX_ENCRYPTION_KEYS'])
    problems.push('REX_ENCRYPTION_KEYS: required with DATABASE_URL when NODE_ENV=production')
  if (given['DATABASE_DIRECT_URL'] && !given['DATABASE_URL'])
    problems.push('DATABASE_DIRECT_URL: DATABASE_URL is required with it')
  return problems
}

/** Returns DATABASE_URL; an address of the server itself beside it says that it is that of a pooler. */
function databaseUrlOf({ DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl }: Values): string | undefined {
  return url === undefined || directUrl === undefined ? url : markPooled(url)
}

function configOf(values: Values): Config {
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: databaseUrlOf(values),
    databaseDirectUrl: values.DATABASE_DIRECT_URL,
    databaseReplicaUrl: values.DATABASE_REPLICA_URL,
    replicaMaxLagMs: values.REX_REPLICA_MAX_LAG_MS,
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
    traceProtocol: traceProtocolOf(values),
  }
}

/** Returns the table of `--help`. */
export function settingsHelp(): string {
  const rows = Object.entries(settings).filter(([name]) => name !== 'NODE_ENV')
  const width = 2 + Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, { shownDefault, meaning }]) => `  ${name.padEnd(width)}${meaning} [${shownDefault}]`)
  return ['Settings (environment):', ...lines].join('\n')
}
