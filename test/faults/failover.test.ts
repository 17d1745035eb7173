import pg from 'pg'
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
/** The short form has it in the other test. */
const crash: Failure = { how: 'crashes', fail: ({ stopPrimary }) => stopPrimary() }

describe.runIf(hasClusters)('a replica that is promoted behind the name of its primary', () => {
  it.for(sized({ short: [silence], whole: [silence, crash] }))(
    'has all that was acknowledged when the primary $how',
    async ({ how, fail }, context) => {
      const { pair, proxy, rex, api, ledger } = await startBehindName(true)
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
      expect(subscriber.connections).toBe(1)
      const counts = { acknowledged: ledger.acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates() }
      // An attempt whose end the primary had not stored may be repeated.
      const fault = `primary ${how}, synchronous replica promoted`
      expectKept(context, { fault, ...counts, allowedDuplicates: 50, resumedMs }, resumedWithinMs)
    },
  )

  it('continues the live events after the loss of some that it did not have', async () => {
    const { pair, proxy, rex, api } = await startBehindName(false)
    const kept = await captureOne(api)
    const subscriber = await followEvents({ url: rex.url, key: adminKey })
    await eventually(
      () => hasContact(pair.replicaUrl, kept),
      () => 'the replica is behind',
    )
    await pair.stopReplica()
    const lost = await Promise.all(Array.from({ length: 60 }, () => captureOne(api)))
    await sees(subscriber, lost)
    await pair.stopPrimary()
    await pair.startReplica()
    await pair.promoteReplica()
    proxy.leadTo(pair.replicaUrl)
    const first = await captureOnceAccepted(api)
    const next = await Promise.all(Array.from({ length: 5 }, () => captureOne(api)))
    await sees(subscriber, [...lost, first, ...next])
    expect(subscriber.failure).toBeUndefined()
    expect(subscriber.contactIds).not.toContain(kept)
    expect(rex.output()).toContain('live.log_lost_its_end')
  })
})

async function startBehindName(isSynchronous: boolean) {
  const pair = await startPostgresqlPair(isSynchronous)
  const proxy = await startDatabaseProxy(pair.primaryUrl)
  onTestFinished(() => proxy.stop())
  const ledger = await openLedger()
  const environment = { REX_DATA_DIR: makeDataFolder(), DATABASE_URL: proxy.url }
  const rex = await startRex({ environment }, { REX_LEASE_MS: '8000' })
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

async function sees(subscriber: ResumingSubscriber, contactIds: readonly string[]): Promise<void> {
  const missing = () => contactIds.filter((id) => !subscriber.contactIds.includes(id))
  await eventually(
    () => missing().length === 0,
    () => `${missing().length} of ${contactIds.length} missing`,
  )
}

/** Captures that were not acknowledged may have been stored, too. */
async function expectEachOnce({ contactIds, connections, failure }: ResumingSubscriber, ledger: Ledger): Promise<void> {
  await eventually(
    () => contactIds.length >= ledger.acknowledged,
    () => `${contactIds.length} of ${ledger.acknowledged} events, ${connections} connections, ${failure}`,
  )
  expect(new Set(contactIds).size).toBe(contactIds.length)
}

async function hasContact(serverUrl: string, id: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from contact where id = $1', [id])
    return rowCount === 1
  } finally {
    await client.end()
  }
}
