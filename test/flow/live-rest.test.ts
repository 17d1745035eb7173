import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { startDeliveryUpdates } from '../../src/delivery/updates.ts'
import { headPosition, readEventsAfter } from '../../src/events/event-log.ts'
import type { LoggedEvent } from '../../src/events/event-types.ts'
import { type LiveEvents, startLiveEvents } from '../../src/events/live-events.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { openParts, silentLog, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('live events, while nobody subscribes', () => {
  let parts: TestParts
  let live: LiveEvents
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
    live = startLiveEvents(parts.database, parts.signals, silentLog)
    onTestFinished(() => live.stop())
  })

  const capture = (count: number, of = workspaceId) =>
    parts
      .captureAll(Array.from({ length: count }, () => captureOf(of, { email: `${newId('contact')}@example.com` })))
      .then(valuesOf)
  const logged = (after = 0) => readEventsAfter(parts.database, { position: after, limit: 10_000, workspaceId })
  const attached = (count: number) =>
    eventually(
      () => live.subscriberCount === count,
      () => `${live.subscriberCount} of ${count} subscribers`,
    )

  function collect({ from = live }: { from?: LiveEvents } = {}) {
    const events: LoggedEvent[] = []
    const opened = from.subscribe({ workspaceId })
    const run = async () => {
      for await (const event of await opened) events.push(event)
    }
    const ended = run()
    const has = (count: number) =>
      eventually(
        () => events.length >= count,
        () => `${events.length} of ${count} events`,
      )
    return { events, opened, ended, has }
  }

  const countedBy = (asked: string[]): Database => ({
    ...parts.database,
    query: (asks, values) => {
      asked.push(asks.name)
      return parts.database.query(asks, values)
    },
  })
  /** The live reader over a database whose statements are counted by name. */
  function startCounted() {
    const asked: string[] = []
    const reader = startLiveEvents(countedBy(asked), parts.signals, silentLog)
    onTestFinished(() => reader.stop())
    return { asked, reader }
  }

  it('11.19: are read by nobody while nobody subscribes, before the first and after the last', async () => {
    const { asked, reader } = startCounted()
    const witness = collect()
    await attached(1)
    await capture(20)
    await witness.has(20)
    expect(asked).toEqual([])

    const only = collect({ from: reader })
    await eventually(
      () => reader.subscriberCount === 1,
      () => 'no subscriber',
    )
    await capture(1)
    await only.has(1)
    await (await only.opened).return(undefined)
    await only.ended
    // A reading that was under way may end; from then on there is none.
    await capture(1)
    await witness.has(22)
    const before = asked.length
    await capture(20)
    await witness.has(42)
    expect(asked.length).toBe(before)
    expect(only.events).toEqual((await logged()).slice(20, 21))
  })

  it('11.19: begin with what is committed once the subscription is there, however often the reader rests', async () => {
    const { reader } = startCounted()
    for (let round = 0; round < 40; round++) {
      const other = newId('workspace')
      const noise = capture(3, other)
      const opened = await reader.subscribe({ workspaceId })
      const [captured] = await Promise.all([capture(4), noise])
      const seen: string[] = []
      for (let nth = 0; nth < 4; nth++) {
        const { value } = await opened.next()
        seen.push((value as LoggedEvent).id)
      }
      await opened.return(undefined)
      expect(captured).toHaveLength(4)
      expect(seen).toEqual((await logged()).slice(-4).map(({ id }) => id))
    }
    expect(reader.subscriberCount).toBe(0)
  })

  it('11.19: have no gap and no repeat while others come and go, and the reader rests in between', async () => {
    const { reader } = startCounted()
    const start = await headPosition(parts.database)
    let isOver = false
    const writing = (async () => {
      for (let round = 0; round < 25; round++) await capture(6)
      isOver = true
    })()
    let after = start
    const seen: LoggedEvent[] = []
    const take = async (events: AsyncGenerator<LoggedEvent>, count: number) => {
      for (let nth = 0; nth < count && seen.length < 150; nth++) {
        const { value, done } = await events.next()
        if (done === true) break
        seen.push(value)
        after = value.position
      }
    }
    for (let turn = 0; seen.length < 150; turn++) {
      const opened = await reader.subscribe({ workspaceId, after })
      const passing = await reader.subscribe({ workspaceId: newId('workspace') })
      void passing.next()
      await take(opened, 1 + (turn % 7))
      await passing.return(undefined)
      await opened.return(undefined)
    }
    await writing
    expect(isOver).toBe(true)
    expect(seen).toEqual(await logged(start))
  })

  it('11.19: hold no reader for a subscription that is dropped before it is read', async () => {
    const { asked, reader } = startCounted()
    await reader.subscribe({ workspaceId })
    const left = await reader.subscribe({ workspaceId })
    await left.return(undefined)
    const before = asked.length
    const witness = collect()
    await attached(1)
    await capture(5)
    await witness.has(5)
    expect(asked.length).toBe(before)
  })

  it('11.19: nobody reads deliveries before the first subscriber', async () => {
    const asked: string[] = []
    const updates = startDeliveryUpdates(countedBy(asked), parts.signals, silentLog)
    onTestFinished(() => updates.stop())
    parts.signals.notify('attempts')
    const subscriber = updates.subscribe({ workspaceId })
    expect(asked).toEqual([])
    await parts.sql(insertDeliveries, [workspaceId, [newId('delivery')]])
    parts.signals.notify('attempts')
    await eventually(
      () => asked.length > 0,
      () => 'no reading',
    )
    await subscriber.return(undefined)
  })
})

const insertDeliveries = `
  insert into delivery (workspace_id, id, endpoint_id, event_id, event_position)
  select $1, id, 'wh_1', 'evt_' || id, 1 from unnest($2::text[]) id`
