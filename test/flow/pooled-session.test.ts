import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { openDatabase } from '../../src/database/open.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { hasPgbouncer, pooledDatabase } from '../support/pgbouncer.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { silentLog } from '../support/test-parts.ts'

describe.runIf(hasPgbouncer)('a session of a PgBouncer that pools transactions', () => {
  it('each statement has the settings of Rex, by whichever way it is sent', async () => {
    const { environment } = await pooledDatabase(createTestDatabase, false)
    const database = connectPostgresql(environment.DATABASE_URL, silentLog)
    onTestFinished(() => database.close())
    const expected = {
      TimeZone: 'UTC',
      DateStyle: 'ISO, MDY',
      IntervalStyle: 'postgres',
      extra_float_digits: '1',
      lock_timeout: '0',
      statement_timeout: '15000',
    }
    const text = `select name, setting from pg_settings where name = any ('{${Object.keys(expected)}}')`
    type Row = { name: string; setting: string }
    const settingsOf = (rows: readonly Row[]) => Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const ways = [
      () => database.query<Row>({ name: 'select_settings', text }),
      () => database.prisma.$queryRawUnsafe<Row[]>(text),
      () => database.inTransaction((tx) => tx.query<Row>({ name: 'select_settings', text })),
    ]
    const found = await Promise.all(Array.from({ length: 60 }, (_, nth) => ways[nth % ways.length]!()))
    for (const rows of found) expect(settingsOf(rows)).toEqual(expected)
  })

  it('a statement ends at its time limit, and the next one runs', async () => {
    const { environment } = await pooledDatabase(createTestDatabase, false)
    const database = connectPostgresql(environment.DATABASE_URL, silentLog)
    onTestFinished(() => database.close())
    const sleeping = { name: 'sleep', text: 'select pg_sleep(60)' }
    const limited = database.inTransaction(async (tx) => {
      await tx.query({ name: 'limit', text: 'set local statement_timeout = 100' })
      return tx.query(sleeping)
    })
    await expect(limited).rejects.toMatchObject({ code: 'unavailable', cause: { code: '57014' } })
    const [row] = await database.query<{ one: number }>({ name: 'select_one', text: 'select 1 as one' })
    expect(row).toEqual({ one: 1 })
  })

  it('refuses an address of the server that leads to another database', async () => {
    const { environment } = await pooledDatabase(createTestDatabase, true)
    const another = await createTestDatabase()
    onTestFinished(() => another.drop())
    const wrong = { ...environment, DATABASE_DIRECT_URL: another.environment.DATABASE_URL }
    await expect(openDatabase(readConfig(wrong), silentLog)).rejects.toThrow(
      'DATABASE_DIRECT_URL: it names another database than DATABASE_URL.',
    )
  })
})
