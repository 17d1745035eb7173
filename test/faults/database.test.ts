import { describe, it, onTestFinished, type TestContext } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts'
import { onServer } from '../support/on-server.ts'
import { hasClusters, startCluster } from '../support/postgresql-cluster.ts'
import type { OwnDatabase } from '../support/test-database.ts'
import { createEndpoint, graceMs, ownDatabase, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { type Load, openLedger, startLoad } from './ledger.ts'

const perSecond = sized({ short: 60, whole: 150 })
/** Longer than any of the faults: what was accepted is settled when the database is back. */
const leaseMs = sized({ short: 8000, whole: 20_000 })
const longLease = { REX_LEASE_MS: String(leaseMs), REX_ATTEMPT_TIMEOUT_MS: '5000' }

describe.runIf(hasClusters)('a database server that is restarted', () => {
  it.for(['fast', 'immediate'] as const)('costs no delivery and repeats none: %s', async (how, context) => {
    const times = sized({ short: 2, whole: 10 })
    const cluster = await startCluster()
    const own = await ownDatabase()
    await expectNothingLost(context, withUrl(own, cluster.url), {
      fault: `PostgreSQL restarted, ${how}, ${times} times`,
      times,
      fail: () => cluster.restart(how),
    })
  })
})

describe('a database that fails', () => {
  it('by the end of all its backends costs no delivery and repeats none', async (context) => {
    const times = sized({ short: 5, whole: 50 })
    const own = await ownDatabase()
    await expectNothingLost(context, own, {
      fault: `all PostgreSQL backends terminated, ${times} times`,
      times,
      fail: () => terminateBackends(own),
    })
  })

  it('by a connection that is cut costs no delivery and repeats none', async (context) => {
    const times = sized({ short: 1, whole: 10 })
    const { own, proxy } = await databaseBehindProxy()
    const refusals = sized({ short: 100, whole: 600 })
    await expectNothingLost(context, own, {
      fault: `database connection cut for ${refusals} captures, ${times} times`,
      times,
      fail: async (load) => {
        proxy.cut()
        await load.refuses(refusals)
        proxy.restore()
      },
    })
  })

  it('by silence costs no delivery and repeats none', async (context) => {
    const times = sized({ short: 1, whole: 5 })
    const { own, proxy } = await databaseBehindProxy()
    const refusals = sized({ short: 100, whole: 600 })
    await expectNothingLost(context, own, {
      fault: `database silent for ${refusals} captures, ${times} times`,
      times,
      fail: async (load) => {
        proxy.silence()
        await load.refuses(refusals)
        proxy.restore()
      },
    })
  })
})

async function expectNothingLost(
  context: TestContext,
  own: OwnDatabase,
  { fault, times, fail }: { fault: string; times: number; fail: (load: Load) => Promise<void> },
): Promise<void> {
  const ledger = await openLedger()
  const rex = await startRex(own, longLease)
  await createEndpoint(rex, ledger.receiver.url)
  const load = startLoad(rex.url, ledger, perSecond)
  let resumedMs = 0
  for (let time = 0; time < times; time++) {
    await ledger.acknowledges(ledger.acknowledged + 50)
    await fail(load)
    const failedAt = performance.now()
    resumedMs = Math.max(resumedMs, await ledger.arrives(failedAt))
  }
  await load.stop()
  await ledger.arrives(performance.now())
  const { acknowledged } = ledger
  const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
  expectKept(context, { fault, ...counts, resumedMs }, leaseMs + graceMs)
}

async function databaseBehindProxy(): Promise<{ own: OwnDatabase; proxy: DatabaseProxy }> {
  const own = await ownDatabase()
  const proxy = await startDatabaseProxy(own.environment.DATABASE_URL!)
  onTestFinished(() => proxy.stop())
  return { own: withUrl(own, proxy.url), proxy }
}

function withUrl(own: OwnDatabase, url: string): OwnDatabase {
  return { ...own, environment: { ...own.environment, DATABASE_URL: url } }
}

/** Of this database alone: the server is everybody's. */
async function terminateBackends({ environment: { DATABASE_URL } }: OwnDatabase): Promise<void> {
  const url = new URL(DATABASE_URL!)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  await onServer(url.href, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
}
