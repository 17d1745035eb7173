import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { SlowSubscriberError } from '../../src/events/bounded-buffer.ts'
import { appendEvents, headPosition, readEventsAfter } from '../../src/events/event-log.ts'
import type { EventDraft, LoggedEvent } from '../../src/events/event-types.ts'
import { type LiveEvents, startLiveEvents } from '../../src/events/live-events.ts'
import { startSignals } from '../../src/events/signals.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { openOwn, openParts, silentLog, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('live events', () => {
  let parts: TestParts
  let live: LiveEvents
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    workspaceId = newId('workspace')
    live = startLiveEvents(parts.database, parts.signals, silentLog)
    onTestFinished(() => live.stop())
  })

  const capture = (count: number, of = workspaceId) =>
    parts
      .captureAll(Array.from({ length: count }, () => captureOf(of, { email: `${newId('contact')}@example.com` })))
      .then(valuesOf)
  const append = async (count: number, data: Record<string, unknown> = {}) => {
    const drafts = Array.from({ length: count }, (): EventDraft => {
      const event = { id: newId('event'), type: 'contact.created' as const, contactId: null, occurredAt: new Date() }
      return { workspaceId, ...event, data }
    })
    await parts.database.inTransaction((tx) => appendEvents(tx, drafts))
    parts.signals.notify('events')
  }
  const logged = (after = 0) => readEventsAfter(parts.database, { position: after, limit: 10_000, workspaceId })

  /** Reads all that comes, and says how it ended. */
  function collect(request: { after?: number; of?: string; from?: LiveEvents } = {}) {
    const { of = workspaceId, after, from = live } = request
    const events: LoggedEvent[] = []
    const opened = from.subscribe(after === undefined ? { workspaceId: of } : { workspaceId: of, after })
    const run = async () => {
      for await (const event of await opened) events.push(event)
      return 'ended'
    }
    const ended = run().catch((error: unknown) => error)
    const has = (count: number) =>
      eventually(
        () => events.length >= count,
        () => `${events.length} of ${count} events`,
      )
    return { events, opened, ended, has }
  }

  const attached = (count: number) =>
    eventually(
      () => live.subscriberCount === count,
      () => `${live.subscriberCount} of ${count} subscribers`,
    )

  it('come to every subscriber of the workspace, in the order of the log', async () => {
    const [one, two] = [collect(), collect()]
    await attached(2)
    await capture(30)
    await Promise.all([one.has(30), two.has(30)])
    expect(one.events).toEqual(await logged())
    expect(two.events).toEqual(one.events)
  })

  it('never come to another workspace', async () => {
    const other = newId('workspace')
    const [mine, theirs] = [collect(), collect({ of: other })]
    await attached(2)
    await capture(10, other)
    await capture(5)
    await Promise.all([mine.has(5), theirs.has(10)])
    expect(mine.events.every((event) => event.workspaceId === workspaceId)).toBe(true)
    expect(theirs.events.every((event) => event.workspaceId === other)).toBe(true)
  })

  it('begin now without a cursor, and with one after it', async () => {
    await capture(10)
    const [third] = (await logged()).slice(2)
    const missed = collect({ after: third!.position })
    await missed.has(7)
    const fresh = collect()
    await attached(2)
    await capture(1)
    await Promise.all([missed.has(8), fresh.has(1)])
    expect(missed.events).toEqual(await logged(third!.position))
    expect(fresh.events).toEqual((await logged()).slice(-1))
  })

  it('have a cursor’s other workspace neither in the log’s part', async () => {
    const other = newId('workspace')
    const start = await headPosition(parts.database)
    await capture(3, other)
    await capture(2)
    const mine = collect({ after: start })
    await mine.has(2)
    expect(mine.events).toEqual(await logged())
  })

  it('have no gap and no repeat at the seam, whenever a subscriber comes', async () => {
    const start = await headPosition(parts.database)
    const subscribers: ReturnType<typeof collect>[] = []
    for (let round = 0; round < 20; round++) {
      const writing = capture(15)
      subscribers.push(collect({ after: start }))
      await writing
      subscribers.push(collect({ after: start }))
    }
    await Promise.all(subscribers.map(({ has }) => has(300)))
    const all = await logged()
    expect(all).toHaveLength(300)
    for (const { events } of subscribers) expect(events).toEqual(all)
  })

  it('go on from a cursor further back than one page of the log', async () => {
    const early = collect()
    await attached(1)
    await append(1200)
    await early.has(1200)
    const late = collect({ after: 0 })
    await late.has(1200)
    await append(1)
    await late.has(1201)
    expect(late.events).toEqual(await logged())
  })

  it('wait at a cursor that this process has not come to yet, and repeat nothing of it', async () => {
    await capture(3)
    const head = (await logged()).at(-1)!.position
    const ahead = collect({ after: head })
    await attached(1)
    await capture(1)
    await ahead.has(1)
    expect(ahead.events).toEqual(await logged(head))
  })

  it('all reach a subscriber that keeps up, however many come at once', async () => {
    const quick = collect()
    await attached(1)
    await append(1500)
    await quick.has(1500)
    expect(quick.events).toEqual(await logged())
  })

  it('end with SlowSubscriberError for one that does not read, and for no other', async () => {
    const slow = await live.subscribe({ workspaceId })
    const first = slow.next()
    const quick = collect()
    await attached(2)
    await append(1)
    await first
    await append(400)
    await quick.has(401)
    await expect(slow.next()).rejects.toThrow(SlowSubscriberError)
    await attached(1)
    await append(1)
    await quick.has(402)
    expect(quick.events).toEqual(await logged())
  })

  it('end with SlowSubscriberError for one whose unread events grow too large', async () => {
    const slow = await live.subscribe({ workspaceId })
    const first = slow.next()
    const quick = collect()
    await attached(2)
    await append(1)
    await first
    for (let round = 0; round < 22; round++) await append(1, { note: 'x'.repeat(50_000) })
    // One that begins to read before all of them have come makes room for the others.
    await quick.has(23)
    const overflown = async () => {
      for await (const _ of slow);
    }
    await expect(overflown()).rejects.toThrow(SlowSubscriberError)
  })

  it('forget at once a subscriber that goes away while it waits', async () => {
    const waiting = collect()
    await attached(1)
    await (await waiting.opened).return(undefined)
    expect(live.subscriberCount).toBe(0)
    expect(await waiting.ended).toBe('ended')
  })

  it('forget a subscriber that goes away while it reads the log', async () => {
    await capture(5)
    const leaving = await live.subscribe({ workspaceId, after: 0 })
    await leaving.next()
    await leaving.return(undefined)
    expect(live.subscriberCount).toBe(0)
    expect(await leaving.next()).toEqual({ done: true, value: undefined })
  })

  it('end for everybody when they are stopped, also for who comes late', async () => {
    const waiting = [collect(), collect(), collect({ of: newId('workspace') })]
    await attached(3)
    await live.stop()
    expect(await Promise.all(waiting.map(({ ended }) => ended))).toEqual(['ended', 'ended', 'ended'])
    expect(await collect({ after: 0 }).ended).toBe('ended')
    expect(live.subscriberCount).toBe(0)
  })

  it('come again after the database was away for a moment', async () => {
    let failing = true
    const shaky = {
      ...parts.database,
      query: (...given: Parameters<typeof parts.database.query>) =>
        failing && given[0].name === 'select_events_after'
          ? Promise.reject(new Error('away'))
          : parts.database.query(...given),
    } as typeof parts.database
    const resilient = startLiveEvents(shaky, parts.signals, silentLog)
    onTestFinished(() => resilient.stop())
    const patient = collect({ from: resilient })
    await eventually(
      () => resilient.subscriberCount === 1,
      () => 'no subscriber',
    )
    await capture(3)
    failing = false
    await patient.has(3)
    expect(patient.events).toEqual(await logged())
  })

  it.each([3, 0])('continue after a failover that lost the last of them, with %i kept', async (keptCount) => {
    await append(1)
    const proxy = await startDatabaseProxy(parts.own.environment.DATABASE_URL)
    onTestFinished(() => proxy.stop())
    const database = connectPostgresql(proxy.url, silentLog)
    onTestFinished(() => database.close())
    const from = startLiveEvents(database, parts.signals, silentLog)
    onTestFinished(() => from.stop())
    const reader = collect({ from })
    await eventually(
      () => from.subscriberCount === 1,
      () => 'no subscriber',
    )
    await append(keptCount)
    await reader.has(keptCount)
    const end = await headPosition(parts.database)
    await append(5)
    await reader.has(keptCount + 5)

    const { connectionCount } = proxy
    proxy.cut()
    parts.signals.notify('events')
    await eventually(
      () => proxy.connectionCount > connectionCount,
      () => 'the reader has not noticed',
    )
    await parts.sql('delete from event where position > $1', [end])
    await parts.sql(`select setval(pg_get_serial_sequence('event', 'position'), $1)`, [end])
    await append(4)
    proxy.restore()
    await reader.has(keptCount + 5 + 4)
    expect(reader.events.slice(keptCount + 5)).toEqual(await logged(end))
  })

  it('come to another node by NOTIFY, long before it would look by itself', async () => {
    const database = await openOwn(parts.own)
    const signals = await startSignals(database, silentLog)
    let wakes = 0
    signals.subscribe('events', () => {
      wakes += 1
    })
    const before = wakes
    await capture(1)
    await eventually(
      () => wakes > before,
      () => `${wakes} wakes`,
      900,
    )

    const writer = createCaptureWriter(database, signals)
    const here = collect()
    await attached(1)
    await writer.add(captureOf(workspaceId, { email: 'other-node@example.com' }))
    await here.has(1)
    expect(here.events).toEqual((await logged()).slice(-1))
    await signals.stop()
    await database.close()
  })
})
