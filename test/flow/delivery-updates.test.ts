import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startDeliveryUpdates } from '../../src/delivery/updates.ts'
import { newId } from '../../src/ids.ts'
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
    const updates = startDeliveryUpdates(database, parts.wake, silentLog)
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
    parts.wake.wake('deliveries')
    await reading
    const rows = await parts.sql<{ id: string }>('select id from delivery where workspace_id = $1 order by id', [
      workspaceId,
    ])
    expect(seen).toEqual(rows.map(({ id }) => id))
    expect(Math.max(...pages)).toBe(100)
  })

  /** More than a page, and more than a subscriber may be behind. */
  const count = 1500
})
