import { buildSchema, type ExecutionResult, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/graphql/execution/context.ts'
import { subscribeShared } from '../../src/graphql/execution/shared-execution.ts'

interface Item {
  readonly name: string
}

interface Subscriber {
  readonly query?: string
  readonly variables?: Record<string, unknown>
  readonly workspaceId?: string
  readonly scopes?: readonly string[]
  readonly baseUrl?: string
}

const schema = buildSchema(`
  type Query { none: String }
  type Event { name(style: String): String! }
  type Subscription { events(after: String, type: String): Event! }
`)
const usual = 'subscription ($after: String, $style: String) { events(after: $after) { name(style: $style) } }'

describe('subscriptions', () => {
  it('with the same operation, variables and rights are executed once for an item', async () => {
    const { executions, results } = await tell([{}, {}, {}])
    expect(executions).toBe(1)
    expect(results.map((result) => result === results[0])).toEqual([true, true, true])
  })

  it('share with those that began elsewhere', async () => {
    expect((await tell([{}, { variables: { after: 'a' } }, { variables: { after: 'b' } }])).executions).toBe(1)
    const literal = usual.replace('$after)', '"c")').replace('$after: String, ', '')
    expect((await tell([{ query: literal }, { query: literal.replace('"c"', '"d"') }])).executions).toBe(1)
  })

  it.each<[string, Subscriber]>([
    ['of another workspace', { workspaceId: 'ws_2' }],
    ['with other scopes', { scopes: ['EVENTS_READ'] }],
    ['with more scopes', { scopes: ['EVENTS_READ', 'PII_READ', 'ADMIN'] }],
    ['from another address of the server', { baseUrl: 'http://elsewhere' }],
    ['with another operation', { query: usual.replace('{ name', '{ other: name') }],
    ['with another argument', { query: usual.replace('after: $after', 'after: $after, type: "a"') }],
    ['with other variables', { variables: { style: 'loud' } }],
    ['with another default', { query: usual.replace('$style: String', '$style: String = "loud"') }],
    [
      'that begin elsewhere and ask for what depends on it',
      { query: usual.replace('$style)', '$after)'), variables: { after: 'a' } },
    ],
  ])('%s share nothing', async (_what, other) => {
    const usualSubscriber = other.variables?.['after'] === 'a' ? { ...other, variables: { after: 'b' } } : {}
    const { executions, results } = await tell([usualSubscriber, other])
    expect(executions).toBe(2)
    expect(results[0]).not.toBe(results[1])
  })
})

/** Subscribes all, tells each of the same item, and answers what they were told and how often it was made. */
async function tell(subscribers: readonly Subscriber[]) {
  let executions = 0
  const item: Item = { name: 'Jane' }
  const name = () => {
    executions++
    return item.name
  }
  const streams = await Promise.all(subscribers.map((subscriber) => subscribe(subscriber, { item, name })))
  const results = await Promise.all(streams.map(async (stream) => (await stream.next()).value))
  return { executions, results }
}

async function subscribe(
  {
    query = usual,
    variables = {},
    workspaceId = 'ws_1',
    scopes = ['EVENTS_READ', 'PII_READ'],
    baseUrl = 'http://here',
  }: Subscriber,
  { item, name }: { item: Item; name: () => string },
): Promise<AsyncGenerator<ExecutionResult>> {
  const contextValue = { viewer: { workspaceId, scopes: new Set(scopes) }, baseUrl } as unknown as Context
  async function* events() {
    yield items.get(item) ?? keep(item, { events: { name } })
  }
  const args = { schema, document: parse(query), variableValues: variables, contextValue, rootValue: { events } }
  const stream = await subscribeShared(args, contextValue)
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream))
  return stream
}

/** One object for all who are told of the item, as sources have it. */
const items = new WeakMap<Item, object>()

function keep(item: Item, told: object): object {
  items.set(item, told)
  return told
}
