import { describe, expect, it, onTestFinished } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { send } from '../support/http-client.ts'
import { hasClusters } from '../support/postgresql-cluster.ts'
import { type PostgresqlPair, startPostgresqlPair } from '../support/postgresql-pair.ts'
import { followEvents, type ResumingSubscriber } from '../support/resuming-subscriber.ts'
import { createEndpoint, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { adminKey, type Ledger, openLedger, startLoad } from './ledger.ts'

const perSecond = sized({ short: 40, whole: 150 })
const some = sized({ short: 40, whole: 2000 })
/** From the promotion to the first capture: a busy machine takes longer. */
const resumedWithinMs = sized({ short: 10_000, whole: 3000 })

interface Failure {
  readonly how: string
  fail(pair: PostgresqlPair, proxy: DatabaseProxy): Promise<void>
}
const silence: Failure = { how: 'is silent', fail: async (_, proxy) => proxy.silence() }
const crash: Failure = { how: 'crashes', fail: ({ stopPrimary }) => stopPrimary() }

describe.runIf(hasClusters)('a replica that is promoted behind the name of its primary', () => {
  it.for([silence, crash])('has all that was acknowledged when the primary $how', async ({ how, fail }, context) => {
    const { pair, proxy, rex, api, ledger } = await startBehindName()
    const subscriber = await followEvents({ url: rex.url, key: adminKey })
    const load = startLoad(rex.url, ledger, perSecond)
    await ledger.acknowledges(some)
    await fail(pair, proxy)
    await refuses(api)
    proxy.leadTo(pair.replicaUrl)
    await onlyReads(rex.url, api)
    await pair.promoteReplica()
    const promotedAt = performance.now()
    ledger.acknowledge(await captureOnceAccepted(api))
    const resumedMs = performance.now() - promotedAt
    await ledger.acknowledges(ledger.acknowledged + some)
    await load.stop()
    await ledger.arrives(performance.now())
    await expectEachOnce(subscriber, ledger)
    const counts = { acknowledged: ledger.acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates() }
    // An attempt whose end the primary had not stored may be repeated.
    const fault = `primary ${how}, synchronous replica promoted`
    expectKept(context, { fault, ...counts, allowedDuplicates: 50, resumedMs }, resumedWithinMs)
  })
})

async function startBehindName() {
  const pair = await startPostgresqlPair()
  const proxy = await startDatabaseProxy(pair.primaryUrl)
  onTestFinished(() => proxy.stop())
  const ledger = await openLedger()
  const environment = { REX_DATA_DIR: makeDataFolder(), DATABASE_URL: proxy.url }
  const rex = await startRex({ environment }, { REX_LEASE_MS: '3000', REX_ATTEMPT_TIMEOUT_MS: '2000' })
  await createEndpoint(rex, ledger.receiver.url)
  return { pair, proxy, rex, ledger, api: createApiClient({ url: rex.url, key: adminKey }) }
}

function capture(api: ApiClient) {
  return api.capture({ email: `${crypto.randomUUID()}@example.com` })
}

/** Returns the id of the contact; '' when it was refused. */
async function captureOne(api: ApiClient): Promise<string> {
  const { status, json } = await capture(api)
  return status === 201 ? String(json.data?.['id']) : ''
}

/** Waits until captures are refused, and expects of each refusal that it says when to come again. */
async function refuses(api: ApiClient): Promise<void> {
  for (let refused = 0; refused < 3; ) {
    const { status, headers } = await capture(api)
    if (status === 201) continue
    expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
    refused++
  }
}

/** The name leads to the replica, which is no primary yet. */
async function onlyReads(url: string, api: ApiClient): Promise<void> {
  let seen = ''
  await eventually(
    async () => {
      const { text } = await send(url, { path: '/readyz' })
      seen = text
      return text.includes('It only reads.')
    },
    () => seen,
  )
  await refuses(api)
}

async function captureOnceAccepted(api: ApiClient): Promise<string> {
  let id = ''
  await eventually(
    async () => {
      id = await captureOne(api)
      return id !== ''
    },
    () => 'no capture is accepted',
  )
  return id
}

/** Captures that were not acknowledged may have been stored, too. */
async function expectEachOnce({ contactIds, connections, failure }: ResumingSubscriber, ledger: Ledger): Promise<void> {
  await eventually(
    () => contactIds.length >= ledger.acknowledged,
    () => `${contactIds.length} of ${ledger.acknowledged} events, ${connections} connections, ${failure}`,
  )
  expect(new Set(contactIds).size).toBe(contactIds.length)
}
