import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isConnectionError } from '../../src/database/connection/connection-errors.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'

/** The startup parameters that PgBouncer takes with its default settings. */
const takenByPgbouncer = [
  'application_name',
  'client_encoding',
  'database',
  'datestyle',
  'standard_conforming_strings',
  'timezone',
  'user',
]

const selectSettings = `
  select name, setting
  from pg_settings
  where name in ('TimeZone', 'DateStyle', 'IntervalStyle', 'client_encoding', 'default_transaction_isolation',
                 'statement_timeout', 'lock_timeout', 'standard_conforming_strings')
  order by name`

const expected = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  default_transaction_isolation: 'read committed',
  lock_timeout: '0',
  standard_conforming_strings: 'on',
  statement_timeout: '15000',
}

type Setting = { name: string; setting: string }

describe('a session on a hostile database', () => {
  let parts: TestParts
  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  const settingsOf = (rows: readonly Setting[]) => Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))

  it('20: has the settings of Rex, for plain statements and for Prisma', async () => {
    expect(settingsOf(await parts.sql<Setting>(selectSettings))).toEqual(expected)
    expect(settingsOf(await parts.database.prisma.$queryRawUnsafe<Setting[]>(selectSettings))).toEqual(expected)
  })

  it('20: is read committed in each transaction', async () => {
    const [row] = await parts.database.inTransaction((tx) =>
      tx.query<{ isolation: string }>({
        name: '',
        text: `select current_setting('transaction_isolation') as isolation`,
      }),
    )
    expect(row).toEqual({ isolation: 'read committed' })
  })

  it('20: reads a time as it was written, by whichever way', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z')
    await parts.sql(`insert into workspace (id, slug, name, stages, created_at) values ('ws_1', 'a', 'A', '{}', $1)`, [
      at,
    ])
    const plain = await parts.sql(`select created_at from workspace where created_at = $1`, [at])
    expect(plain).toEqual([{ created_at: at }])
    const where = { createdAt: { gte: at, lt: new Date(at.getTime() + 1) } }
    expect(await parts.database.prisma.workspace.findMany({ where })).toMatchObject([{ id: 'ws_1', createdAt: at }])
  })

  it('20: comes about for Prisma, too, when the database was away at its first use', async () => {
    const proxy = await startDatabaseProxy(parts.own.environment.DATABASE_URL!)
    onTestFinished(() => proxy.stop())
    const database = connectPostgresql(proxy.url, silentLog)
    onTestFinished(() => database.close())
    proxy.cut()
    const error: unknown = await database.prisma.workspace.count().catch((reason: unknown) => reason)
    expect(isConnectionError(error)).toBe(true)
    proxy.restore()
    expect(await database.prisma.workspace.count()).toBeTypeOf('number')
  })

  it('20: begins with no parameter that PgBouncer refuses, to listen neither', async () => {
    const began: Record<string, string>[] = []
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (message) => {
        began.push(parametersOf(message))
        socket.destroy()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const database = connectPostgresql(`postgresql://rex@127.0.0.1:${port}/leads`, silentLog)
    onTestFinished(() => database.close())
    await expect(database.query({ name: '', text: 'select 1' })).rejects.toThrow()
    const listening = await database.listen('channel', () => {})
    onTestFinished(() => listening.stop())

    expect(began.length).toBeGreaterThanOrEqual(2)
    for (const parameters of began) {
      expect(parameters).toMatchObject({ client_encoding: 'UTF8', datestyle: 'ISO, MDY', timezone: 'UTC' })
      expect(Object.keys(parameters).filter((name) => !takenByPgbouncer.includes(name))).toEqual([])
    }
  })
})

/** Of a startup message: its length, the version of the protocol, and names with values. */
function parametersOf(message: Buffer): Record<string, string> {
  const texts = message.subarray(8, -2).toString().split('\0')
  const pairs = texts.flatMap((name, nth) => (nth % 2 === 0 ? [[name, texts[nth + 1] ?? '']] : []))
  return Object.fromEntries(pairs)
}
