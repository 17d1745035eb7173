import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from 'graphql'

/** Returns a module with the text of every operation by name, each with the fragments that it uses. */
export function documentsModule(source: string): string {
  const { definitions } = parse(source)
  const fragments = new Map(definitions.filter(isFragment).map((each) => [each.name.value, each]))
  const texts = definitions.filter(isOperation).map((operation) => {
    const parts = [operation, ...fragmentsOf(operation, fragments)]
    return [operation.name?.value ?? '', stripIgnoredCharacters(parts.map(print).join('\n'))]
  })
  return `export const documents = ${JSON.stringify(Object.fromEntries(texts), null, 1)}\n`
}

/** Returns the fragments that a definition spreads, directly and through other fragments. */
function fragmentsOf(
  definition: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(definition, {
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value)
      if (fragment === undefined) throw new Error(`There is no fragment ${name.value}.`)
      if (found.has(fragment)) return
      found.add(fragment)
      fragmentsOf(fragment, fragments, found)
    },
  })
  return found
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}
