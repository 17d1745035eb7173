import pg from 'pg'
import { statement } from './database.ts'

/** Properties of a server and its database, as the first connection reads them. */
export interface Server {
  /** 150004 for 15.4. */
  readonly version: number
  readonly encoding: string
  readonly read_only: boolean
  /** Whether it is a replica of another server. */
  readonly is_standby: boolean
  readonly role: string
  readonly database: string
}

const oldestVersion = 14

/**
 * Returns the problem that keeps Rex from using this server, with the statement that solves it; undefined when there is
 * none.
 */
export function problemOfServer(server: Server): string | undefined {
  const role = pg.escapeIdentifier(server.role)
  const database = pg.escapeIdentifier(server.database)
  const major = Math.floor(server.version / 10_000)
  if (major < oldestVersion) return `the server is PostgreSQL ${major}, and ${oldestVersion} or newer is needed.`
  if (server.encoding !== 'UTF8') return encodingProblem(server)
  if (server.is_standby)
    return 'the server is a standby, which only reads: name the primary server, or run on this one: SELECT pg_promote();'
  if (server.read_only)
    return `the sessions of this role only read (default_transaction_read_only). Let the role or a superuser run: ALTER ROLE ${role} IN DATABASE ${database} SET default_transaction_read_only = off;`
  return undefined
}

function encodingProblem({ encoding, database }: Server): string {
  const name = pg.escapeIdentifier(`${database}_utf8`)
  return `the database is encoded in ${encoding}, and UTF8 is needed. Make another one and name it: CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';`
}

export const selectServer = statement(
  'select_server',
  `select current_setting('server_version_num')::int as version,
          getdatabaseencoding()::text as encoding,
          current_setting('transaction_read_only')::boolean as read_only,
          pg_is_in_recovery() as is_standby,
          current_user::text as role,
          current_database()::text as database`,
)
