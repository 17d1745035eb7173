import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { erasureParticipants as participants } from '../../src/app/domain.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import { createSender } from '../../src/delivery/attempt/attempt.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import { startDispatcher } from '../../src/delivery/queue/dispatcher.ts'
import { createLog } from '../../src/platform/log.ts'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { emptyQueue, type TestQueue } from '../support/queue-parts.ts'
import { type Receiver, type Respond, startReceiver } from '../support/receiver.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { deliveriesOf, fanOutAll, newEndpoint, secretBox, viewerOf } from '../support/webhook-parts.ts'

describe('a turn whose attempts are spread over a rest', () => {
  let parts: TestParts
  let queue: TestQueue
  let logLines: string[]

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
    logLines = []
  })

  /** Starts a dispatcher for which every workspace rests that long after each claim. */
  function start({ restMs, leaseMs = 30_000, scheduleSeconds = [0, 3600] }: Settings) {
    const guard = createAddressGuard({ allow: [], allowLoopback: true })
    const sender = createSender({ guard, timeoutMs: 10_000, userAgent: 'Rex/test' })
    const log = createLog('info', { write: (line: string) => logLines.push(line) })
    const rules = { leaseMs, scheduleSeconds, disableAfterSeconds: 3600, random: () => 0.5 }
    const dispatcher = startDispatcher(
      { database: parts.database, signals: parts.signals, sender, secretBox, log, ...rules },
      {
        hasActiveOthers: () => true,
        windowOf: () => 16,
        recordBehind: () => {},
        recordLeased: () => {},
        recordClaim: (taken) => new Map([...taken.keys()].map((workspaceId) => [workspaceId, restMs])),
      },
    )
    let stopped: Promise<void> | undefined
    const stop = () => {
      stopped ??= dispatcher.stop().then(() => sender.close())
      return stopped
    }
    onTestFinished(stop)
    return { stop }
  }
  interface Settings {
    readonly restMs: number
    readonly leaseMs?: number
    readonly scheduleSeconds?: readonly number[]
  }

  async function receiver(respond?: Respond): Promise<Receiver> {
    const started = await startReceiver(respond)
    onTestFinished(() => started.stop())
    await newEndpoint(parts, queue.workspaceId, { url: started.url, events: ['*'], maxInFlight: 100 })
    return started
  }
  const deliveries = () => deliveriesOf(parts, queue.workspaceId)
  const leased = async () => (await deliveries()).filter((row) => row.lease_until !== null).length
  const succeeded = async () => (await queue.statuses()).filter((status) => status === 'SUCCEEDED').length

  it('sends each delivery once, also if the rest is longer than a lease', async () => {
    const to = await receiver()
    await queue.owe(16)
    start({ restMs: 60_000, leaseMs: 5000 })
    await eventually(
      async () => {
        parts.signals.notify('deliveries') // A lease that has ended is claimed again.
        return (await succeeded()) === 16
      },
      async () => `${await succeeded()} of 16 have succeeded`,
    )
    expect(new Set(to.webhooks.map(({ headers }) => headers['webhook-id'])).size).toBe(16)
    expect(to.webhooks).toHaveLength(16)
  })

  it('does not hold results back for a receiver that does not answer', async () => {
    const held: ServerResponse[] = []
    const stuck = await receiver((_webhook, response) => void held.push(response))
    await receiver()
    await queue.owe(8)
    start({ restMs: 500 })
    await eventually(
      async () => (await succeeded()) === 8,
      async () => `${await succeeded()} of 8 have succeeded`,
    )
    await stuck.received(8)
    expect(await leased()).toBe(8)
    expect(await queue.attempts()).toHaveLength(8)
    for (const response of held) response.end()
  })

  it('records results in the order of the attempts, so that the health of the endpoint is that of the last', async () => {
    const failing = 12
    let received = 0
    await receiver((_webhook, response) => void response.writeHead(++received > failing ? 200 : 500).end())
    await queue.owe(16)
    start({ restMs: 700 })
    await eventually(
      async () => (await queue.attempts()).length === 16,
      async () => `${(await queue.attempts()).length} of 16 attempts`,
    )
    const outcomes = () => logLines.map((line) => JSON.parse(line)).map(({ status }) => status)
    await eventually(
      () => logLines.length === 16,
      () => logLines.join(''),
    )
    expect(outcomes()).toEqual([...Array(12).fill(500), ...Array(4).fill(200)])
    const health = await parts.sql('select failure_count, probe_at from webhook_endpoint where workspace_id = $1', [
      queue.workspaceId,
    ])
    expect(health).toEqual([{ failure_count: 0, probe_at: null }])
  })

  it('is given back at a stop before the attempts that run have ended', async () => {
    let answer: () => void = () => {}
    const to = await receiver((_webhook, response) => {
      answer = () => response.end('late')
    })
    await queue.owe(16)
    const { stop } = start({ restMs: 30_000 })
    await to.received(1)
    let hasStopped = false
    const stopping = stop().then(() => {
      hasStopped = true
    })
    await eventually(
      async () => (await leased()) === 1,
      async () => `${await leased()} are leased`,
      5000,
    )
    expect(hasStopped).toBe(false)
    answer()
    await stopping
    expect(await leased()).toBe(0)
    expect([to.webhooks.length, await succeeded()]).toEqual([1, 1])
  })

  it('lets the erasure of a contact be reported at once after a stop, although it waited in the lane', async () => {
    const to = await receiver()
    const emails = Array.from({ length: 16 }, (_, nth) => `${nth}@example.com`)
    await parts.captureAll(emails.map((email) => captureOf(queue.workspaceId, { email })))
    await fanOutAll(parts)
    const { stop } = start({ restMs: 30_000 })
    await to.received(1)
    const id = (await deliveries()).at(-1)!.contact_id!
    await createContactErasure({ ...parts, participants }).erase(viewerOf(queue.workspaceId), id)
    await fanOutAll(parts)
    const ofContact = () =>
      parts.sql<{ status: string; waits_in_lane: boolean; is_due: boolean }>(
        `select status, waits_in_lane, next_attempt_at <= now() as is_due
         from delivery
         where contact_id = $1
         order by event_position`,
        [id],
      )
    await eventually(
      async () => {
        parts.signals.notify('deliveries')
        return (await ofContact())[1]?.waits_in_lane === true
      },
      async () => JSON.stringify(await ofContact()),
    )
    await stop()
    expect(await ofContact()).toMatchObject([
      { status: 'CANCELED' },
      { status: 'PENDING', waits_in_lane: false, is_due: true },
    ])
    expect(to.webhooks.filter(({ body }) => body.includes(id))).toEqual([])
  })
})
