import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database, Tx } from '../../src/database/database.ts'
import { endpointDeliveries } from '../../src/delivery/endpoint-switch.ts'
import { fanOut } from '../../src/delivery/plan/fanout.ts'
import { disableGoneEndpoint, recordHealth } from '../../src/webhooks/endpoint-health.ts'
import { eventually } from '../support/eventually.ts'
import { interceptedAfter } from '../support/intercepted.ts'
import { emptyQueue, type TestQueue } from '../support/queue-parts.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { appendAll, newEndpoint } from '../support/webhook-parts.ts'

const idlePoll = { hasEnded: false, ended: Promise.resolve() }

/** Each test forces one order of a fan-out and a settlement that disables the endpoint. */
describe('a delivery that is added while its endpoint is disabled', () => {
  let parts: TestParts
  let queue: TestQueue
  let endpointId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
    endpointId = (await newEndpoint(parts, queue.workspaceId)).id
  })

  const key = () => ({ workspaceId: queue.workspaceId, endpointId })
  const fail = (tx: Tx) => {
    const report = { succeeded: false, failures: 1, retrySeconds: 60, isFailingHard: false, acceptsPrevious: null }
    const rules = { deliveries: endpointDeliveries, disableAfterSeconds: 3600 }
    return recordHealth(tx, [{ ...key(), ...report }], rules)
  }
  const disable = (tx: Tx) => disableGoneEndpoint(tx, key(), false, endpointDeliveries)
  const fanOutOnce = (database: Database = parts.database) => {
    const poll = { ...idlePoll }
    poll.ended = fanOut(database, 0).then(() => {
      poll.hasEnded = true
    })
    return poll
  }
  const locks = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const waitsForLock = async () => (await parts.sql(locks)).length > 0

  it('is held if the fan-out comes before the commit of the switch', async () => {
    await appendAll(parts, queue.workspaceId, [{}])
    let poll = idlePoll
    await parts.database.inTransaction(async (tx) => {
      await disable(tx)
      poll = fanOutOnce()
      await eventually(
        async () => poll.hasEnded || (await waitsForLock()),
        () => 'the fan-out neither waits nor ends',
      )
    })
    await poll.ended
    expect(await queue.statuses()).toEqual(['HELD'])
  })

  it('is held if an earlier fan-out held its lock while a failure was recorded', async () => {
    const failed = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    await appendAll(parts, queue.workspaceId, [{}])
    const earlier = fanOutOnce(
      interceptedAfter(parts.database, 'select_endpoints_of_workspaces', async () => {
        locked.resolve()
        await failed.promise
      }),
    )
    await locked.promise
    let poll = earlier
    await parts.database.inTransaction(async (tx) => {
      await fail(tx)
      failed.resolve()
      await earlier.ended
      await disable(tx)
      await appendAll(parts, queue.workspaceId, [{}])
      poll = fanOutOnce()
      await eventually(
        async () => poll.hasEnded || (await waitsForLock()),
        () => 'the fan-out neither waits nor ends',
      )
    })
    await poll.ended
    expect(await queue.statuses()).toEqual(['HELD', 'HELD'])
  })
})
