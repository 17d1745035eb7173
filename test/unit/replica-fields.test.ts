import { getOperationAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { mayUseReplica, replicaFields } from '../../src/graphql/execution/replica-fields.ts'
import { buildSchema } from '../../src/graphql/schema/schema.ts'

const reads: readonly (readonly [document: string, isOnReplica: boolean])[] = [
  ['{ contacts { nodes { id } } }', true],
  ['{ all: contacts { totalCount { value } } homeStats(from: 1, to: 2) { __typename } }', true],
  ['query { ...Lists } fragment Lists on Query { ... on Query { submissions { nodes { id } } } }', true],
  ['{ contacts { nodes { id } } contact(by: { id: 1 }) { id } }', false],
  ['query { ...Both } fragment Both on Query { events { nodes { id } } node(id: 1) { id } }', false],
  ['{ node(id: 1) { id } }', false],
  ['{ serverStatus { version } }', false],
  ['mutation { contacts { id } }', false],
  ['subscription { events { id } }', false],
]

describe('the fields that a replica may serve', () => {
  it.for(reads)('%s: %s', ([text, isOnReplica]) => {
    const document = parse(text)
    expect(mayUseReplica(document, getOperationAST(document)!)).toBe(isOnReplica)
  })

  it('are fields of Query', () => {
    const known = Object.keys(buildSchema().getQueryType()!.getFields())
    expect(known).toEqual(expect.arrayContaining([...replicaFields]))
  })
})
