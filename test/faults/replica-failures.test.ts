import { describe, expect, it, onTestFinished } from 'vitest'
import { checkReplica } from '../../src/cli/data/doctor/replica-check.ts'
import { readConfig } from '../../src/config/config.ts'
import { markPooled } from '../../src/database/connection/server-address.ts'
import { type Database, statement } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { type Replica, startReplica } from '../../src/database/replica/replica.ts'
import { eventually } from '../support/eventually.ts'
import { onServer } from '../support/on-server.ts'
import { hasPgbouncer, startPgbouncer } from '../support/pgbouncer.ts'
import { hasClusters, startCluster } from '../support/postgresql-cluster.ts'
import { runSql, silentLog } from '../support/test-parts.ts'

type Way = 'direct' | 'both servers behind a PgBouncer'
const ways = [
  { way: 'direct', hasIt: true },
  { way: 'both servers behind a PgBouncer', hasIt: hasPgbouncer },
] as const

describe.runIf(hasClusters)('a statement that fails on the replica', () => {
  it.for(ways)(
    'returns its rows from the primary, and its own error if it is wrong: $way',
    async ({ way, hasIt }, { skip }) => {
      skip(!hasIt, 'needs pgbouncer')
      const { primary, replicaServer, replica } = await openReplica(way)
      const faults = [
        { url: primary.url, sql: 'begin; lock table lead in access exclusive mode; commit' },
        { url: replicaServer.url, sql: `select pg_cancel_backend(pid) ${ofSleepers()}` },
        { url: replicaServer.url, sql: `select pg_terminate_backend(pid) ${ofSleepers()}` },
      ]
      for (const [index, { url, sql }] of faults.entries()) {
        const rows = replica.database.query<Row>(sleepingRead)
        await isAsleep(replicaServer.url)
        await onServer(url, sql)
        expect(await rows).toEqual([{ count: 1, is_standby: false }])
        expect(replica.repeatedCount).toBe(index + 1)
      }
      await expect(runSql(replica.database, 'select nothing from lead')).rejects.toThrow(
        'column "nothing" does not exist',
      )
    },
  )
})

describe.runIf(hasClusters)('a primary that writes nothing', () => {
  it('does not look like a lag, also when it has begun a new file of its log', async () => {
    const { primary, replica } = await openReplica()
    await onServer(primary.url, 'select pg_switch_wal()')
    const switchedAt = Date.now()
    await eventually(
      () => (replica.coveredUntil ?? 0) > switchedAt,
      () => `a lag of ${replica.status.lagMs} ms`,
      beforeNextSnapshotMs,
    )
  })
})

describe.runIf(hasClusters)('an address that is no replica of the server', () => {
  it('is not read, and rex doctor names the reason', async () => {
    const [cluster, another] = [await startCluster(), await startCluster()]
    const stranger = await another.addReplica()
    expect(await problemOf(cluster.url, cluster.url)).toEqual([
      'not_a_replica',
      'is no replica, but a server that takes writes',
    ])
    expect(await problemOf(cluster.url, stranger.url)).toEqual(['another_database', 'is a replica of another server'])
  })
})

/** The server writes to its log by itself every 15 s. */
const beforeNextSnapshotMs = 10_000

interface Row {
  readonly count: number
  readonly is_standby: boolean
}

/** Waits for as long as no one ends it, but not on the primary, where it is repeated. */
const sleepingRead = statement(
  'sleeping_read',
  `select count(*)::int as count, pg_is_in_recovery() as is_standby
   from lead, pg_sleep(case when pg_is_in_recovery() then 14 else 0 end)`,
)

function ofSleepers(): string {
  return `from pg_stat_activity where query like '%pg_sleep(%' and pid <> pg_backend_pid()`
}

async function isAsleep(url: string): Promise<void> {
  const server = connectPostgresql(url, silentLog, 1)
  await eventually(
    async () => (await runSql(server, `select ${ofSleepers()} and wait_event = 'PgSleep'`)).length === 1,
    () => 'the statement does not run on the replica',
  )
  await server.close()
}

async function openReplica(way: Way = 'direct') {
  const primary = await startCluster()
  await onServer(primary.url, 'create table lead (id int); insert into lead values (1)')
  const replicaServer = await primary.addReplica()
  const urls = [primary.url, replicaServer.url]
  const [primaryUrl = '', replicaUrl = ''] = way === 'direct' ? urls : await Promise.all(urls.map(behindPgbouncer))
  const replica = open(primaryUrl, replicaUrl)
  await eventually(
    () => replica.status.isInUse,
    () => `not in use: ${replica.status.problem}`,
  )
  return { primary, replicaServer, replica }
}

async function behindPgbouncer(url: string): Promise<string> {
  return markPooled((await startPgbouncer(url)).url)
}

function open(primaryUrl: string, url: string): Replica {
  const connected = connectPostgresql(primaryUrl, silentLog)
  const primary = { ...connected, url: primaryUrl, location: 'a test' }
  const replica = startReplica({ url, primary, maxLagMs: 60_000, log: silentLog })
  onTestFinished(() => closeAll(replica, connected))
  return replica
}

async function closeAll(...opened: readonly Pick<Database, 'close'>[]): Promise<void> {
  for (const each of opened) await each.close()
}

/** Returns the problem as the service sees it, and as `rex doctor` says it. */
async function problemOf(primaryUrl: string, url: string) {
  const replica = open(primaryUrl, url)
  await eventually(
    () => replica.status.problem !== undefined,
    () => `in use: ${replica.status.isInUse}`,
  )
  const [check] = await checkReplica(readConfig({ DATABASE_URL: primaryUrl, DATABASE_REPLICA_URL: url }))
  return [replica.status.problem, check?.detail]
}
