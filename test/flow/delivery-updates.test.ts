import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startDeliveryUpdates } from '../../src/delivery/updates.ts'
import { SlowSubscriberError } from '../../src/events/bounded-buffer.ts'
import { newId } from '../../src/platform/ids.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'
import { appendAll, fanOutAll, newEndpoint } from '../support/webhook-parts.ts'

describe('11.1: live updates of deliveries', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  it('tell of each delivery once, in order, when more come about at once than one statement reads', async () => {
    const workspaceId = newId('workspace')
    await newEndpoint(parts, workspaceId)
    const pages: number[] = []
    const database: typeof parts.database = {
      ...parts.database,
      query: async (statement, values) => {
        const rows = await parts.database.query<never>(statement, values)
        pages.push(rows.length)
        return rows
      },
    }
    const updates = startDeliveryUpdates(database, parts.signals, silentLog)
    onTestFinished(() => updates.stop())
    const told = updates.subscribe({ workspaceId })
    const seen: string[] = []
    const reading = (async () => {
      for await (const { deliveryId } of told) {
        seen.push(deliveryId)
        if (seen.length === count) return
      }
    })()
    for (let nth = 0; nth < count; nth += 250)
      await appendAll(
        parts,
        workspaceId,
        Array.from({ length: 250 }, () => ({})),
      )
    await fanOutAll(parts)
    parts.signals.notify('deliveries')
    await reading
    const rows = await parts.sql<{ id: string }>('select id from delivery where workspace_id = $1 order by id', [
      workspaceId,
    ])
    expect(seen).toEqual(rows.map(({ id }) => id))
    expect(Math.max(...pages)).toBe(100)
  })

  it('end with SlowSubscriberError for one that does not read, delay no other, and are read for it no more', async () => {
    const workspaceId = newId('workspace')
    let readings = 0
    const database: typeof parts.database = {
      ...parts.database,
      query: (statement, values) => {
        readings += 1
        return parts.database.query(statement, values)
      },
    }
    const updates = startDeliveryUpdates(database, parts.signals, silentLog)
    onTestFinished(() => updates.stop())
    const slow = updates.subscribe({ workspaceId })
    const quick = updates.subscribe({ workspaceId })
    const ids = Array.from({ length: 600 }, () => newId('delivery'))
    await parts.sql(insertDeliveries, [workspaceId, ids])
    parts.signals.notify('deliveries')
    const seen: string[] = []
    for await (const { deliveryId } of quick) {
      seen.push(deliveryId)
      if (seen.length === ids.length) break
    }
    expect(seen).toEqual([...ids].sort())

    // What another reads meanwhile, this one would have read, too; one reading may have been under way.
    const before = readings
    const others = startDeliveryUpdates(parts.database, parts.signals, silentLog)
    onTestFinished(() => others.stop())
    const witness = others.subscribe({ workspaceId })
    for (let round = 0; round < 10; round++) {
      await parts.sql(insertDeliveries, [workspaceId, [newId('delivery')]])
      parts.signals.notify('deliveries')
      await witness.next()
    }
    expect(readings - before).toBeLessThanOrEqual(1)
    await expect(slow.next()).rejects.toThrow(SlowSubscriberError)
  })

  /** More than a page, and more than a subscriber may be behind. */
  const count = 1500
})

const insertDeliveries = `
  insert into delivery (workspace_id, id, endpoint_id, event_id, event_position)
  select $1, id, 'wh_1', 'evt_' || id, 1 from unnest($2::text[]) id`
