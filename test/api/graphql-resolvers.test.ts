import { execute, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statement } from '../../src/database/database.ts'
import { eventCursor } from '../../src/events/cursor.ts'
import { readEventsAfter } from '../../src/events/log.ts'
import { contactEvents } from '../../src/graphql/contact-stream.ts'
import { eventsAfter } from '../../src/graphql/event-stream.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { eventually } from '../support/eventually.ts'
import { type GraphqlContext, startGraphqlContext } from '../support/graphql-context.ts'

const schema = buildSchema()
let graphql: GraphqlContext

beforeAll(async () => {
  graphql = await startGraphqlContext()
  await graphql.fill(10)
})

afterAll(() => graphql?.stop())

describe('a nested selection', () => {
  it.each([
    '{ contacts(first: $first) { nodes { submissions { nodes { id contact { id } } } } } }',
    '{ contacts(first: $first) { nodes { events { edges { cursor node { type contact { id } deliveries { nodes { id } } } } } } } }',
    '{ contacts(first: $first) { nodes { deliveries { nodes { id event { id } endpoint { id successRate24h p95LatencyMs24h } attempts { id } } } } } }',
    '{ deliveries(first: $first) { nodes { id event { contact { email } } endpoint { url } attempts { number } } } }',
    '{ events(first: $first) { nodes { contact { email submissions { nodes { fields } } } deliveries { nodes { status } } } } }',
    '{ submissions(first: $first) { nodes { contact { deliveries { nodes { id } } } } } }',
  ])('makes no statement per row: %s', async (selection) => {
    const query = `query ($first: Int) ${selection}`
    const few = await count(query, 2)
    expect(few).toBeGreaterThan(1)
    expect(await count(query, 10)).toBe(few)
  })

  it('of endpoints and of nodes, neither', async () => {
    const { data } = await run(
      '{ contacts { nodes { id } } webhookEndpoints { nodes { successRate24h deliveries { nodes { id } } } } }',
    )
    const ids = JSON.stringify(data).match(/cont_\w+/g) ?? []
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { events { nodes { id } } } } }'
    const before = graphql.statements
    await run(query, { ids: ids.slice(0, 2) })
    const few = graphql.statements - before
    await run(query, { ids })
    expect(graphql.statements - before - few).toBe(few)
  })
})

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

async function count(query: string, first: number): Promise<number> {
  const before = graphql.statements
  await run(query, { first })
  return graphql.statements - before
}

async function run(query: string, variableValues: Record<string, unknown> = {}) {
  const result = await execute({ schema, document: parse(query), variableValues, contextValue: { ...graphql.context } })
  expect(result.errors).toBeUndefined()
  return result
}
