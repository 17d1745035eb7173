import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statement } from '../../src/database/database.ts'
import { eventCursor } from '../../src/events/cursor.ts'
import { readEventsAfter } from '../../src/events/log.ts'
import { contactEvents } from '../../src/graphql/contact-stream.ts'
import { eventsAfter } from '../../src/graphql/event-stream.ts'
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
    const streams = [contactEvents(context, { type: 'contact.created' }), await eventsAfter(context, null, null)]
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

  it('that resumes where retention has been is told of the gap, and goes on with the oldest that is kept', async () => {
    const { context } = graphql
    const { workspaceId } = context.viewer
    const events = await readEventsAfter(context.database, { position: 0, limit: 10, workspaceId })
    const cursors = events.map(({ position }) => eventCursor(workspaceId, position))
    await context.database.query(statement('prune', 'delete from event where position <= $1'), [
      events[3]?.position ?? 0,
    ])
    const stream = await eventsAfter(context, cursors[1], null)
    expect((await stream.next()).value).toEqual({ reason: expect.any(String), resumedAt: cursors[4] })
    expect((await stream.next()).value).toMatchObject({ id: events[4]?.id })
    const whole = await eventsAfter(context, cursors[4], null)
    expect((await whole.next()).value).toMatchObject({ id: events[5]?.id })
    await Promise.all([stream.return(undefined), whole.return(undefined)])
  })
})
