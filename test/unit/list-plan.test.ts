import { getOperationAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { planOf } from '../../src/graphql/execution/lists/list-plan.ts'
import { buildSchema } from '../../src/graphql/schema/schema.ts'

const schema = buildSchema()

function hasPlan(query: string): boolean {
  const document = parse(query)
  const operation = getOperationAST(document)
  return operation != null && planOf(schema, document, operation) !== undefined
}

describe('a query is planned', () => {
  it.each([
    '{ contacts { nodes { id email submissions(first: 2) { nodes { id receivedAt } } } } }',
    '{ contacts { __typename totalCount { value } edges { cursor node { ...C } } } } fragment C on Contact { id stage }',
    'query ($first: Int) { people: contacts(first: $first) { pageInfo { endCursor } nodes { key: id } } }',
  ])('%s', (query) => expect(hasPlan(query)).toBe(true))
})

describe('a query is left to the executor', () => {
  it.each([
    ['with a directive', '{ contacts { nodes { id @include(if: true) } } }'],
    ['with a second list', '{ contacts { nodes { id } } events { nodes { id } } }'],
    ['for a list that loads other rows', '{ contacts { nodes { deliveries { nodes { id } } } } }'],
    ['for a relation', '{ contacts { nodes { submissions { nodes { contact { id } } } } } }'],
    ['for an interface', '{ contacts { nodes { ... on Node { id } } } }'],
    ['for another field', '{ viewer { __typename } }'],
    ['for a mutation', 'mutation { sendTestLead { __typename } }'],
  ])('%s', (_, query) => expect(hasPlan(query)).toBe(false))
})
