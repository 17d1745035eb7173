import pg from 'pg'
import { RefusedSettingError } from '../config/setting-errors.ts'
import { type Database, sqlState, statement } from './database.ts'

interface Rights {
  readonly role: string
  readonly database: string
  /** Null when no schema of the search path exists or the role may not use it. */
  readonly schema: string | null
  readonly may_create: boolean | null
  /** Owner of the tables, when there are any. */
  readonly owner: string | null
}

/**
 * Runs work of the start; when the role lacks a right, the error names the statement that grants it.
 * @throws RefusedSettingError
 */
export async function explainMissingRights<Result>(database: Database, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!lacksRight(error)) throw error
    const [rights] = await database.query<Rights>(selectRights)
    if (rights === undefined) throw error
    throw new RefusedSettingError('DATABASE_URL', problemOfRights(rights), error)
  }
}

/** Returns whether the error means a missing right, or no schema for a table. */
function lacksRight(error: unknown): boolean {
  const state = sqlState(error)
  return state === '42501' || state === '3F000'
}

function problemOfRights(rights: Rights): string {
  const role = pg.escapeIdentifier(rights.role)
  const database = pg.escapeIdentifier(rights.database)
  const schema = pg.escapeIdentifier(rights.schema ?? 'public')
  if (rights.schema === null)
    return `the role has no schema to create tables in (search_path). Let the owner of the database run: CREATE SCHEMA IF NOT EXISTS ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}; ALTER ROLE ${role} IN DATABASE ${database} SET search_path = ${schema};`
  if (rights.owner === null || !rights.may_create)
    return `the role may not create tables in the schema ${schema}. Let its owner run: GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role};`
  const owner = pg.escapeIdentifier(rights.owner)
  return `the tables belong to the role ${owner}, and this one lacks a right on them. Run "rex migrate" as ${owner}, and let it run: GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};`
}

const selectRights = statement(
  'select_rights',
  `select current_user::text as role,
          current_database()::text as database,
          current_schema()::text as schema,
          has_schema_privilege(current_schema(), 'create') as may_create,
          (select pg_get_userbyid(relowner)::text from pg_class where oid = to_regclass('_prisma_migrations')) as owner`,
)
