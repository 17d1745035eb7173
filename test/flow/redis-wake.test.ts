import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Signals, startSignals } from '../../src/events/signals.ts'
import { connectRedis, type Redis } from '../../src/platform/redis.ts'
import { eventually } from '../support/eventually.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { openOwn, silentLog } from '../support/test-parts.ts'

const hasAll = hasRedisServer

describe.runIf(hasAll)('wake-ups between nodes that have a Redis', () => {
  let server: RedisServer
  let own: OwnDatabase
  let elsewhere: OwnDatabase

  beforeAll(async () => {
    server = await startRedisServer()
    own = await createTestDatabase()
    elsewhere = await createTestDatabase()
  })

  afterAll(async () => {
    await server?.kill()
    await own?.drop()
    await elsewhere?.drop()
  })

  const startNode = async (
    on: OwnDatabase,
  ): Promise<{ readonly signals: Signals; readonly redis: Redis; wakes: number }> => {
    const database = await openOwn(on)
    const redis = await connectRedis(server.url, silentLog)
    const signals = await startSignals(database, silentLog, redis)
    const node = { signals, redis, wakes: 0 }
    signals.subscribe('events', () => node.wakes++)
    onTestFinished(async () => {
      await signals.stop()
      redis.close()
      await database.close()
    })
    return node
  }

  it('go through it: NOTIFY does not reach another database', async () => {
    const [one, other] = [await startNode(own), await startNode(elsewhere)]
    const before = other.wakes
    one.signals.notify('events')
    await eventually(
      () => other.wakes > before,
      () => `${other.wakes} wakes`,
    )
  })

  it('go by NOTIFY while it is away', async () => {
    const [one, other] = [await startNode(own), await startNode(own)]
    await server.kill()
    onTestFinished(() => server.start())
    await eventually(
      () => one.redis.isDown && other.redis.isDown,
      () => 'Redis is there',
    )
    const before = other.wakes
    one.signals.notify('events')
    await eventually(
      () => other.wakes > before,
      () => `${other.wakes} wakes`,
    )
    expect(other.redis.isDown).toBe(true)
  })
})
