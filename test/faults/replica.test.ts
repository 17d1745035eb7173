import { describe, expect, it, onTestFinished } from 'vitest'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { send } from '../support/http-client.ts'
import { hasClusters, startCluster } from '../support/postgresql-cluster.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp } from '../support/test-app.ts'
import { inSeconds, tellFigure } from './fault-report.ts'
import {
  type Caller,
  captureAnonymously,
  expectInUse,
  isInUse,
  openCaller,
  pauseReplay,
  resumeReplay,
} from './replica-parts.ts'

/** Longer than a test: the replica stays in use while its replay is paused. */
const patient = { REX_REPLICA_MAX_LAG_MS: '60000' }
const impatient = { REX_REPLICA_MAX_LAG_MS: '2000' }

describe.runIf(hasClusters)('a streaming replica', () => {
  it('serves lists, counts and exports, but not what their key has written or was shown', async () => {
    const { app, replica } = await startReplicated(patient)
    const [reader, writer] = [await openCaller(app), await openCaller(app)]
    const before = await reader.counts()
    await pauseReplay(replica)

    await writer.capture('own@example.com')
    expect(await reader.lists('own@example.com')).toBe(false)
    expect(await reader.counts()).toBe(before)
    expect(await reader.exports('own@example.com')).toBe(false)
    expect(await reader.findsByEmail('own@example.com')).toBe(true)
    expect(await writer.lists('own@example.com')).toBe(true)
    expect(await writer.counts()).toBe(before + 1)
    expect(await writer.exports('own@example.com')).toBe(true)

    await using _ = await connectSubscriber(
      { ...app, key: reader.key },
      { query: 'subscription { events { __typename } }' },
    )
    expect(await reader.lists('own@example.com')).toBe(true)
    expect(await isInUse(app)).toBe(true)
  })

  it('that lags leaves its reads to the primary until it has caught up', async (context) => {
    const { app, replica } = await startReplicated(impatient)
    const reader = await openCaller(app)
    await pauseReplay(replica)
    await captureAnonymously(app.url, 'late@example.com')
    const lateSince = performance.now()
    await expectInUse(app, false)
    tellFigure(
      context,
      'until reads leave a replica that lags, with a bound of 2 s',
      inSeconds(performance.now() - lateSince),
    )
    expect(await reader.lists('late@example.com')).toBe(true)
    expect((await send(app.url, { path: '/readyz' })).status).toBe(200)
    await resumeReplay(replica)
    const resumedAt = performance.now()
    await expectInUse(app, true)
    tellFigure(context, 'until they are back when it has caught up', inSeconds(performance.now() - resumedAt))
    expectChanges(app, ['in use', 'behind', 'in use'])
  })

  it('that is killed, or falls silent, fails no request, and is used again when it is back', async (context) => {
    const { app, replica, proxy } = await startReplicated(impatient)
    const reader = await openCaller(app)
    const load = readSteadily(reader)
    await load.reads(20)
    await replica.kill()
    const killedAt = performance.now()
    await expectInUse(app, false)
    tellFigure(context, 'until reads leave a replica that is killed', inSeconds(performance.now() - killedAt))
    await load.reads(20)
    await replica.start()
    const startedAt = performance.now()
    await expectInUse(app, true)
    tellFigure(context, 'until they are back when it runs again', inSeconds(performance.now() - startedAt))
    proxy.silence()
    const silentSince = performance.now()
    await expectInUse(app, false)
    tellFigure(context, 'until reads leave a replica that is silent', inSeconds(performance.now() - silentSince))
    await load.reads(20)
    expect(await load.stop()).toEqual([])
    expectChanges(app, ['in use', 'away', 'in use', 'away'])
  })
})

/** Starts a Rex on a primary with a replica behind a proxy, and waits until it uses the replica. */
async function startReplicated(settings: Readonly<Record<string, string>>) {
  const primary = await startCluster()
  const replica = await primary.addReplica()
  const proxy = await startDatabaseProxy(replica.url)
  onTestFinished(() => proxy.stop())
  const app = await startTestApp({ DATABASE_URL: primary.url, DATABASE_REPLICA_URL: proxy.url, ...settings })
  onTestFinished(() => app.stop())
  await expectInUse(app, true)
  return { app, primary, replica, proxy }
}

/**
 * Expects these changes in the log, in this order, and no line that is no change. On a busy machine the replica may fall
 * behind in between.
 */
function expectChanges({ logLines }: { readonly logLines: readonly string[] }, expected: readonly string[]): void {
  const lines = logLines.map((line) => JSON.parse(line)).filter(({ event }) => /^replica\./.test(event))
  const changes: string[] = lines.map(({ event, problem }) => (event === 'replica.in_use' ? 'in use' : problem))
  expect(changes.filter((change, index) => change === changes[index - 1])).toEqual([])
  let next = 0
  for (const change of changes) if (change === expected[next]) next += 1
  expect(changes.length).toBeGreaterThanOrEqual(expected.length)
  expect(expected.slice(next)).toEqual([])
}

/** Reads a list after the other until it is stopped. A read that takes longer counts as failed. */
function readSteadily(reader: Caller) {
  const failures: unknown[] = []
  let count = 0
  let isStopped = false
  const run = async () => {
    while (!isStopped) {
      const startedAt = performance.now()
      await reader.lists('nobody@example.com').catch((error: unknown) => failures.push(error))
      const tookMs = performance.now() - startedAt
      if (tookMs > longestReadMs) failures.push(`A read took ${tookMs} ms.`)
      count += 1
    }
  }
  const ended = run()
  return {
    reads: (more: number) => {
      const target = count + more
      return eventually(
        () => count >= target,
        () => `${count} of ${target} reads`,
      )
    },
    stop: async () => {
      isStopped = true
      await ended
      return failures
    },
  }
}

/** Far below the time limit of a statement, which a silent connection would cost. */
const longestReadMs = 8000
