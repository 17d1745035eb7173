import {
  execute,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  parse,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema/schema.ts'
import { type GraphqlContext, startGraphqlContext } from '../support/graphql-context.ts'

const rows = 20
const depth = 3
const lists = ['contacts', 'submissions', 'events', 'webhookEndpoints', 'deliveries', 'auditLog', 'sources']

const schema = buildSchema()
let graphql: GraphqlContext

beforeAll(async () => {
  graphql = await startGraphqlContext()
  await graphql.fill(rows)
})

afterAll(() => graphql?.stop())

/** Fields from a list of the root downwards: `['contacts', 'deliveries', 'event']`. */
type Path = readonly string[]

describe('a nested selection makes no statement per row', () => {
  const paths = lists.flatMap((list) => pathsBelow([list], nodeOf(schema.getQueryType()?.getFields()[list])))

  it('on every way through the schema', () => {
    const names = paths.map((path) => path.join('.'))
    expect(names).toContain('contacts.deliveries.attempts')
    expect(names).toContain('contacts.events.deliveries')
    expect(names).toContain('webhookEndpoints.deliveries.event')
    expect(names).toContain('submissions.contact.events')
    expect(names).toContain('submissions.inboundSource.submissions')
    expect(names).toContain('sources.submissions.contact')
  })

  it.each(paths.map((path) => [path.join('.'), path] as const))('%s', async (_, path) => {
    const query = queryOf(path)
    const few = await count(query, { first: 2 })
    expect(few).toBeGreaterThan(0)
    expect(await count(query, { first: rows })).toBe(few)
  })

  it('of a search, whose rows are counted too', async () => {
    const query = `query ($first: Int) { contacts(first: $first, search: "person") {
      totalCount { value } nodes { submissions { nodes { id } } deliveries { nodes { event { id } } } } } }`
    expect(await count(query, { first: rows - 1 })).toBe(await count(query, { first: 2 }))
  })

  it('of contacts with their submissions, which are one statement', async () => {
    expect(await count('{ contacts { nodes { id submissions(first: 2) { nodes { id } } } } }', {})).toBe(1)
  })

  it('of nodes by their ids', async () => {
    const { data } = await run('{ contacts { nodes { id } } }', {})
    const ids = JSON.stringify(data).match(/cont_\w+/g) ?? []
    expect(ids).toHaveLength(rows)
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { events { nodes { id } } } } }'
    expect(await count(query, { ids })).toBe(await count(query, { ids: ids.slice(0, 2) }))
  })
})

function pathsBelow(path: Path, type: GraphQLObjectType | undefined): Path[] {
  if (type === undefined || path.length > depth) return [path]
  const relations = Object.values(type.getFields()).flatMap((field) => {
    const node = nodeOf(field)
    return node === undefined ? [] : pathsBelow([...path, field.name], node)
  })
  return [path, ...relations]
}

/** The type of node that a field leads to, itself or by a connection. */
function nodeOf(field: GraphQLField<unknown, unknown> | undefined): GraphQLObjectType | undefined {
  const type = field && getNamedType(field.type)
  if (!isObjectType(type)) return undefined
  if (type.name.endsWith('Connection')) return nodeOf(type.getFields()['nodes'])
  return type.getInterfaces().some(({ name }) => name === 'Node') ? type : undefined
}

/** Everything that the rows at the end of the path say of themselves. */
function queryOf([list = '', ...fields]: Path): string {
  return `query ($first: Int) { ${selectionOf(schema.getQueryType()!, [list, ...fields], '$first')} }`
}

function selectionOf(type: GraphQLObjectType, [name, ...below]: Path, size: string): string {
  if (name === undefined)
    return Object.values(type.getFields())
      .filter((field) => isLeafType(getNamedType(field.type)))
      .map((field) => field.name)
      .join(' ')
  const field = type.getFields()[name]!
  const selection = selectionOf(nodeOf(field)!, below, '2')
  const isList = getNamedType(field.type).name.endsWith('Connection')
  return isList ? `${name}(first: ${size}) { nodes { ${selection} } }` : `${name} { ${selection} }`
}

function count(query: string, variables: Record<string, unknown>): Promise<number> {
  return graphql.statementsOf(() => run(query, variables))
}

async function run(query: string, variableValues: Record<string, unknown>) {
  const result = await execute({ schema, document: parse(query), variableValues, contextValue: { ...graphql.context } })
  expect(result.errors).toBeUndefined()
  return result
}
