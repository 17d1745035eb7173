import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { send, sendJson } from '../support/http-client.ts'
import { startLoadBalancer } from '../support/load-balancer.ts'
import { hasRedisServer, startRedisServer } from '../support/redis-server.ts'
import { followEvents } from '../support/resuming-subscriber.ts'
import type { RexProcess } from '../support/rex-process.ts'
import { type SteadyLoad, startSteadyLoad } from '../support/steady-load.ts'
import { createEndpoint, ownDatabase, startRex } from './fault-parts.ts'
import { inSeconds, sized, tellFigure } from './fault-report.ts'
import { adminKey, type Ledger, openLedger } from './ledger.ts'

const perSecond = sized({ short: 20, whole: 200 })
/** Captures between two steps of a test. */
const some = sized({ short: 20, whole: 2000 })
/** The proxy looks every 50 ms. In the short form, other tests take their share, and a look may take seconds. */
const api = { REX_ROLE: 'api', REX_DRAIN_MS: sized({ short: '6000', whole: '2000' }) }
const worker = { REX_ROLE: 'worker' }
const revocation = 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }'

describe('two api and two worker nodes behind a proxy', () => {
  it('are restarted one after the other under load: nothing fails, and a subscriber misses nothing', async (context) => {
    const { nodes, balancer, ledger, restart } = await startNodes()
    const subscriber = await followEvents({ url: balancer.url, key: adminKey })
    const load = startSteadyLoad(balancer.url, adminKey, perSecond)
    await load.acknowledges(some)
    for (const nth of nodes.keys()) {
      await restart(nth)
      await balancer.seesReady(2)
      await load.acknowledges(some)
    }
    await load.stop()
    expect(load.failures).toEqual([])
    await expectDelivered(load, ledger)
    await eventually(
      () => subscriber.contactIds.length >= load.acknowledged.size,
      () => `${subscriber.contactIds.length} of ${load.acknowledged.size} events`,
    )
    expect(subscriber.failure).toBeUndefined()
    expect(subscriber.connections).toBeGreaterThan(1)
    expect(subscriber.contactIds.toSorted()).toEqual([...load.acknowledged].toSorted())
    const restarted = `${nodes.length} nodes restarted one after the other, ${perSecond} captures a second`
    tellFigure(context, `${restarted}: captures that failed`, `0 of ${load.acknowledged.size}`)
    tellFigure(context, `${restarted}: events that a subscriber missed`, `0 of ${load.acknowledged.size}`)
    await expectRevokedEverywhere(nodes, context)
  })

  it.runIf(hasRedisServer)(
    'share limits while Redis is there, and go on when it is killed under load',
    async (context) => {
      const redis = await startRedisServer()
      onTestFinished(() => redis.kill())
      const { nodes, balancer, ledger } = await startNodes({ REDIS_URL: redis.url, REX_CAPTURE_RATE: '10/3600' })
      const statuses: number[] = []
      for (let nth = 0; nth < 14; nth++)
        statuses.push((await sendJson(balancer.url, '/capture', { email: `anonymous-${nth}@example.com` })).status)
      expect(statuses).toEqual([...Array(10).fill(201), ...Array(4).fill(429)])
      await expectRevokedEverywhere(nodes, context)

      const subscriber = await followEvents({ url: balancer.url, key: adminKey })
      const load = startSteadyLoad(balancer.url, adminKey, perSecond)
      await load.acknowledges(some)
      await redis.kill()
      await load.acknowledges(some)
      await load.stop()
      expect(load.failures).toEqual([])
      await expectDelivered(load, ledger)
      await eventually(
        () => subscriber.contactIds.length === load.acknowledged.size,
        () => `${subscriber.contactIds.length} of ${load.acknowledged.size} events`,
      )
      tellFigure(
        context,
        `Redis killed, ${perSecond} captures a second: captures that failed`,
        `0 of ${load.acknowledged.size}`,
      )
      await expectRevokedEverywhere(nodes, context)
    },
  )
})

async function startNodes(environment: Readonly<Record<string, string>> = {}) {
  const own = await ownDatabase()
  const ledger = await openLedger()
  const roles = [api, api, worker, worker]
  const start = (role: Readonly<Record<string, string>>) => startRex(own, { ...role, ...environment })
  const nodes: RexProcess[] = await Promise.all(roles.map(start))
  const balancer = await startLoadBalancer(nodes.slice(0, 2).map(({ url }) => url))
  await balancer.seesReady(2)
  await eventually(
    () => createEndpoint(balancer, ledger.receiver.url).then(Boolean, () => false),
    () => 'no endpoint was made',
  )
  const restart = async (nth: number) => {
    const { signal, url } = nodes[nth]!
    expect(await signal('SIGTERM')).toBe(0)
    nodes[nth] = await startRex(own, { ...roles[nth], ...environment, PORT: new URL(url).port })
  }
  return { nodes, balancer, ledger, restart }
}

async function expectDelivered(load: SteadyLoad, ledger: Ledger): Promise<void> {
  for (const id of load.acknowledged) ledger.acknowledge(id)
  await ledger.arrives(performance.now())
  expect(ledger.lost()).toBe(0)
}

/** Creates a key on one node, uses it on both, revokes it on one, and expects that both refuse it. */
async function expectRevokedEverywhere([one, other]: readonly RexProcess[], context: TestContext): Promise<void> {
  const admin = createGraphqlClient({ url: one!.url, key: adminKey })
  const key = await createKey(admin, ['CONTACTS_READ', 'WEBHOOKS_READ'])
  const statuses = () =>
    Promise.all(
      [one!, other!].map(
        async ({ url }) => (await send(url, { path: '/webhooks', headers: { 'x-api-key': key } })).status,
      ),
    )
  expect(await statuses()).toEqual([200, 200])
  const { data } = await createGraphqlClient({ url: other!.url, key })('{ viewer { id } }')
  await admin(revocation, { id: (data['viewer'] as { id: string }).id })
  const revokedAt = performance.now()
  let seen: number[] = []
  const isRefused = async () => {
    seen = await statuses()
    return seen.join() === '401,401'
  }
  await eventually(isRefused, () => seen.join(), 5000)
  tellFigure(context, 'until a revoked key is refused by both nodes', inSeconds(performance.now() - revokedAt))
}
