import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Queryable, statement, unpreparedStatement } from '../../src/database/database.ts'
import { connectPostgresql, type PooledDatabase } from '../../src/database/postgresql.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'

/** Longer than a plan is kept. */
const pauseMs = 2100

const selectMode = `select current_setting('plan_cache_mode') as mode`
const preparedMode = statement('test_prepared_mode', selectMode)
const unpreparedMode = unpreparedStatement('test_unprepared_mode', selectMode)
const selectWorkspace = statement('test_select_workspace', 'select id from workspace where slug = any ($1::text[])')

describe('13: how PostgreSQL plans the statements of a connection', () => {
  let parts: TestParts
  let database: PooledDatabase

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  /** A pool of one connection, so that each statement runs on the same one. */
  const connect = () => {
    database = connectPostgresql(parts.own.environment.DATABASE_URL!, silentLog, 1)
    onTestFinished(() => database.close())
  }
  const modeOf = async (queryable: Queryable, of = preparedMode) => {
    const [row] = await queryable.query<{ mode: string }>(of)
    return row!.mode
  }
  const plansOf = async (name: string) => {
    const [row] = await database.query<{ generic: number; custom: number }>(
      unpreparedStatement(
        'test_plans',
        'select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements where name = $1',
      ),
      [name],
    )
    return row!
  }

  it('a prepared statement has one plan, though PostgreSQL would expect another one for its values to cost less', async () => {
    connect()
    for (let nth = 0; nth < 8; nth++) await database.query(selectWorkspace, [['one']])
    expect(await plansOf(selectWorkspace.name)).toEqual({ generic: 8, custom: 0 })
  })

  it('any other is planned for its values, also behind a prepared one and in a transaction', async () => {
    connect()
    const modes = await database.inTransaction(async (tx) => [
      await modeOf(tx),
      await modeOf(tx, unpreparedMode),
      await modeOf(tx),
    ])
    expect(modes).toEqual(['force_generic_plan', 'auto', 'force_generic_plan'])
    expect(await database.prisma.$queryRawUnsafe(selectMode)).toEqual([{ mode: 'auto' }])
    expect(await Promise.all([modeOf(database), modeOf(database, unpreparedMode)])).toEqual([
      'force_generic_plan',
      'auto',
    ])
  })

  it.each([
    ['work that fails', 'select 1'],
    ['a statement that fails', 'select 1 / 0'],
  ])('a rollback after %s changes nothing of this', async (_title, text) => {
    connect()
    expect(await modeOf(database, unpreparedMode)).toBe('auto')
    const work = database.inTransaction(async (tx) => {
      await modeOf(tx)
      await tx.query({ name: '', text })
      throw new Error('rolled back')
    })
    await expect(work).rejects.toThrow()
    expect(await modeOf(database)).toBe('force_generic_plan')
    expect(await modeOf(database, unpreparedMode)).toBe('auto')
  })

  it('the commit of a transaction that has failed changes nothing of this', async () => {
    connect()
    await modeOf(database)
    const work = database.prisma.$transaction((tx) => tx.$queryRawUnsafe('select 1 / 0').catch(() => 'caught'))
    await expect(work).resolves.toBe('caught')
    expect(await modeOf(database, unpreparedMode)).toBe('auto')
  })

  it('a plan is made again after two seconds: a table may have grown', async () => {
    connect()
    await parts.sql('drop table if exists grown')
    await parts.sql('create table grown (workspace_id text, value int)')
    await parts.sql('alter table grown set (autovacuum_enabled = off)')
    await parts.sql('create index on grown (value)')
    await parts.sql(`insert into grown values ('ws', 0)`)
    await parts.sql('analyze grown')
    // The scan of the new index counts now, and not between the executions below.
    await parts.sql('select pg_stat_force_next_flush()')
    const readGrown = statement('test_read_grown', 'select from grown where value = $1')
    const scansOfTable = async () => {
      await database.query(readGrown, [1])
      await database.query({ name: '', text: 'select pg_stat_force_next_flush()' })
      const text = `select seq_scan::int as scans from pg_stat_user_tables where relname = 'grown'`
      const [row] = await database.query<{ scans: number }>({ name: '', text })
      return row!.scans
    }
    const first = await scansOfTable()
    await parts.sql(`insert into grown select 'ws', nth from generate_series(1, 50000) nth`)
    expect(await scansOfTable()).toBe(first + 1)
    await setTimeout(pauseMs)
    expect(await scansOfTable()).toBe(first + 1)
  })
})
