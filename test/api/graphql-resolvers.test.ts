import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statement } from '../../src/database/database.ts'
import { createEventPrune } from '../../src/delivery/event-retention.ts'
import { readEventsAfter } from '../../src/events/event-log.ts'
import type { LoggedEvent } from '../../src/events/event-types.ts'
import { contactEvents } from '../../src/graphql/types/contact/contact-stream.ts'
import { eventsAfter } from '../../src/graphql/types/event/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { type GraphqlContext, startGraphqlContext } from '../support/graphql-context.ts'

let graphql: GraphqlContext

beforeAll(async () => {
  graphql = await startGraphqlContext()
  await graphql.fill(10)
})

afterAll(() => graphql?.stop())

describe('a subscription', () => {
  it('that is left while nothing happens leaves nothing behind', async () => {
    const { context } = graphql
    const streams = [await contactEvents(context, { type: 'contact.created' }), await eventsAfter(context, null, null)]
    const waiting = streams.map((stream) => stream.next())
    await eventually(
      () => context.live.subscriberCount === 2,
      () => `${context.live.subscriberCount} subscribers`,
    )
    await Promise.all(streams.map((stream) => stream.return(undefined)))
    expect(await Promise.all(waiting)).toEqual(
      [{ done: true }, { done: true }].map((end) => ({ ...end, value: undefined })),
    )
    expect(context.live.subscriberCount).toBe(0)
  })

  describe('that resumes', () => {
    let events: LoggedEvent[]
    const firstsAfter = async (cursor: string, count: number) => {
      const stream = await eventsAfter(graphql.context, cursor, null)
      const firsts: unknown[] = []
      for (let nth = 0; nth < count; nth++) firsts.push((await stream.next()).value)
      await stream.return(undefined)
      return firsts
    }
    const cursorOf = (position: number) => graphql.context.cursors.ofEvent(graphql.context.viewer.workspaceId, position)
    const gap = { reason: expect.any(String), resumedAt: expect.any(String) }

    beforeAll(async () => {
      const { database, viewer } = graphql.context
      events = await readEventsAfter(database, { position: 0, limit: 10, workspaceId: viewer.workspaceId })
      await database.query(
        statement('close', `update delivery set status = 'SUCCEEDED', completed_at = created_at - interval '2 days'`),
      )
      const age = `update event set created_at = created_at - interval '2 days' where position <= $1`
      await database.query(statement('age', age), [events[3]!.position])
      await createEventPrune(database, 1)()
    })

    it('before what retention has taken is told of the gap, and goes on with the oldest that is kept', async () => {
      expect(await firstsAfter(cursorOf(events[1]!.position), 2)).toEqual([
        gap,
        expect.objectContaining({ id: events[4]!.id }),
      ])
    })

    it('after the last that is gone, or at the cursor of a gap, misses nothing and is told of none', async () => {
      const [told] = (await firstsAfter(cursorOf(events[1]!.position), 1)) as [{ resumedAt: string }]
      for (const cursor of [told.resumedAt, cursorOf(events[3]!.position)])
        expect(await firstsAfter(cursor, 1)).toEqual([expect.objectContaining({ id: events[4]!.id })])
    })

    it('beyond the end, as after a restore, is told of a gap and hears what comes', async () => {
      const beyond = cursorOf(events.at(-1)!.position + 1_000_000)
      const [told] = (await firstsAfter(beyond, 1)) as [{ resumedAt: string }]
      expect(told).toEqual(gap)
      expect(told.resumedAt).not.toBe(beyond)
    })
  })
})
