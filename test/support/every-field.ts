import { buildSchema, type GraphQLObjectType, getNamedType, isInterfaceType, isLeafType } from 'graphql'
import { schemaText } from '../../src/graphql/schema/schema-text.ts'

/** A query of one node by its id, with every field of its type that holds a value: new ones are in it by themselves. */
export const queriesOfNodes: ReadonlyMap<string, string> = new Map(
  nodeTypes().map((type) => [type.name, queryOf(type)]),
)

function nodeTypes(): readonly GraphQLObjectType[] {
  const schema = buildSchema(schemaText())
  const node = schema.getType('Node')
  if (!isInterfaceType(node)) throw new Error('There is no interface Node.')
  return schema.getPossibleTypes(node)
}

function queryOf(type: GraphQLObjectType): string {
  const leaves = Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)))
  const names = leaves.map(({ name }) => name).join(' ')
  return `query ($id: ID!) { node(id: $id) { ... on ${type.name} { ${names} } } }`
}
