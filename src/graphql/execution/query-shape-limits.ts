import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { refusal } from './errors.ts'

interface Shape {
  depth: number
  aliases: number
  directives: number
  rootFields: number
}

// The usual introspection query is about 15 levels deep.
const shapeLimits: Shape = { depth: 16, aliases: 15, directives: 20, rootFields: 20 }
const limitNames: Record<keyof Shape, string> = {
  depth: 'levels',
  aliases: 'aliases',
  directives: 'directives',
  rootFields: 'root fields',
}
const emptyShape: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0 }

/**
 * Returns the errors for too many levels, aliases, directives or root fields in an operation. Runs before validation,
 * which is more expensive.
 */
export function queryLimitErrors(document: DocumentNode): readonly GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap((operation) => errorsOf(measure(fragments, operation)))
}

function errorsOf(shape: Shape): GraphQLError[] {
  return parseNames(Object.keys(shapeLimits))
    .filter((name) => shape[name] > shapeLimits[name])
    .map((name) => refusal('COST_EXCEEDED', `An operation may have at most ${shapeLimits[name]} ${limitNames[name]}.`))
}

function parseNames(names: readonly string[]): readonly (keyof Shape)[] {
  return names as (keyof Shape)[]
}

/** Measures an operation. A fragment counts at each spread, but is measured once. */
function measure(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  { selectionSet, directives = [] }: OperationDefinitionNode,
): Shape {
  const measured = new Map<string, Shape>()
  const ancestors = new Set<string>()

  const ofSelections = ({ selections }: SelectionSetNode): Shape => {
    const total: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0 }
    for (const selection of selections) {
      const inner = ofSelection(selection)
      total.depth = Math.max(total.depth, inner.depth)
      total.aliases += inner.aliases
      total.directives += inner.directives + (selection.directives?.length ?? 0)
      total.rootFields += inner.rootFields
    }
    return total
  }

  const ofSelection = (selection: SelectionSetNode['selections'][number]): Shape => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSelections(selection.selectionSet)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(fragments.get(selection.name.value))
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : emptyShape
    return { ...inner, depth: inner.depth + 1, aliases: inner.aliases + (selection.alias ? 1 : 0), rootFields: 1 }
  }

  /** Measures a fragment. Another rule refuses a fragment that spreads itself. */
  const ofFragment = (fragment: FragmentDefinitionNode | undefined): Shape => {
    if (fragment === undefined || ancestors.has(fragment.name.value)) return emptyShape
    const { value: name } = fragment.name
    ancestors.add(name)
    const shape = measured.get(name) ?? ofSelections(fragment.selectionSet)
    ancestors.delete(name)
    measured.set(name, shape)
    return shape
  }

  const shape = ofSelections(selectionSet)
  return { ...shape, directives: shape.directives + directives.length }
}
