import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { continueReplay } from '../../src/delivery/replay.ts'
import { eventually } from '../support/eventually.ts'
import { crashingAfter, interceptedAfter } from '../support/intercepted.ts'
import { openReplays, type TestReplays } from '../support/replay-parts.ts'
import { openOwn, openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { appendAll, endpointsOf, fanOutAll, viewerOf } from '../support/webhook-parts.ts'

describe('the steps of a replay', () => {
  let parts: TestParts
  let way: WayOut
  let replays: TestReplays

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    await parts.sql('delete from replay')
    way = await openWayOut(parts)
    replays = openReplays(parts, way)
  })

  const quiet = { url: 'http://127.0.0.1:9/' }
  /** All but so many of what is due. */
  const putOff = (waiting: number) =>
    parts.sql(
      `update delivery
       set next_attempt_at = now() + interval '1 day'
       where next_attempt_at <= now()
         and id not in (select id from delivery where next_attempt_at <= now() limit $1)`,
      [waiting],
    )

  it('go on after a crash where they were: nothing left out, nothing counted twice', async () => {
    const { id } = await way.endpointTo(quiet)
    const events = await replays.ended(450, 'FAILED')
    await replays.request(id)
    const progress: number[] = []
    for (const crash of ['replay_deliveries', 'move_replay', 'move_replay']) {
      await expect(continueReplay(crashingAfter(parts.database, crash))).rejects.toThrow('crashed')
      expect(await continueReplay(parts.database)).toBe(true)
      progress.push((await replays.rows())[0]!.enqueued)
      await putOff(0)
    }
    expect(progress).toEqual([200, 400, 450])
    expect(await replays.replayed()).toEqual(events)
    expect(await replays.rows()).toMatchObject([{ matched: 450, completed_at: expect.any(Date) }])
    expect(await continueReplay(parts.database)).toBe(false)
  })

  it('wait while 50 or more are due, so that what happens now is not behind all of the past', async () => {
    const { id } = await way.endpointTo(quiet)
    await replays.ended(450, 'FAILED')
    await replays.request(id)
    expect(await continueReplay(parts.database)).toBe(true)
    expect(await continueReplay(parts.database)).toBe(false)
    await putOff(50)
    expect(await continueReplay(parts.database)).toBe(false)
    await putOff(49)
    expect(await continueReplay(parts.database)).toBe(true)
  })

  it('follow the fan-out, and let the replays of others pass meanwhile', async () => {
    const other = await openWayOut(parts)
    const { id } = await way.endpointTo(quiet)
    const first = await appendAll(parts, way.workspaceId, [{}])
    await fanOutAll(parts)
    const second = await appendAll(parts, way.workspaceId, [{}])
    await parts.sql(`update event set created_at = now() - interval '1 minute' where workspace_id = $1`, [
      way.workspaceId,
    ])
    await replays.request(id, { status: ['FAILED', 'SUCCEEDED'], includeNeverSent: true })
    expect(await continueReplay(parts.database)).toBe(true)
    expect(await continueReplay(parts.database)).toBe(false)
    const replaysOfOther = openReplays(parts, other)
    const endpointOfOther = await other.endpointTo(quiet)
    await replaysOfOther.request(endpointOfOther.id, {}, other.workspaceId)
    expect(await continueReplay(parts.database)).toBe(true)
    expect(await replaysOfOther.rows()).toMatchObject([{ completed_at: expect.any(Date) }])
    expect(await replays.rows()).toMatchObject([{ completed_at: null }])
    await fanOutAll(parts)
    expect(await continueReplay(parts.database)).toBe(true)
    expect(await replays.rows()).toMatchObject([{ enqueued: 0, completed_at: expect.any(Date) }])
    const rows = (await way.deliveries()).map(({ event_id, trigger }) => [event_id, trigger])
    expect(rows).toEqual([...first, ...second].map((event) => [event, 'AUTOMATIC']))
  })

  it('let a lead of now pass', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to, { maxInFlight: 5 })
    await replays.ended(600, 'FAILED')
    await replays.request(id)
    way.start()
    await to.received(10)
    const contactId = await way.capture('now@example.com')
    await to.received(601, 50_000)
    const place = to.webhooks.findIndex(({ body }) => body.includes(contactId))
    expect(place).toBeGreaterThan(0)
    expect(place).toBeLessThan(450)
  })

  it('are done once by many workers', async () => {
    const { id } = await way.endpointTo(quiet)
    const events = await replays.ended(30, 'FAILED')
    await replays.request(id)
    const other = await openOwn(parts.own)
    await Promise.all([parts.database, other, parts.database, other].map((database) => continueReplay(database)))
    await other.close()
    expect(await replays.replayed()).toEqual(events)
    expect(await replays.rows()).toMatchObject([{ enqueued: 30 }])
  })

  it('leave nothing open for an endpoint that is deleted meanwhile', async () => {
    await appendAll(parts, way.workspaceId, [{}, {}])
    await fanOutAll(parts)
    await replays.spread()
    const { id } = await way.endpointTo(quiet)
    expect(await replays.request(id, { includeNeverSent: true })).toMatchObject({ matched: 2 })
    let removed: Promise<void> | undefined
    const deleting = interceptedAfter(parts.database, 'select_replay_events', async () => {
      removed = endpointsOf(parts).remove(viewerOf(way.workspaceId), id)
      await Promise.race([removed, somebodyWaits()])
    })
    await continueReplay(deleting)
    await removed
    await replays.finish()
    expect((await way.deliveries()).map(({ status }) => status)).toEqual(['CANCELED', 'CANCELED'])
  })

  const somebodyWaits = () =>
    eventually(
      async () => {
        const waiting = await parts.sql(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return waiting.length > 0
      },
      () => 'nobody waits for a lock',
    )
})
