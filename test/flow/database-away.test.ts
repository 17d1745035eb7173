import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type CaptureWriter, createCaptureWriter } from '../../src/capture/write/writer.ts'
import { isConnectionError } from '../../src/database/connection/connection-errors.ts'
import type { Database } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { codeOf, openParts, runSql, silentLog, type TestParts } from '../support/test-parts.ts'

const contractMs = 2000

describe('a PostgreSQL that is away', () => {
  let parts: TestParts
  let proxy: DatabaseProxy
  let database: Database
  let writer: CaptureWriter
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    proxy = await startDatabaseProxy(parts.own.environment.DATABASE_URL!)
    database = connectPostgresql(proxy.url, silentLog)
    writer = createCaptureWriter(database, parts.signals)
    workspaceId = newId('workspace')
  })
  afterEach(async () => {
    await database.close()
    await proxy.stop()
  })

  const captures = (count: number) =>
    Array.from({ length: count }, (_, index) => captureOf(workspaceId, { email: `${index}@example.com` }))

  async function timed(work: Promise<unknown>): Promise<{ code: string | undefined; ms: number }> {
    const start = performance.now()
    const code = await codeOf(work)
    return { code, ms: performance.now() - start }
  }

  it('fails captures with `unavailable` within two seconds, a whole batch at once, and takes them again', async () => {
    await writer.add(captureOf(workspaceId))
    proxy.cut()
    const failed = await Promise.all(captures(100).map((record) => timed(writer.add(record))))
    expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['unavailable']))
    expect(Math.max(...failed.map(({ ms }) => ms))).toBeLessThan(contractMs)
    proxy.restore()
    expect((await writer.add(captureOf(workspaceId))).outcome).toBe('UNCHANGED')
  })

  it('fills a queue of 32 MiB of bodies, no more: the next is `unavailable` at once, the others when it is back', async () => {
    await writer.add(captureOf(workspaceId))
    const largest = 65_536
    const gate = Promise.withResolvers<void>()
    const stalled = createCaptureWriter(
      { ...database, inTransaction: (work) => gate.promise.then(() => database.inTransaction(work)) },
      parts.signals,
    )
    const underWay = 1
    const waiting = (32 * 1024 * 1024) / largest
    const large = captures(underWay + waiting).map((record) => ({ ...record, byteLength: largest }))
    const first = large.splice(0, underWay).map((record) => stalled.add(record))
    await setImmediate()
    const admitted = [...first, ...large.map((record) => stalled.add(record))]
    expect(await codeOf(stalled.add(captureOf(workspaceId)))).toBe('unavailable')
    gate.resolve()
    const outcomes = (await Promise.all(admitted)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(Array(underWay + waiting).fill('CREATED'))
    expect((await stalled.add(captureOf(workspaceId))).outcome).toBe('UNCHANGED')
  })

  it('fails queries and transactions with `unavailable` when it takes no connection', async () => {
    proxy.silence()
    const query = await timed(runSql(database, 'select 1'))
    const transaction = await timed(database.inTransaction((tx) => runSql(tx, 'select 1')))
    expect([query.code, transaction.code]).toEqual(['unavailable', 'unavailable'])
    expect(Math.max(query.ms, transaction.ms)).toBeLessThan(contractMs)
  })

  it('fails a transaction that was under way, and commits nothing of it', async () => {
    const work = database.inTransaction(async (tx) => {
      await runSql(tx, `insert into workspace (id, slug, name) values ($1, $1, 'x')`, [workspaceId])
      proxy.cut()
      await runSql(tx, 'select 1')
    })
    expect(await codeOf(work)).toBe('unavailable')
    expect(await parts.sql('select 1 from workspace where id = $1', [workspaceId])).toEqual([])
  })

  it('is noticed by who it ends: an administrator ends every session', async () => {
    await runSql(database, 'select 1')
    const ended = database.inTransaction(async (tx) => {
      const [self] = await runSql<{ pid: number }>(tx, 'select pg_backend_pid() as pid')
      await parts.sql('select pg_terminate_backend($1)', [self!.pid])
      await runSql(tx, 'select 1')
    })
    expect(await codeOf(ended)).toBe('unavailable')
    expect(await runSql(database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('shuts down in the packet of a result: what waits for that connection fails, and the process goes on', async () => {
    const narrow = connectPostgresql(proxy.url, silentLog, 1)
    onTestFinished(() => narrow.close())
    await runSql(narrow, 'select 1')
    proxy.shutDownAfterResult()
    const last = runSql(narrow, 'select 1 as one')
    const waiting = codeOf(narrow.inTransaction((tx) => runSql(tx, 'select 1')))
    expect([await last, await waiting]).toEqual([[{ one: 1 }], 'unavailable'])
    expect(await runSql(narrow, 'select 2 as two')).toEqual([{ two: 2 }])
  })

  it('is listened to again once it is back', async () => {
    let calls = 0
    const listening = await database.listen('rex_test', () => {
      calls += 1
    })
    const count = () => `${calls} calls`
    await eventually(() => calls === 1, count)
    proxy.cut()
    proxy.restore()
    await eventually(() => calls === 2, count)
    await runSql(database, `select pg_notify('rex_test', '')`)
    await eventually(() => calls === 3, count)
    await listening.stop()
  })

  it('is known by what Prisma says of a raw statement whose connection the server ended, or refused', async () => {
    const waiting = database.prisma.$queryRawUnsafe('select pg_sleep(60)::text').catch((error: unknown) => error)
    await eventually(
      async () => (await parts.sql(endOthers)).length > 0,
      () => 'The statement was not seen.',
    )
    expect(isConnectionError(await waiting)).toBe(true)
    proxy.cut()
    const refused = await database.prisma.$queryRawUnsafe('select 1').catch((error: unknown) => error)
    expect(isConnectionError(refused)).toBe(true)
  })
})

const endOthers = `
  select pg_terminate_backend(pid)
  from pg_stat_activity
  where datname = current_database() and query like 'select pg_sleep(60)%'`
