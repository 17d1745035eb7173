import { hash } from 'node:crypto'
import { createClient } from '@redis/client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Rate, RateLimiter } from '../../src/platform/limits/rate-limit.ts'
import { connectRedis, type Redis } from '../../src/platform/redis.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { type KeptLog, keepLog } from '../support/kept-log.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts'
import { testRates } from '../support/test-rates.ts'

if (!hasRedisServer) console.log('No redis-server is installed: what needs one is left out')

interface Node {
  readonly redis: Redis
  readonly rates: RateLimiter
  readonly log: KeptLog
}

const rate: Rate = { count: 3, seconds: 60 }
let names = 0
const freshName = () => `test-${process.pid}-${names++}`

describe.runIf(hasRedisServer)('with a Redis', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedisServer()
  })

  afterAll(() => server?.kill())

  const startNode = async (): Promise<Node> => {
    const log = keepLog()
    const redis = await connectRedis(server.url, log.log)
    onTestFinished(() => redis.close())
    return { redis, rates: testRates(redis), log }
  }

  const isBack = (redis: Redis) =>
    eventually(
      () => !redis.isDown,
      () => 'Redis is away',
    )

  it('two nodes share one limit', async () => {
    const [one, other] = [await startNode(), await startNode()]
    const name = freshName()
    const [here, there] = [one.rates(name, rate), other.rates(name, rate)]
    expect(await here.consume('a')).toEqual({ isAllowed: true, remaining: 2, resetSeconds: 60 })
    expect(await there.consume('a')).toMatchObject({ isAllowed: true, remaining: 1 })
    expect(await here.consume('a')).toMatchObject({ isAllowed: true, remaining: 0 })
    expect(await there.consume('a')).toMatchObject({ isAllowed: false, remaining: 0 })
    expect(await here.consume('a')).toMatchObject({ isAllowed: false, remaining: 0 })
    expect(await here.consume('b')).toMatchObject({ isAllowed: true })
    expect(await there.consume('c', 4)).toMatchObject({ isAllowed: false })
  })

  it('keys hold nothing in clear, nothing that a hash of the address finds, and expire', async () => {
    const { redis, rates } = await startNode()
    const name = freshName()
    await rates(name, rate).consume('203.0.113.7')
    await testRates(redis, 2)(name, rate).consume('203.0.113.7')
    const client = await createClient({ url: server.url }).connect()
    onTestFinished(() => client.destroy())
    const keys = await client.keys('*')
    // Two installations with keys of their own call it differently.
    expect(keys.filter((key) => key.includes(name))).toHaveLength(2)
    const hashes = (['hex', 'base64', 'base64url'] as const).map((encoding) => hash('sha256', '203.0.113.7', encoding))
    for (const tale of ['203.0.113.7', ...hashes]) expect(keys.filter((key) => key.includes(tale))).toEqual([])
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0)
  })

  it('tells every node of a message, and again after it was away', async () => {
    const [one, other] = [await startNode(), await startNode()]
    const channel = freshName()
    let heard = 0
    await other.redis.subscribe(channel, () => heard++)
    expect(await one.redis.run((client) => client.publish(channel, ''))).toBe(1)
    await server.kill()
    await server.start()
    await isBack(one.redis)
    await eventually(
      async () => (await one.redis.run((client) => client.publish(channel, ''))) === 1,
      () => 'nobody listens',
    )
    await eventually(
      () => heard === 2,
      () => `heard ${heard}`,
    )
  })

  it('that is killed, each node counts for itself at once, says so once, and shares again when it is back', async () => {
    const { redis, rates, log } = await startNode()
    const { consume } = rates(freshName(), rate)
    await consume('a', 3)
    await server.kill()
    const start = performance.now()
    for (let nth = 0; nth < 3; nth++) expect(await consume('a')).toMatchObject({ isAllowed: true })
    expect(await consume('a')).toMatchObject({ isAllowed: false })
    expect(performance.now() - start).toBeLessThan(5000)
    await eventually(
      () => log.events().includes('redis.away'),
      () => log.events().join(),
    )
    await server.start()
    await isBack(redis)
    expect(await consume('a')).toMatchObject({ isAllowed: true, remaining: 2 }) // The new Redis knows of nothing.
    expect(log.events()).toEqual(['redis.away', 'redis.back'])
  })

  it('that falls silent costs one wait, and is asked again when it speaks', async () => {
    const { redis, rates, log } = await startNode()
    const { consume } = rates(freshName(), { count: 1000, seconds: 60 })
    await consume('a')
    server.silence()
    onTestFinished(() => server.speak())
    expect(await consume('a')).toMatchObject({ isAllowed: true, remaining: 999 })
    expect(redis.isDown).toBe(true)
    const start = performance.now()
    for (let nth = 0; nth < 100; nth++) await consume('a')
    // A wait for each would be ten seconds.
    expect(performance.now() - start).toBeLessThan(5000)
    server.speak()
    await isBack(redis)
    expect(await consume('a')).toMatchObject({ remaining: 997 }) // What was asked in the silence was counted, late.
    expect(log.events()).toEqual(['redis.away', 'redis.back'])
  })

  it('whose connection is silent for long is connected to anew', async () => {
    const way = await startDatabaseProxy(server.url)
    onTestFinished(() => way.stop())
    const log = keepLog()
    const redis = await connectRedis(way.url, log.log)
    onTestFinished(() => redis.close())
    way.silence()
    await redis.run((client) => client.ping()).catch(() => {})
    await eventually(
      () => way.connectionCount > 1,
      () => `${way.connectionCount} connection`,
    )
    way.restore()
    await isBack(redis)
    expect(log.events()).toEqual(['redis.away', 'redis.back'])
  })
})

describe('without the Redis that was named', () => {
  it('a node starts within a second or so, counts for itself and says so once', async () => {
    const log = keepLog()
    const start = performance.now()
    const redis = await connectRedis('redis://127.0.0.1:1', log.log)
    onTestFinished(() => redis.close())
    expect(performance.now() - start).toBeLessThan(5000)
    const { consume } = testRates(redis)(freshName(), rate)
    await consume('a', 3)
    expect(await consume('a')).toMatchObject({ isAllowed: false })
    expect(log.events()).toEqual(['redis.away'])
  })
})
