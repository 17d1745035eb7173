import { describe, expect, it, onTestFinished } from 'vitest'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { eventually } from '../support/eventually.ts'
import { emptyQueue, eventIdsOf } from '../support/queue-parts.ts'
import { openParts } from '../support/test-parts.ts'

/** The embedded database has one connection: nothing comes between there. */
describe('the lane of a contact on postgresql', () => {
  it('moves on when an attempt is settled while a claim puts the next delivery aside', async () => {
    const parts = await openParts()
    onTestFinished(() => parts.close())
    const queue = await emptyQueue(parts)
    await queue.endpoint()
    const [, nextEventId] = await queue.owe(2, { contactId: 'cont_lane' })
    const [first] = await queue.claim(1)
    // As if the next one had been owed since: no claim has put it aside yet. now() itself may be rounded up by the column.
    await parts.sql(
      `update delivery set next_attempt_at = now() - interval '1 second', waits_in_lane = false where event_id = $1`,
      [nextEventId!],
    )

    let settling: Promise<unknown> = Promise.resolve()
    await parts.database.inTransaction(async (tx) => {
      await claimDeliveries(tx, { limit: 1, leaseMs: 60_000, owner: 'another' })
      settling = queue.settle(first!, 'SUCCEEDED')
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await eventually(
        async () => (await parts.sql(waiting)).length > 0,
        () => 'the settlement does not wait for the claim',
      )
    })
    await settling
    expect(eventIdsOf(await queue.claim())).toEqual([nextEventId])
  })
})
