import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stepEndpointSwitch, switchStep } from '../../src/delivery/endpoint-switch.ts'
import { insertEvents } from '../support/filled.ts'
import { interceptedAfter } from '../support/intercepted.ts'
import { emptyQueue, type TestQueue } from '../support/queue-parts.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { endpointsOf, fanOutAll, names, newEndpoint, viewerOf } from '../support/webhook-parts.ts'

const many = 2 * switchStep + 500

describe('11.1: an endpoint with many open deliveries', () => {
  let parts: TestParts
  let queue: TestQueue
  let id: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
    await parts.sql('delete from endpoint_switch')
    id = (await newEndpoint(parts, queue.workspaceId)).id
    await insertEvents(parts.sql, queue.workspaceId, many)
    await fanOutAll(parts)
  })

  const counts = async () => {
    const rows = await parts.sql<{ status: string; count: number }>(
      'select status, count(*)::int as count from delivery group by status order by status',
    )
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  }
  const setEnabled = (enabled: boolean) =>
    endpointsOf(parts).update(viewerOf(queue.workspaceId), id, { enabled }, names)
  const follow = async () => {
    let steps = 0
    while (await stepEndpointSwitch(parts.database)) steps++
    return steps
  }

  it('gets nothing from the moment that it is disabled, and its deliveries are held step by step', async () => {
    await setEnabled(false)
    expect(await counts()).toEqual({ HELD: switchStep, PENDING: many - switchStep })
    expect(await queue.claim()).toEqual([])
    expect(await follow()).toBe(2)
    expect(await counts()).toEqual({ HELD: many })
    expect(await follow()).toBe(0)
  })

  it('gets them when it is enabled, the oldest first, whether all are held by then or not', async () => {
    await setEnabled(false)
    await stepEndpointSwitch(parts.database)
    await setEnabled(true)
    await follow()
    expect(await counts()).toEqual({ PENDING: many })
    const positions = (
      await parts.sql<{ position: number }>('select position from event where workspace_id = $1 order by position', [
        queue.workspaceId,
      ])
    ).map(({ position }) => position)
    await setEnabled(false)
    await follow()
    await setEnabled(true)
    const released = await parts.sql<{ event_position: number }>(
      `select event_position from delivery where status = 'PENDING' order by event_position`,
    )
    expect(released.map((row) => row.event_position)).toEqual(positions.slice(0, switchStep))
    await follow()
    expect(await counts()).toEqual({ PENDING: many })
  })

  it('that is deleted leaves what is open canceled, and what is in flight at once', async () => {
    const claimed = await queue.claim(10)
    await endpointsOf(parts).remove(viewerOf(queue.workspaceId), id)
    expect(await queue.claim()).toEqual([])
    expect((await queue.settle(claimed[0]!, 'SUCCEEDED')).ids.size).toBe(0)
    await follow()
    expect(await counts()).toEqual({ CANCELED: many })
  })

  it('has its deliveries follow after a crash between two steps', async () => {
    await setEnabled(false)
    const crashing = interceptedAfter(parts.database, 'hold_deliveries', () => Promise.reject(new Error('crashed')))
    await expect(stepEndpointSwitch(crashing)).rejects.toThrow('crashed')
    expect(await counts()).toEqual({ HELD: switchStep, PENDING: many - switchStep })
    await follow()
    expect(await counts()).toEqual({ HELD: many })
  })
})
