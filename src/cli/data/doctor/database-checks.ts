import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Config } from '../../../config/config.ts'
import { readMigrations } from '../../../database/migrate.ts'
import { type OpenedDatabase, openDatabase } from '../../../database/open.ts'
import { createLog } from '../../../platform/log.ts'
import { isConfigurationError } from '../../run.ts'
import { sizeOf } from '../transfer/copy-progress.ts'
import { withDataClient } from '../transfer/data-client.ts'
import { readApplied } from '../transfer/tables.ts'
import { type Check, fail, ok, warn } from './check.ts'
import { checkEndpoints } from './endpoint-checks.ts'
import { checkWork } from './work-checks.ts'

const maxSkewMs = 2000
const extensions = ['btree_gin', 'pg_trgm', 'unaccent']

/** Checks the database of the settings, whether the service runs or not. */
export async function checkDatabase(config: Config): Promise<Check[]> {
  const name = 'database'
  if (config.databaseUrl === undefined && !existsSync(join(config.dataDir, 'postgresql')))
    return [ok(name, `there is none in ${config.dataDir} yet; the first start creates it`)]
  try {
    const database = await openDatabase(config, createLog('silent'))
    try {
      const reached = ok(name, database.location)
      return [reached, ...(await withDataClient(database, (client) => checkAll(config, database, client)))]
    } finally {
      await database.close()
    }
  } catch (error) {
    if (!isConfigurationError(error)) throw error
    return [fail(name, error.message, 'Change what the line names, and run this again.')]
  }
}

async function checkAll(config: Config, database: OpenedDatabase, client: pg.Client): Promise<Check[]> {
  const basics = [
    await checkServer(client),
    await checkClock(client),
    await checkRights(client),
    await checkExtensions(client),
  ]
  const migrations = await checkMigrations(client)
  // The other checks read tables of this version.
  if (migrations.status !== 'ok') return [...basics, migrations]
  return [...basics, migrations, ...(await checkWork(database)), ...(await checkEndpoints(config, database))]
}

async function checkServer(client: pg.Client): Promise<Check> {
  const { rows } = await client.query<{
    version: string
    encoding: string
    locale: string
    zone: string
    bytes: string
  }>(
    `select current_setting('server_version') as version,
            getdatabaseencoding()::text as encoding,
            datcollate::text as locale,
            coalesce(nullif(current_setting('log_timezone'), ''), '–') as zone,
            pg_database_size(oid)::text as bytes
     from pg_database
     where datname = current_database()`,
  )
  const [found] = rows
  const { version = '', encoding = '', locale = '', zone = '', bytes = '0' } = found ?? {}
  return ok(
    'server',
    `PostgreSQL ${version}, ${encoding}, locale ${locale}, zone of its log ${zone}, ${sizeOf(Number(bytes))}`,
  )
}

async function checkClock(client: pg.Client): Promise<Check> {
  const before = Date.now()
  const { rows } = await client.query<{ now: string }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::text as now`,
  )
  const skewMs = Math.round(Number(rows[0]?.now) - (before + Date.now()) / 2)
  const detail = `the database is ${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead'}`
  if (Math.abs(skewMs) <= maxSkewMs) return ok('clock', detail)
  return fail('clock', detail, 'Set both clocks by NTP: signatures and sessions depend on them.')
}

async function checkRights(client: pg.Client): Promise<Check> {
  const { rows } = await client.query<{
    role: string
    schema: string | null
    may_create: boolean | null
    missing: string[]
  }>(
    `select current_user::text as role,
            current_schema()::text as schema,
            has_schema_privilege(current_schema(), 'create') as may_create,
            array(
              select relname::text
              from pg_class
              where relnamespace = current_schema()::regnamespace
                and relkind = 'r'
                and not has_table_privilege(oid, 'select, insert, update, delete')
            ) as missing`,
  )
  const { role = '', schema = null, may_create: mayCreate = false, missing = [] } = rows[0] ?? {}
  const detail = `role ${role}, schema ${schema ?? 'none'}`
  if (schema === null) return fail('rights', detail, 'Give the role a schema: CREATE SCHEMA, and search_path.')
  if (missing.length > 0)
    return fail(
      'rights',
      `${detail}, none on ${missing.join(', ')}`,
      `GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO the role.`,
    )
  if (!mayCreate)
    return warn('rights', `${detail}, which may not create tables`, 'Run `rex migrate` as the owner at upgrades.')
  return ok('rights', `${detail}, may create tables`)
}

async function checkExtensions(client: pg.Client): Promise<Check> {
  const { rows } = await client.query<{ name: string }>(
    `select extname::text as name from pg_extension where extname = any($1) order by extname`,
    [extensions],
  )
  const missing = extensions.filter((name) => !rows.some((row) => row.name === name))
  if (missing.length === 0) return ok('extensions', extensions.join(', '))
  const create = missing.map((name) => `CREATE EXTENSION ${name};`).join(' ')
  return warn(
    'extensions',
    `${missing.join(', ')} missing`,
    `The first start creates them, or a role that may: ${create}`,
  )
}

async function checkMigrations(client: pg.Client): Promise<Check> {
  const applied = new Set((await readApplied(client)).map(({ name }) => name))
  const known = readMigrations().map(({ name }) => name)
  const pending = known.filter((name) => !applied.has(name))
  const newer = [...applied].filter((name) => !known.includes(name))
  if (newer.length > 0) return fail('migrations', `${newer[0]} is of a newer version`, 'Use that version of Rex.')
  if (pending.length === 0) return ok('migrations', `all ${known.length} have run`)
  return warn('migrations', `${pending.length} have not run`, 'Run `rex migrate`; a start runs them as well.')
}
