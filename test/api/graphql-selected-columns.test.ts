import { readFileSync } from 'node:fs'
import { buildSchema, GraphQLObjectType, type GraphQLSchema, getNamedType, isCompositeType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const schema: GraphQLSchema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const orders = ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL']

/** Selections of every field of a type, with one field below each that is an object. */
function selectionsOf(typeName: string): string[] {
  const type = schema.getType(typeName)
  if (!(type instanceof GraphQLObjectType)) throw new Error(`${typeName} is no object type.`)
  return Object.values(type.getFields()).map((field) => {
    const named = getNamedType(field.type)
    if (!isCompositeType(named)) return field.name
    return named.name.endsWith('Connection') ? `${field.name} { nodes { __typename } }` : `${field.name} { __typename }`
  })
}

describe('a list of contacts with one selected field', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    const api = createApiClient(app)
    const lead = { first_name: 'Ada', last_name: 'Lovelace', source: 'organic', metadata: { utm_source: 'news' } }
    for (const email of ['ada@example.com', 'bea@example.com']) {
      await api.capture({ email, ...lead })
      await api.capture({ email, ...lead, plan: 'pro' })
    }
  })
  afterAll(() => app?.stop())

  const read = async (query: string) => {
    const { data, text } = await graphql(query)
    if (!data) throw new Error(`${query}: ${text}`)
    return data as { contacts: { nodes: Row[]; edges: { node: Row }[] } }
  }
  type Row = Record<string, unknown>
  const whole = (typeName: string) => selectionsOf(typeName).join(' ')

  it.each(selectionsOf('Contact'))('has the same value as with all of them: %s', async (selection) => {
    const name = selection.split(' ')[0] ?? ''
    const { contacts } = await read(`{ contacts { nodes { ${whole('Contact')} } } }`)
    const expected = contacts.nodes.map((row) => row[name])
    for (const order of orders) {
      const orderBy = `(orderBy: { field: ${order}, direction: DESC })`
      const alone = await read(`{ contacts${orderBy} { nodes { ${selection} } } }`)
      const inEdges = await read(
        `{ contacts${orderBy} { edges { cursor ... { node { ...F } } } } } fragment F on Contact { ${selection} }`,
      )
      expect(new Set(alone.contacts.nodes.map((row) => JSON.stringify(row[name])))).toEqual(
        new Set(expected.map((value) => JSON.stringify(value))),
      )
      expect(inEdges.contacts.edges.map(({ node }) => node)).toEqual(alone.contacts.nodes)
    }
  })

  it.each(selectionsOf('Submission'))('has the same submissions as with all fields of them: %s', async (selection) => {
    const name = selection.split(' ')[0] ?? ''
    const submissionsOf = async (selected: string) => {
      const { contacts } = await read(`{ contacts { nodes { submissions { nodes { ${selected} } } } } }`)
      return contacts.nodes.flatMap((row) => (row['submissions'] as { nodes: Row[] }).nodes.map((each) => each[name]))
    }
    expect(await submissionsOf(selection)).toEqual(await submissionsOf(whole('Submission')))
  })

  it('pages by the cursors of each order', async () => {
    for (const order of orders) {
      const page = (after: string) =>
        read(`{ contacts(first: 1${after}, orderBy: { field: ${order} }) { edges { cursor node { stage id } } } }`)
      const first = (await page('')).contacts.edges[0] as { node: Row; cursor?: string }
      const second = (await page(`, after: "${first.cursor}"`)).contacts.edges[0]
      expect(second?.node['id']).not.toBe(first.node['id'])
    }
  })
})
