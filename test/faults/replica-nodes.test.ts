import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { hasClusters, type PostgresqlReplica, startCluster } from '../support/postgresql-cluster.ts'
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts'
import { startTestApp } from '../support/test-app.ts'
import { startRex } from './fault-parts.ts'
import { adminKey } from './ledger.ts'
import { callerOf, expectInUse, openCaller, pauseReplay } from './replica-parts.ts'

const rounds = 5

describe.runIf(hasClusters)('a key that writes in one place and reads in another', () => {
  it('reads what it wrote, among processes of a node', async () => {
    const { replica, settings } = await startServers()
    const folder = mkdtempSync(join(tmpdir(), 'rex-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const rex = await startRex({ environment: { ...settings, REX_DATA_DIR: folder } }, { REX_PROCESSES: '2' })
    const app = { url: rex.url, key: adminKey }
    await expectOwnWritesSeen({ app, readAt: app.url, replica })
  })

  it.runIf(hasRedisServer)('reads what it wrote, among nodes with Redis, also when Redis dies', async () => {
    const redis = await startRedisServer()
    onTestFinished(() => redis.kill())
    const { replica, settings } = await startServers()
    const [app, other] = [await startNode(settings, redis), await startNode(settings, redis)]
    const reader = await expectOwnWritesSeen({ app, readAt: other.url, replica })
    await redis.kill()
    await eventually(
      () => callerOf(other.url, reader.key).lists('round-0@example.com'),
      () => 'the other node still reads from the replica, and cannot know who wrote',
    )
  })
})

async function startServers() {
  const primary = await startCluster()
  const replica = await primary.addReplica()
  const settings = {
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URL: replica.url,
    REX_REPLICA_MAX_LAG_MS: '60000',
  }
  return { replica, settings }
}

async function startNode(settings: Readonly<Record<string, string>>, redis: { readonly url: string }) {
  const app = await startTestApp({ ...settings, REDIS_URL: redis.url })
  onTestFinished(() => app.stop())
  await expectInUse(app, true)
  return app
}

interface Places {
  readonly app: { readonly url: string; readonly key: string }
  readonly readAt: string
  readonly replica: PostgresqlReplica
}

/** Returns a key that reads from the replica. */
async function expectOwnWritesSeen({ app, readAt, replica }: Places) {
  await expectInUse(app, true)
  const reader = await openCaller(app)
  await pauseReplay(replica)
  for (let round = 0; round < rounds; round++) {
    const email = `round-${round}@example.com`
    const writer = await openCaller(app)
    await writer.capture(email)
    expect(await callerOf(readAt, writer.key).lists(email)).toBe(true)
    expect(await callerOf(readAt, reader.key).lists(email)).toBe(false)
  }
  return reader
}
