import { describe, expect, it } from 'vitest'
import { readMigrations } from '../../src/database/migrate.ts'
import { findContractions } from '../support/migration-rules.ts'

/** Last migration after which every version keeps the statements of the one before (docs/decisions/0036). */
const lastFree = '20261128120500_source_retention'

const later = readMigrations().filter(({ name }) => name > lastFree)

describe('36: a migration', () => {
  it('that is the last without rules is there', () => {
    expect(readMigrations().map(({ name }) => name)).toContain(lastFree)
  })

  it('only adds, unless its name says that it contracts', () => {
    const found = later
      .filter(({ name }) => !name.endsWith('_contract'))
      .map(({ name, sql }) => ({ name, contractions: findContractions(sql) }))
    expect(found.filter(({ contractions }) => contractions.length > 0)).toEqual([])
  })

  it('that contracts does nothing else: what it adds would be missing in the version before', () => {
    const adding = later.filter(({ name, sql }) => name.endsWith('_contract') && /\b(create|add column)\b/i.test(sql))
    expect(adding.map(({ name }) => name)).toEqual([])
  })
})

describe('36: the rules of migrations', () => {
  it.each([
    'create table "note" ("id" text not null);\ncreate unique index "note_id_key" on "note"("id");',
    'alter table "contact" add column "score" integer;',
    'ALTER TABLE "contact" ADD COLUMN "score" INTEGER NOT NULL DEFAULT 0,\nADD COLUMN "rank" INTEGER;',
    'create index "contact_score_idx" on "contact"("score");\ndrop index "contact_old_idx";',
    '-- DROP TABLE contact;\nalter type "delivery_status" add value \'PAUSED\';',
  ])('allow what only adds: %s', (sql) => {
    expect(findContractions(sql)).toEqual([])
  })

  it.each([
    ['drop table "contact";', 'drops something'],
    ['ALTER TABLE "contact" DROP COLUMN "last_name";', 'drops a column'],
    ['alter table "contact" rename column "last_name" to "family_name";', 'renames something'],
    ['alter table "contact" alter column "email" set not null;', 'requires a value'],
    ['alter table "contact" alter column "email" set data type citext;', 'changes the type of a column'],
    ['alter table "contact" alter column "email" drop default;', 'drops a default'],
    [
      'alter table "key" drop constraint "key_pkey",\nadd constraint "key_pkey" primary key ("id");',
      'drops a constraint, which "on conflict" may name',
    ],
    [
      'alter table "contact" add column "a" integer default 0 not null,\nadd column "b" integer not null;',
      'adds a column that is required',
    ],
    ['create unique index "contact_score_key" on "contact"("score");', 'adds a unique index to a table that exists'],
  ])('refuse %s', (sql, problem) => {
    expect(findContractions(sql)).toEqual([problem])
  })

  it('would have refused the one that keeps 0.1 from running beside 0.2', () => {
    const sql = readMigrations().find(({ name }) => name.endsWith('_trusted_callers'))?.sql ?? ''
    expect(findContractions(sql)).toContain('drops a default')
  })
})
