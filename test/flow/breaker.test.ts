import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { eventually } from '../support/eventually.ts'
import type { Receiver } from '../support/receiver.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'

describe('an endpoint that is dead', () => {
  let parts: TestParts
  let way: WayOut
  /** What its receiver answers. */
  let answer: number

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
    answer = 500
  })

  const backlog = 500
  const isOpen = async (id: string) => {
    const [row] = await parts.sql<{ open: boolean }>(
      'select coalesce(probe_at > now(), false) as open from webhook_endpoint where id = $1',
      [id],
    )
    return row!.open
  }
  const noneInFlight = async () => (await parts.sql('select 1 from delivery where lease_until > now()')).length === 0
  const waitForBreaker = (id: string, to: Receiver, atLeast: number) =>
    eventually(
      async () =>
        to.webhooks.length >= atLeast &&
        (await isOpen(id)) &&
        (await noneInFlight()) &&
        (await way.attempts()).length === to.webhooks.length,
      () => `${to.webhooks.length} attempts`,
    )
  const probeNow = async (id: string) => {
    await parts.sql(`update webhook_endpoint set probe_at = now() - interval '1 millisecond' where id = $1`, [id])
    parts.signals.notify('deliveries')
  }

  it('is tried with single deliveries instead of its backlog, and gets all of it after its return', async () => {
    let [open, most] = [0, 0]
    const to = await way.receiver((_webhook, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        response.writeHead(answer).end()
      })
    })
    const { id } = await way.endpointTo(to, { maxInFlight: 10 })
    await way.captureMany(backlog)
    way.start({ scheduleSeconds: [0, 3600] })
    await waitForBreaker(id, to, 10)
    const tried = to.webhooks.length
    expect(tried).toBeLessThan(20)
    for (const probe of [1, 2, 3]) {
      await probeNow(id)
      await waitForBreaker(id, to, tried + probe)
      expect(to.webhooks).toHaveLength(tried + probe)
    }
    answer = 200
    most = 0
    await parts.sql(`update delivery set next_attempt_at = now() where status = 'RETRYING'`)
    await probeNow(id)
    await way.allAre('SUCCEEDED', backlog, id, 20_000)
    expect(to.webhooks).toHaveLength(tried + 3 + backlog)
    expect(most).toBeLessThanOrEqual(10)
  })

  it('is probed by one worker at a time', async () => {
    const to = await way.receiver((_webhook, response) => response.writeHead(answer).end())
    const { id } = await way.endpointTo(to)
    await way.captureMany(30)
    const { stop } = way.start({ scheduleSeconds: [0, 3600] })
    await waitForBreaker(id, to, 10)
    await stop()
    const request = { limit: 100, leaseMs: 60_000, owner: 'worker' }
    const claim = async () => (await parts.database.inTransaction((tx) => claimDeliveries(tx, request))).deliveries
    expect(await claim()).toEqual([])
    await parts.sql(`update webhook_endpoint set probe_at = now() - interval '1 millisecond' where id = $1`, [id])
    const claims = await Promise.all([claim(), claim(), claim()])
    expect(claims.flat()).toHaveLength(1)
  })
})
