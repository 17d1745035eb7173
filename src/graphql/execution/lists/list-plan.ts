import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type InlineFragmentNode,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import { Scope } from '../../../generated/prisma/enums.ts'

/** Lists that are planned: with everything below them, they read only their rows and other planned lists. */
const plannedLists: ReadonlySet<string> = new Set(['contacts'])
/** Types whose fields read nothing but the object that they are fields of, or a nested list. */
const plannedTypes: ReadonlySet<string> = new Set([
  ...['Contact', 'ContactConnection', 'ContactEdge', 'Submission', 'SubmissionConnection', 'SubmissionEdge'],
  ...['Attribution', 'Count', 'FieldChange', 'PageInfo'],
])

type Resolver = GraphQLFieldResolver<unknown, unknown>

/** A query of one list whose selection is prepared once per document. */
export interface ListPlan {
  readonly list: FieldPlan
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** Scopes that the selected types and fields require. */
  readonly scopes: ReadonlySet<Scope>
}

export interface FieldPlan {
  /** Name in the response. */
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly parentType: GraphQLObjectType
  /** Path in the response, without the indexes of lists. */
  readonly path: GraphQLResolveInfo['path']
  readonly field: GraphQLField<unknown, unknown>
  readonly resolve: Resolver
  readonly shape: Shape
}

/** The shape of a value, by which it is completed. An object begins as a copy of `empty`, in the order of the fields. */
export type Shape =
  | { readonly kind: 'leaf'; readonly serialize: (value: unknown) => unknown }
  | { readonly kind: 'object'; readonly fields: readonly FieldPlan[]; readonly empty: Readonly<Record<string, null>> }
  | { readonly kind: 'list'; readonly inner: Shape }
  | { readonly kind: 'required'; readonly inner: Shape }

const plans = new WeakMap<OperationDefinitionNode, ListPlan | 'none'>()

/** Returns the plan of an operation; undefined if it is not a plain query of one list. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ListPlan | undefined {
  const known = plans.get(operation) ?? createPlan(schema, document, operation) ?? 'none'
  plans.set(operation, known)
  return known === 'none' ? undefined : known
}

function createPlan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const parentType = schema.getQueryType()
  const isQuery = operation.operation === OperationTypeNode.QUERY && !operation.directives?.length
  if (parentType == null || !isQuery) return undefined
  const definitions = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
  const fragments = Object.fromEntries(definitions.map((each) => [each.name.value, each]))
  const [selected, ...others] = nodesByKey(parentType, [operation.selectionSet], fragments) ?? []
  const [key, nodes] = selected ?? ['', []]
  const field = parentType.getFields()[nodes[0]?.name.value ?? '']
  if (field?.resolve === undefined || others.length > 0 || !plannedLists.has(field.name)) return undefined
  const path = { prev: undefined, key, typename: parentType.name }
  const planning = { fragments, scopes: new Set<Scope>() }
  const shape = shapeOf(field.type, nodes, path, planning)
  const list = shape && { key, nodes, parentType, path, field, resolve: field.resolve, shape }
  return list && { list, operation, ...planning }
}

type Fragments = ListPlan['fragments']
type Path = FieldPlan['path']

interface Planning {
  readonly fragments: Fragments
  /** Scopes that were found so far. */
  readonly scopes: Set<Scope>
}

function shapeOf(
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  path: Path,
  planning: Planning,
): Shape | undefined {
  if (isNonNullType(type) || isListType(type)) {
    const inner = shapeOf(type.ofType, nodes, path, planning)
    if (inner === undefined) return undefined
    return isListType(type) ? { kind: 'list', inner } : { kind: 'required', inner }
  }
  if (isLeafType(type)) return { kind: 'leaf', serialize: (value) => type.serialize(value) }
  if (!isObjectType(type) || !plannedTypes.has(type.name) || !addScopes(type, planning.scopes)) return undefined
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  const entries = nodesByKey(type, selections, planning.fragments)
  const fields = entries?.map((entry) => fieldPlanOf(type, entry, path, planning))
  if (!fields?.every((field) => field !== undefined)) return undefined
  return { kind: 'object', fields, empty: Object.fromEntries(fields.map(({ key }) => [key, null])) }
}

function fieldPlanOf(
  parentType: GraphQLObjectType,
  [key, nodes]: Entry,
  prev: Path,
  planning: Planning,
): FieldPlan | undefined {
  const name = nodes[0]?.name.value ?? ''
  const field = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : parentType.getFields()[name]
  const resolve = field && resolverOf(parentType, field)
  if (field === undefined || resolve === undefined || !addScopes(field, planning.scopes)) return undefined
  const path = { prev, key, typename: parentType.name }
  const shape = shapeOf(field.type, nodes, path, planning)
  return shape && { key, nodes, parentType, path, field, resolve, shape }
}

type Entry = readonly [key: string, nodes: readonly FieldNode[]]

/** Merges the fields of selections by their names in the response; undefined with directives and other types. */
function nodesByKey(
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
  fragments: Fragments,
): Entry[] | undefined {
  const merged = new Map<string, FieldNode[]>()
  const merge = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (selection.directives?.length) return false
      if (selection.kind !== Kind.FIELD) return mergeFragment(selection)
      const key = (selection.alias ?? selection.name).value
      const nodes = merged.get(key) ?? []
      nodes.push(selection)
      merged.set(key, nodes)
      return key !== '__proto__'
    })
  const visited = new Set<InlineFragmentNode | FragmentDefinitionNode>()
  const mergeFragment = (selection: FragmentSpreadNode | InlineFragmentNode): boolean => {
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value]
    if (fragment === undefined || visited.has(fragment)) return fragment !== undefined
    visited.add(fragment)
    const { typeCondition, directives, selectionSet } = fragment
    const isOfType = (typeCondition?.name.value ?? type.name) === type.name
    return isOfType && !directives?.length && merge(selectionSet)
  }
  return selectionSets.every(merge) ? [...merged] : undefined
}

/** Adds the scopes that Pothos checks for a type or a field; returns false if it checks more than scopes. */
function addScopes({ extensions }: Pick<GraphQLObjectType, 'extensions'>, scopes: Set<Scope>): boolean {
  const options = Object(extensions['pothosOptions'])
  const required: unknown = options.authScopes ?? {}
  const isPlain = !['grantScopes', 'skipTypeScopes', 'skipInterfaceScopes', 'validate', 'errors'].some(
    (name) => options[name] !== undefined,
  )
  if (!isPlain || typeof required !== 'object' || required === null) return false
  for (const [name, scope] of Object.entries(required)) {
    if (name !== 'scope' || !isScope(scope)) return false
    scopes.add(scope)
  }
  return true
}

function isScope(value: unknown): value is Scope {
  return typeof value === 'string' && Object.hasOwn(Scope, value)
}

/** Returns the resolver of a field without Pothos' checks around it; undefined if it loads other rows by Prisma. */
function resolverOf(parentType: GraphQLObjectType, { name, extensions }: GraphQLField<unknown, unknown>) {
  if (name === TypeNameMetaFieldDef.name) return () => parentType.name
  const isNodeId = name === 'id' && parentType.getInterfaces().some((each) => each.name === 'Node')
  // Pothos encodes ids in a promise; ours are the ids of the rows (builder.ts).
  if (isNodeId) return propertyOf('id')
  const isRelation = 'pothosPrismaSelect' in extensions && !('pothosExposedField' in extensions)
  return isRelation ? undefined : (parseResolver(extensions['pothosOriginalResolve']) ?? propertyOf(name))
}

function propertyOf(name: string): Resolver {
  return (parent) => Object(parent)[name]
}

function parseResolver(value: unknown): Resolver | undefined {
  return typeof value === 'function' ? (value as Resolver) : undefined
}
