import type pg from 'pg'
import { readMigrations } from '../../../database/migrate.ts'
import { CliError } from '../../frame/cli-error.ts'
import { quotedList } from './data-client.ts'
import type { AppliedMigration, Digest, SequenceValue } from './data-set.ts'

/** Table of the service, with its columns in order. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
}

/** Returns the migrations that a database ran, oldest first; none for an empty database. */
export async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<{ exists: boolean }>(
    "select to_regclass('_prisma_migrations') is not null as exists",
  )
  if (!rows[0]?.exists) return []
  const applied = await client.query<AppliedMigration>(
    `select migration_name as name, checksum
     from _prisma_migrations
     where finished_at is not null and rolled_back_at is null
     order by migration_name`,
  )
  return applied.rows
}

/** Returns the tables that the migrations have created; the schema may hold tables of other programs too. */
export async function readTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname::text as name,
            array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = current_schema()::regnamespace
       and c.relkind = 'r'
       and c.relname = any($1)
     group by c.relname
     order by c.relname`,
    [createdTables()],
  )
  return rows
}

function createdTables(): string[] {
  const created = readMigrations().flatMap(({ sql }) => [
    ...sql.matchAll(/^create table (?:if not exists )?"?(\w+)/gim),
  ])
  return created.flatMap(([, name]) => name ?? [])
}

/** Checks that this version knows all migrations. @throws CliError */
export function checkKnown(applied: readonly AppliedMigration[], owner: string): void {
  const known = new Set(readMigrations().map(({ name }) => name))
  const unknown = applied.find(({ name }) => !known.has(name))
  if (unknown === undefined) return
  throw new CliError(`A newer version of Rex wrote ${owner} (migration ${unknown.name}). Use that version.`)
}

/** Reads a whole table for its digest. It hashes the text of each row, which is the same on every server and machine. */
export async function readDigest(client: pg.Client, { name, columns }: Table): Promise<Digest> {
  const { rows } = await client.query<{ rows: string; checksum: string }>(
    `select count(*)::text as rows,
            coalesce(sum(('x' || encode(substr(sha256(convert_to(row(${quotedList(columns)})::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint), 0)::text as checksum
     from ${quotedList([name])}`,
  )
  const [found] = rows
  return { rows: Number(found?.rows ?? 0), checksum: found?.checksum ?? '' }
}

/** Returns the last values of the sequences of these tables. */
export async function readSequences(client: pg.Client, tables: readonly Table[]): Promise<SequenceValue[]> {
  const { rows } = await client.query<{ name: string; last: string | null }>(
    `select sequence.relname::text as name, pg_sequence_last_value(sequence.oid)::text as last
     from pg_class sequence
     join pg_depend owned on owned.objid = sequence.oid
       and owned.classid = 'pg_class'::regclass
       and owned.refclassid = 'pg_class'::regclass
       and owned.deptype in ('a', 'i')
     join pg_class holder on holder.oid = owned.refobjid
     where sequence.relkind = 'S'
       and holder.relnamespace = current_schema()::regnamespace
       and holder.relname = any($1)`,
    [tables.map(({ name }) => name)],
  )
  return rows.flatMap(({ name, last }) => (last === null ? [] : { name, last }))
}
